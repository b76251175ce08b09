import FinHubAPI
import FinHubClient
import Foundation

/// Where and as whom to call: everything about a login but its secrets.
struct Profile: Codable, Hashable, Sendable {
    var server: String
    /// The tenant's slug or UUID.
    var tenant: String
    var organization: String
    var user: String
    /// Offered at the next login.
    var username: String
    /// The authorities that the server's certificate must come from, a PEM file; `nil` for the system's.
    var caFile: String?

    /// What the SDK is configured with.
    ///
    /// - Throws: ``ClientFailure`` when a value makes no sense, `FinHubClientError` for the address.
    func configuration(credentials: CredentialSource) throws -> FinHubClient.Configuration {
        guard let organization = OrganizationID(organization) else {
            throw ClientFailure(status: .usage, message: "“\(self.organization)” is no organization id: it is a UUID.")
        }
        guard let user = UserID(user) else {
            throw ClientFailure(status: .usage, message: "“\(self.user)” is no user id: it is a UUID.")
        }
        var configuration = FinHubClient.Configuration(
            server: try ServerAddress(server),
            identity: SessionIdentity(tenant: tenant, organization: organization, user: user),
            credentials: credentials
        )
        if let caFile { configuration.trust = .file(caFile) }
        return configuration
    }
}

/// The profiles by name, and the one that is meant when none is named.
struct Profiles: Codable, Sendable {
    /// The name that a first login gets by default.
    static let standardName = "default"

    var current = standardName
    var profiles: [String: Profile] = [:]

    /// Reads the file; none there is no profiles.
    ///
    /// - Throws: ``ClientFailure``.
    init(from path: String) throws {
        guard let data = try PrivateFile.read(path) else { return }
        do {
            self = try JSONDecoder().decode(Profiles.self, from: data)
        } catch {
            throw ClientFailure(
                status: .misconfigured,
                message: "\(path) is no file of profiles.",
                suggestions: ["Put it right, or move it away and log in again."]
            )
        }
    }

    /// Writes the file, mode 0600, wholly or not at all.
    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try PrivateFile.replace(path, with: encoder.encode(self) + Data("\n".utf8))
    }

    /// The name that is in force: the one given, else `FINHUB_PROFILE`, else the current one.
    func name(given: String?) -> String {
        let variable = ProcessInfo.processInfo.environment[ClientVariables.profile] ?? ""
        return given ?? (variable.isEmpty ? current : variable)
    }

    /// The profile in force.
    ///
    /// - Throws: ``ClientFailure`` when there is none.
    func profile(given: String?) throws -> (name: String, profile: Profile) {
        let name = name(given: given)
        if let profile = profiles[name] { return (name, profile) }
        guard !profiles.isEmpty else { throw ClientFailure.notLoggedIn("You have not logged in yet.") }
        let known = profiles.keys.sorted().joined(separator: ", ")
        throw ClientFailure.notLoggedIn("There is no profile “\(name)”; there is \(known).")
    }
}

extension ClientFailure {
    static func notLoggedIn(_ message: String) -> ClientFailure {
        ClientFailure(
            status: .notLoggedIn,
            message: message,
            suggestions: ["Log in: finhub login --server https://… (finhub login --help)"]
        )
    }
}
