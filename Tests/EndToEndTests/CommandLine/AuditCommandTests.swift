import FinHubTestSupport
import Foundation
import GRDB
import Testing

extension EndToEnd.Commands {
    @Suite("Audit")
    struct AuditCommandTests {
        @Test("a log is listed and proven beside a running server, and an alteration of the file is named")
        func verify() async throws {
            let folder = try TemporaryFolder()
            let installation = try await Installation(in: folder)
            let account = installation.account
            let server = try await installation.serve()
            let api = APIClient(server, tenant: account.tenant)
            var stranger = account
            stranger.password = "not the password"
            #expect(try await api.tryLogin(as: stranger).status == 401)
            _ = try await api.login(as: account)
            let ended = try await run("session", ["end", "--user", account.user], account, folder)
            #expect(ended.status == 0, "\(ended.said)")

            let list = try await run("audit", ["list"], account, folder)
            let events = list.output.split(separator: "\n").dropFirst().map { $0.split(separator: "\t")[2] }
            #expect(
                events == ["authn_token_revoked", "authn_login_success", "authn_login_fail", "sensitive_create"],
                "\(list.said)"
            )
            #expect(list.output.contains("OPERATOR"), "\(list.said)")
            let sound = try await run("audit", ["verify"], account, folder)
            #expect(sound.status == 0)
            #expect(sound.output.contains("Entries: 4."), "\(sound.said)")
            let anchor = try #require(sound.output.split(whereSeparator: \.isWhitespace).last.map(String.init))
            _ = try await api.login(as: account)
            #expect(try await run("audit", ["verify", "--anchor", anchor], account, folder).status == 0)
            #expect(try await run("audit", ["verify", "--anchor", "3:x"], account, folder).status == 64)

            let erased = try await run("audit", ["erase", account.user], account, folder)
            #expect(erased.output.contains("is erased"), "\(erased.said)")
            #expect(try await run("audit", ["verify", "--anchor", anchor], account, folder).status == 0)
            #expect(try await server.stop() == 0)

            try await offPool {
                let database = try DatabaseQueue(path: folder.path("data") + "/finhub.sqlite")
                try database.write { db in
                    try db.execute(sql: "UPDATE audit_entry SET reason = 'OTP_REQUIRED' WHERE sequence = 1")
                }
                try database.close()
            }
            let broken = try await run("audit", ["verify"], account, folder)
            #expect(broken.status == 1)
            #expect(broken.errors.contains("broken at entry 1"), "\(broken.said)")
        }

        private func run(
            _ command: String,
            _ arguments: [String],
            _ account: Account,
            _ folder: TemporaryFolder
        ) async throws -> Finished {
            let place = ["--data-dir", folder.path("data"), "--tenant", account.tenant]
            return try await Executable.finhub([command] + arguments.prefix(1) + place + arguments.dropFirst())
        }
    }
}
