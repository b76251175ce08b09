import FinHubAPI
import FinHubTestSupport
import Foundation
import NIOHTTP1
import Testing

extension EndToEnd.Commands {
    @Suite("Second factor")
    struct SecondFactorCommandTests {
        @Test("is removed on the data folder, and a running server asks for no code any more")
        func remove() async throws {
            let folder = try TemporaryFolder()
            let installation = try await Installation(in: folder)
            let account = installation.account
            let server = try await installation.serve()
            let api = APIClient(server, tenant: account.tenant)
            let tokens = try await api.login(as: account)
            _ = try await api.enrol(account, tokens)
            #expect(try await api.tryLogin(as: account).error == "OTP_REQUIRED")

            let removed = try await run(account.tenant, account.user, in: folder)
            #expect(removed.status == 0, "\(removed.said)")
            #expect(removed.output.contains("sessions ended: 1."))
            #expect(try await api.tryLogin(as: account).status == 200)
            let again = try await run(account.tenantID, account.user, in: folder)
            #expect(again.status == 1)
            #expect(again.errors.contains("SECOND_FACTOR_NOT_FOUND"), "\(again.said)")
            #expect(try await server.stop() == 0)
        }

        @Test("is asked for at the terminal when the server wants a code, or comes from the environment")
        func login() async throws {
            let folder = try TemporaryFolder()
            let installation = try await Installation(in: folder)
            let account = installation.account
            let server = try await installation.serve()
            let api = APIClient(server, tenant: account.tenant)
            let codes = try await api.enrol(account, try await api.login(as: account))
            let user = try ShellUser(account, of: server)

            let secrets = user.environment.merging(["FINHUB_PASSWORD": account.password]) { $1 }
            let missing = try await Executable.finhubWithoutTerminal(
                ["login"] + user.identityFlags,
                environment: secrets
            )
            #expect(missing.status == 64, "\(missing.said)")
            #expect(missing.errors.contains("FINHUB_OTP"), "\(missing.said)")
            let given = try await Executable.finhub(
                ["login"] + user.identityFlags,
                environment: secrets.merging(["FINHUB_OTP": codes[0]]) { $1 }
            )
            #expect(given.status == 0, "\(given.said)")
            let terminal = try TerminalProcess(["login"], environment: secrets)
            try await terminal.screen(showing: "Code of the second factor: ")
            try terminal.type(codes[1] + "\n")
            let finished = try await terminal.finished()
            #expect(finished.status == 0, "\(finished.output)")
            #expect(finished.output.contains("Logged in as"))
            #expect(!finished.output.contains(codes[1]))
            #expect(try await server.stop() == 0)
        }

        @Test("refuses a tenant and a user that there are not")
        func unknown() async throws {
            let folder = try TemporaryFolder()
            let account = try await Installation(in: folder).account
            let tenant = try await run("tenant_unknown", account.user, in: folder)
            #expect(tenant.status == 1)
            #expect(tenant.errors.contains("no such tenant"), "\(tenant.said)")
            let user = try await run(account.tenant, account.organization, in: folder)
            #expect(user.status == 1)
            #expect(user.errors.contains("USER_NOT_FOUND"), "\(user.said)")
            #expect(try await run(account.tenant, "ada", in: folder).status == 64)
        }

        private func run(_ tenant: String, _ user: String, in folder: TemporaryFolder) async throws -> Finished {
            try await Executable.finhub([
                "user", "second-factor", "remove", "--data-dir", folder.path("data"), "--tenant", tenant,
                "--user", user,
            ])
        }
    }
}

extension APIClient {
    /// Puts a second factor in force; its recovery codes.
    fileprivate func enrol(_ account: Account, _ tokens: SessionTokens) async throws -> [String] {
        let path = "/admin/users/\(account.user)/second-factor"
        let password = #"{"currentPassword":"\#(account.password)"}"#
        let begun = try await send(.POST, path, token: tokens.access, body: password)
        let secret = try #require(begun.data("secret"), "\(begun.text)")
        let phone = try #require(Phone(secret: secret))
        let otp = phone.code(at: Timestamp(seconds: Int64(Date.now.timeIntervalSince1970)))
        let confirmed = try await send(.PUT, path, token: tokens.access, body: #"{"otp":"\#(otp)"}"#)
        return try #require(confirmed.data?["recoveryCodes"]?.array, "\(confirmed.text)").compactMap(\.string)
    }
}
