import FinHubTestSupport
import NIOHTTP1
import Testing

extension EndToEnd.Commands {
    @Suite("Users")
    struct UserCommandTests {
        @Test("are created, listed, changed, reset and deleted on the data folder, and a running server follows")
        func life() async throws {
            let folder = try TemporaryFolder()
            let installation = try await Installation(in: folder)
            let account = installation.account
            let server = try await installation.serve()
            let api = APIClient(server, tenant: account.tenant)
            let created = try await run("create", ["--username", "mia", "--email", "mia@ex.org"], account, folder)
            #expect(created.status == 0, "\(created.said)")
            let words = created.output.split(whereSeparator: \.isWhitespace).map(String.init)
            let id = try #require(words.dropFirst().first)
            let password = try #require(words.firstIndex(of: "password").map { words[$0 + 1] })
            var mia = account
            (mia.user, mia.username, mia.password) = (id, "mia", password)
            let tokens = try await api.login(as: mia)
            let current = try await api.send(.GET, "/admin/sessions/current", token: tokens.access)
            #expect(current.error == "PASSWORD_CHANGE_REQUIRED")

            let list = try await run("list", ["--search", "MI"], account, folder)
            #expect(list.output.split(separator: "\n").count == 2, "\(list.said)")
            #expect(list.output.contains("\(id)\tmia\tmia@ex.org\tADMIN\tACTIVE\ttemporary\tno"), "\(list.said)")
            let off = try await run("update", [id, "--disable-access"], account, folder)
            #expect(off.output.contains("sessions ended: 1."), "\(off.said)")
            #expect(try await api.tryLogin(as: mia).error == "ACCOUNT_DISABLED")
            #expect(try await run("update", [id, "--enable-access"], account, folder).status == 0)
            #expect(try await api.tryLogin(as: mia).status == 200)
            let reset = try await run("reset-password", [id], account, folder)
            #expect(reset.output.contains("temporary password"), "\(reset.said)")
            #expect(try await api.tryLogin(as: mia).error == "INVALID_CREDENTIALS")
            #expect(try await run("delete", [id], account, folder).status == 0)
            #expect(try await run("show", [id], account, folder).errors.contains("USER_NOT_FOUND"))
            #expect(try await server.stop() == 0)
        }

        @Test("that can't be so are refused, with what to do")
        func refused() async throws {
            let folder = try TemporaryFolder()
            let account = try await Installation(in: folder).account
            let last = try await run("delete", [account.user], account, folder)
            #expect(last.status == 1)
            #expect(last.errors.contains("LAST_ADMINISTRATOR"), "\(last.said)")
            let weak = try await run(
                "reset-password",
                [account.user, "--password-stdin"],
                account,
                folder,
                input: "passwordpassword\n"
            )
            #expect(weak.errors.contains("PASSWORD_REJECTED"), "\(weak.said)")
            let role = try await run("update", [account.user, "--role", "KING"], account, folder)
            #expect(role.errors.contains("there is no “KING”"), "\(role.said)")
            #expect(try await run("update", [account.user], account, folder).status == 64)
            #expect(try await run("show", ["ada"], account, folder).status == 64)
        }

        private func run(
            _ command: String,
            _ arguments: [String],
            _ account: Account,
            _ folder: TemporaryFolder,
            input: String = ""
        ) async throws -> Finished {
            let place = ["--data-dir", folder.path("data"), "--tenant", account.tenant]
            return try await Executable.finhub(["user", command] + arguments + place, input: input)
        }
    }
}
