import ArgumentParser
import FinHubCore

/// The flags of the rate limits: how many calls a minute, and how many at once after a colon.
struct RateFlags: ParsableArguments {
    @Option(help: "Logins of one client address: per minute, or per minute:at once; 0 for no limit.")
    var rateLoginPerAddress: String?
    @Option(help: "Logins of one tenant: per minute, or per minute:at once; 0 for no limit.")
    var rateLoginPerTenant: String?
    @Option(help: "Refreshes of one client address: per minute, or per minute:at once; 0 for no limit.")
    var rateRefreshPerAddress: String?
    @Option(help: "Refreshes of one tenant: per minute, or per minute:at once; 0 for no limit.")
    var rateRefreshPerTenant: String?
    @Option(help: "Refreshes of one session: per minute, or per minute:at once; 0 for no limit.")
    var rateRefreshPerSession: String?
    @Option(help: "Other calls of one client address: per minute, or per minute:at once; 0 for no limit.")
    var ratePerAddress: String?
    @Option(help: "Other calls of one tenant: per minute, or per minute:at once; 0 for no limit.")
    var ratePerTenant: String?
    @Option(help: "Other calls of one session: per minute, or per minute:at once; 0 for no limit.")
    var ratePerSession: String?

    /// The values given, by the settings' names.
    var given: [String: String?] {
        [
            "rate-login-per-address": rateLoginPerAddress,
            "rate-login-per-tenant": rateLoginPerTenant,
            "rate-refresh-per-address": rateRefreshPerAddress,
            "rate-refresh-per-tenant": rateRefreshPerTenant,
            "rate-refresh-per-session": rateRefreshPerSession,
            "rate-per-address": ratePerAddress,
            "rate-per-tenant": ratePerTenant,
            "rate-per-session": ratePerSession,
        ]
    }
}

extension Setting {
    /// How often calls may come; AWS API Gateway's 10,000 a second are the model for the most that one may make.
    static let rates: [Setting] = [
        rate("rate-login-per-address", "3000:1000", "Logins of one client address"),
        rate("rate-login-per-tenant", "6000:2000", "Logins of one tenant"),
        rate("rate-refresh-per-address", "60000:10000", "Refreshes of one client address"),
        rate("rate-refresh-per-tenant", "60000:10000", "Refreshes of one tenant"),
        rate("rate-refresh-per-session", "3000:1000", "Refreshes of one session"),
        rate("rate-per-address", "600000:100000", "Other calls of one client address"),
        rate("rate-per-tenant", "600000:100000", "Other calls of one tenant"),
        rate("rate-per-session", "300000:50000", "Other calls of one session"),
    ]

    private static func rate(_ name: String, _ standard: String, _ what: String) -> Setting {
        Setting(name: name, kind: .rate, standard: standard, summary: "\(what): per minute:at once, or 0")
    }
}

/// What a rate setting says; no limit is one of its values.
struct RateValue {
    let limit: RateLimit?

    /// Reads `per minute:at once`, or `per minute` for as many at once, or `0`; anything else is `nil`.
    init?(_ text: String) {
        guard text != "0" else {
            limit = nil
            return
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let numbers = parts.compactMap { Int($0) }
        guard (1...2).contains(parts.count), numbers.map(String.init) == parts,
            let limit = RateLimit(perMinute: numbers[0], burst: numbers[numbers.count - 1])
        else { return nil }
        self.limit = limit
    }
}

extension Settings {
    var rateLimits: RateLimits {
        func limit(_ name: String) -> RateLimit? { RateValue(self[name])?.limit }
        return RateLimits(
            login: RatePlan(perAddress: limit("rate-login-per-address"), perTenant: limit("rate-login-per-tenant")),
            refresh: RatePlan(
                perAddress: limit("rate-refresh-per-address"),
                perTenant: limit("rate-refresh-per-tenant"),
                perSession: limit("rate-refresh-per-session")
            ),
            rest: RatePlan(
                perAddress: limit("rate-per-address"),
                perTenant: limit("rate-per-tenant"),
                perSession: limit("rate-per-session")
            )
        )
    }
}
