import FinHubAPI
import FinHubClient
import Foundation
import Testing

extension EndToEnd {
    /// The client's commands against a real server.
    @Suite("Command line")
    enum Commands {}
}

/// Somebody at a shell, with a configuration folder of their own.
struct ShellUser: Sendable {
    let server: RunningServer
    let account: Account
    let folder: TemporaryFolder

    /// A user of that server.
    init(_ account: Account, of server: RunningServer) throws {
        self.server = server
        self.account = account
        folder = try TemporaryFolder()
    }

    /// A user of the suite's sandbox.
    init(_ account: Account = .cloudVault) throws {
        server = try #require(SharedSandbox.current)
        self.account = account
        folder = try TemporaryFolder()
    }

    /// Runs `finhub` with the tenant's key and secret in the environment.
    func finhub(
        _ arguments: String...,
        environment: [String: String] = [:],
        input: String? = nil
    ) async throws -> Finished {
        try await Executable.finhub(arguments, environment: self.environment.merging(environment) { $1 }, input: input)
    }

    /// Logs in with the password on standard input.
    @discardableResult
    func logIn(_ more: String..., password: String? = nil) async throws -> Finished {
        try await Executable.finhub(
            ["login"] + identityFlags + ["--password-stdin"] + more,
            environment: environment,
            input: (password ?? account.password) + "\n"
        )
    }

    /// The flags that say where and as whom.
    var identityFlags: [String] {
        [
            "--server", server.address, "--tenant", account.tenant, "--organization", account.organization,
            "--user", account.user, "--username", account.username,
        ]
    }

    /// The variables of every command.
    var environment: [String: String] {
        ["XDG_CONFIG_HOME": folder.url.path, "TENANT_KEY": account.key, "TENANT_SECRET": account.secret]
    }

    /// The session in use, as `whoami` tells.
    func session() async throws -> String {
        let finished = try await finhub("whoami", "--output", "json")
        let json = try #require(try JSON(Array(finished.output.utf8)).object, "\(finished.said)")
        return try #require(json["session"]?.object?["sessionId"]?.string)
    }

    /// The store that the commands keep tokens in.
    func tokenStore() throws -> FileTokenStore {
        let text = try String(contentsOfFile: folder.path("finhub/token.key"), encoding: .utf8)
        let key = try #require(Base64URL.decode(text.utf8.dropLast()))
        return try FileTokenStore(folder: folder.path("finhub/tokens"), key: Secret(key))
    }

    /// What the tokens are kept under.
    func tokenIdentity() throws -> TokenIdentity {
        let configuration = try account.configuration(at: server.address)
        return TokenIdentity(server: configuration.server, identity: configuration.identity)
    }
}

extension Finished {
    /// The output as lines of tab-separated values.
    var rows: [[String]] {
        output.split(separator: "\n").map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }
}
