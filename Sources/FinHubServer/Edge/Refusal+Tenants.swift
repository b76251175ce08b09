import FinHubAPI
import FinHubCore
import HTTPTypes

/// What there is to say about refused changes of tenants.
extension Refusal {
    init(_ error: TenantRefusal) {
        switch error {
        case .notFound:
            self.init(.notFound, .notFound, "There is no such tenant in this data folder.")
        case .changedMeanwhile:
            self.init(
                .preconditionFailed,
                .preconditionFailed,
                "It is no longer the edition that If-Match names.",
                suggestions: ["Read it again, apply the change to it, and send its new ETag"]
            )
        case .busy:
            self = .overloaded(retryAfterSeconds: 1)
        case .wouldLockOut(let address):
            let caller = address.map { "Your own address, \($0)," } ?? "Your own address, which is not known,"
            self.init(
                .conflict,
                .wouldLockOut,
                "\(caller) is not on the new allowlist: you would be kept out with it.",
                suggestions: ["Add a range with your address", "Send \"force\": true if that is what you want"]
            )
        }
    }

    init(_ error: CredentialRefusal) {
        switch error {
        case .notFound:
            self.init(.notFound, .credentialNotFound, "There is no such tenant credential in this tenant.")
        case .limitReached(let end):
            let wait = end.map { "Wait until one of them ends, at \($0) UTC" }
            self.init(
                .conflict,
                .credentialLimitReached,
                "Two tenant credentials are in force, and there can't be more.",
                suggestions: ["Revoke the one that is no longer used"] + [wait].compactMap { $0 }
            )
        case .wouldLockOut:
            self.init(
                .conflict,
                .wouldLockOut,
                "No other credential of the tenant lasts: without it nobody could log in, now or before long.",
                suggestions: [
                    "Create a new one first, and let the backends use it",
                    "Revoke it with force=true if that is what you want",
                ]
            )
        }
    }
}
