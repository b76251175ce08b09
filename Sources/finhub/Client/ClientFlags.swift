import ArgumentParser
import FinHubAPI
import FinHubClient
import Logging

/// The flags of every command that calls a FinHub host.
struct ClientFlags: ParsableArguments {
    @Option(help: "The profile to use; FINHUB_PROFILE, or that of the last login, by default.")
    var profile: String?
    @Option(help: "How long a call may take in all, in seconds, 1 to 3,600.")
    var timeout = 30
    @Flag(help: "Say on standard error what the client does.")
    var verbose = false

    mutating func validate() throws {
        guard (1...3_600).contains(timeout) else { throw ValidationError("--timeout must be from 1 to 3600.") }
        guard profile?.isEmpty != true else { throw ValidationError("--profile must not be empty.") }
    }

    /// Makes a client for `profile` and has `body` use it.
    func withClient(
        _ profile: Profile,
        credentials: CredentialSource,
        store: FileTokenStore,
        _ body: (FinHubClient) async throws -> Void
    ) async throws {
        var configuration = try profile.configuration(credentials: credentials)
        configuration.deadline = .seconds(timeout)
        // A person waits: failing soon and saying so beats patience.
        configuration.retries.attempts = 3
        configuration.cacheBytes = 0
        let showsAll = verbose
        configuration.logger = Logger(label: "finhub.client") { _ in ConsoleLog(showsAll: showsAll) }
        let client = try FinHubClient(configuration: configuration, tokenStore: store)
        do {
            try await body(client)
            await client.shutdown()
        } catch {
            await client.shutdown()
            guard let error = error as? FinHubClientError else { throw error }
            throw ClientFailure(error, server: configuration.server)
        }
    }

    /// Makes a client that goes on with the session of the last login, and never logs in itself.
    func withSession(_ body: (FinHubClient, _ profile: String) async throws -> Void) async throws {
        let folder = ClientFolder()
        let (name, profile) = try Profiles(from: folder.profiles).profile(given: self.profile)
        let store = try folder.tokenStore()
        let identity = try profile.tokenIdentity
        let remedy = "Run: finhub login" + (self.profile.map { " --profile \($0)" } ?? "")
        let credentials = CredentialSource {
            // Tokens that can't be read are another trouble than none, and this throws it.
            _ = try await store.load(identity)
            throw FinHubClientError(
                code: .clientNotLoggedIn,
                message: "You are not logged in, or the session is over.",
                suggestions: [remedy]
            )
        }
        try await withClient(profile, credentials: credentials, store: store) { try await body($0, name) }
    }
}

extension Profile {
    /// What its tokens are kept under.
    var tokenIdentity: TokenIdentity {
        get throws {
            let nobody = CredentialSource { throw CancellationError() }
            let configuration = try configuration(credentials: nobody)
            return TokenIdentity(server: configuration.server, identity: configuration.identity)
        }
    }
}
