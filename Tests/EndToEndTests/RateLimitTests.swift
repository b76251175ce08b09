import FinHubAPI
import NIOHTTP1
import Testing

extension EndToEnd {
    /// Limits as settings, on a server that clients reach over a network.
    @Suite("Rate limits and guessing")
    struct RateLimitTests {
        @Test("a client address has so many logins, whatever its headers say, and another class of calls its own")
        func address() async throws {
            let folder = try TemporaryFolder()
            let server = try await RunningServer.sandbox(in: folder, "--rate-login-per-address", "1:3")
            let tokens = try await APIClient(server).login()
            let spellings: [HTTPHeaders] = [
                ["X-Forwarded-For": "198.51.100.1", "x-tenant-id": Account.cloudVault.tenantID],
                ["x-forwarded-for": "198.51.100.2", "deviceId": "another"],
                ["X-FORWARDED-FOR": "198.51.100.3", "User-Agent": "another"],
            ]
            var statuses: [UInt] = []
            for headers in spellings {
                let answer = try await APIClient(server).send(
                    .POST,
                    Account.cloudVault.sessionsPath,
                    body: Account.cloudVault.loginBody,
                    headers: headers
                )
                statuses.append(answer.status)
                #expect(answer.headers["RateLimit-Limit"] == ["3"])
            }
            #expect(statuses == [200, 200, 429])
            let refused = try await APIClient(server).tryLogin(as: .finsei)
            #expect(refused.error == "RATE_LIMITED")
            #expect(refused.headers.first(name: "Retry-After").flatMap { Int($0) } ?? 0 >= 1)
            let current = try await APIClient(server).current(tokens.access)
            #expect(current.status == 200)
            #expect(current.headers["RateLimit-Limit"] == ["50000"])
            _ = try await server.stop()
        }

        @Test("a user is locked over a restart, and unlocked by command while the server runs")
        func unlock() async throws {
            let installation = try await Installation(in: try TemporaryFolder())
            var server = try await installation.serve()
            var api = APIClient(server, tenant: installation.account.tenant)
            var guess = installation.account
            guess.password = "a wrong guess"
            for _ in 0..<5 { #expect(try await api.tryLogin(as: guess).error == "INVALID_CREDENTIALS") }
            let refused = try await api.tryLogin(as: installation.account)
            #expect(refused.status == 429)
            #expect(refused.error == "TOO_MANY_ATTEMPTS")
            #expect(server.process.standardError.contains("authn_login_lock"))
            try await server.kill()
            server = try await installation.serve()
            api = APIClient(server, tenant: installation.account.tenant)
            #expect(try await api.tryLogin(as: installation.account).status == 429)
            let unlocked = try await unlock(installation.account.user, in: installation)
            #expect(unlocked.status == 0, "\(unlocked.said)")
            #expect(try await api.tryLogin(as: installation.account).status == 200)
            let unknown = try await unlock("00000000-0000-4000-8000-000000000000", in: installation)
            #expect(unknown.status == 1)
            #expect(unknown.errors.contains("USER_NOT_FOUND"))
            _ = try await server.stop()
        }

        private func unlock(_ user: String, in installation: Installation) async throws -> Finished {
            try await Executable.finhub([
                "user", "unlock", user, "--data-dir", installation.folder.path("data"),
                "--tenant", installation.account.tenant,
            ])
        }
    }
}
