import Foundation
import Testing

/// What `finhub init` made: a data folder, and an account in it.
struct Installation: Sendable {
    let account: Account
    let folder: TemporaryFolder

    /// Runs `finhub init` on the folder `data`, and takes the account from what it prints.
    init(in folder: TemporaryFolder) async throws {
        self.folder = folder
        let finished = try await Self.initialise(folder)
        try #require(finished.status == 0, "\(finished.said)")
        func printed(_ label: String) throws -> String {
            let lines = finished.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            return try #require(lines.first { $0.first == label && $0.count > 1 }?[1], "\(finished.output)")
        }
        let tenantLine = try #require(finished.output.split(separator: "\n").first { $0.contains("X-Tenant-ID") })
        let tenantID = try #require(tenantLine.firstMatch(of: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/)?.output.0)
        account = Account(
            tenant: "tenant_acme",
            tenantID: String(tenantID),
            organization: try printed("organizationId"),
            user: try printed("userId"),
            username: "ada@acme.example",
            password: try printed("password"),
            key: try printed("tenantKey"),
            secret: try printed("tenantSecret")
        )
    }

    /// Runs `finhub init` on the folder `data`.
    static func initialise(_ folder: TemporaryFolder) async throws -> Finished {
        try await Executable.finhub([
            "init", "--data-dir", folder.path("data"), "--tenant-slug", "tenant_acme", "--tenant-name", "Acme",
            "--admin-username", "ada@acme.example",
        ])
    }

    /// Starts `finhub serve` on it.
    func serve(_ options: [String] = []) async throws -> RunningServer {
        try await .start(["serve", "--data-dir", folder.path("data")] + options)
    }

    /// Runs a `finhub serve` that must not start; it ends by itself.
    func refusedServe(_ options: [String] = []) async throws -> Finished {
        try await Executable.finhub(
            ["serve", "--data-dir", folder.path("data"), "--port", "0", "--admin-port", "0"] + options
        )
    }
}
