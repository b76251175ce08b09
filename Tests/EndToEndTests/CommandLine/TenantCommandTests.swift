import FinHubAPI
import Foundation
import NIOHTTP1
import Testing

extension EndToEnd.Commands {
    @Suite("Tenants")
    struct TenantCommandTests {
        @Test("are administered on the data folder, and a running server follows")
        func following() async throws {
            let folder = try TemporaryFolder()
            let installation = try await Installation(in: folder)
            let account = installation.account
            let server = try await installation.serve()
            let api = APIClient(server, tenant: account.tenant)
            let tokens = try await api.login(as: account)

            let policy = try await run(["policy", "set", "--token-lifetime-minutes", "5"], account.tenant, in: folder)
            #expect(policy.status == 0, "\(policy.said)")
            #expect(policy.output.contains("tokenLifetimeSeconds\t300\n"), "\(policy.said)")
            #expect(try await run(["suspend"], account.tenant, in: folder).status == 0)
            try await expect("TENANT_SUSPENDED", of: api, token: tokens.access)
            #expect(try await run(["activate"], account.tenantID, in: folder).status == 0)
            try await expect(nil, of: api, token: tokens.access)
            let list = try await run(["allowlist", "set", "192.0.2.0/24", "2001:db8::/32"], account.tenant, in: folder)
            #expect(list.output == "RANGE\n192.0.2.0/24\n2001:db8::/32\n", "\(list.said)")
            try await expect("IP_NOT_ALLOWED", of: api, token: tokens.access)
            #expect(try await run(["allowlist", "set", "--none"], account.tenant, in: folder).status == 0)
            try await expect(nil, of: api, token: tokens.access)
            #expect(try await api.tryLogin(as: account).data?["expiresIn"] == .number("300"))
            let metrics = try await APIClient.get(server.metrics).text
            #expect(metrics.contains("\nfinhub_tenant_credentials_old 0\n"), "\(metrics)")
            #expect(metrics.contains("\nfinhub_user_passwords_old 0\n"), "\(metrics)")
            #expect(try await server.stop() == 0)
        }

        @Test("a credential is rotated, watched and revoked")
        func credentials() async throws {
            let folder = try TemporaryFolder()
            let installation = try await Installation(in: folder)
            let account = installation.account
            let server = try await installation.serve()
            let api = APIClient(server, tenant: account.tenant)
            _ = try await api.login(as: account)
            #expect(try await server.stop() == 0)

            let clients = try await run(["credentials", "clients", "--key", account.key], account.tenant, in: folder)
            let rows = clients.output.split(separator: "\n").map { $0.split(separator: "\t") }
            #expect(rows.count == 2, "\(clients.said)")
            #expect(rows.last?.first == "127.0.0.1")
            #expect(rows.last?.last == "1")
            let new = try await run(["credentials", "rotate", "--overlap-hours", "0"], account.tenant, in: folder)
            #expect(new.status == 0, "\(new.said)")
            #expect(new.output.contains("tenantSecret\t"), "\(new.said)")
            let key = try #require(new.output.firstMatch(of: /tenantKey\t(.+)/)?.output.1)
            let listed = try await run(["credentials", "list", "--output", "json"], account.tenant, in: folder)
            let keys = try JSON(listed.output.trimmingCharacters(in: .newlines).utf8).array?.map {
                $0.object?["tenantKey"]?.string
            }
            #expect(keys == [account.key, String(key)])
            #expect(!listed.output.contains("ecret"))
            let last = try await run(["credentials", "revoke", "--key", String(key)], account.tenant, in: folder)
            #expect(last.status == 1)
            #expect(last.errors.contains("WOULD_LOCK_OUT"), "\(last.said)")
        }

        @Test("what is wrong is said, and nothing is changed")
        func refusals() async throws {
            let folder = try TemporaryFolder()
            let account = try await Installation(in: folder).account
            let unknown = try await run(["show"], "tenant_unknown", in: folder)
            #expect(unknown.status == 1)
            #expect(unknown.errors.contains("no such tenant"), "\(unknown.said)")
            let range = try await run(["allowlist", "set", "192.0.2.7/24"], account.tenant, in: folder)
            #expect(range.status == 1)
            #expect(range.errors.contains("write 192.0.2.0/24"), "\(range.said)")
            let bounds = try await run(["policy", "set", "--token-lifetime-minutes", "61"], account.tenant, in: folder)
            #expect(bounds.status == 1)
            #expect(bounds.errors.contains("tokenLifetimeSeconds must be"), "\(bounds.said)")
            #expect(try await run(["allowlist", "set"], account.tenant, in: folder).status == 64)
            #expect(try await run(["policy", "set"], account.tenant, in: folder).status == 64)
            let key = try await run(["credentials", "revoke", "--key", "-unknown"], account.tenant, in: folder)
            #expect(key.errors.contains("CREDENTIAL_NOT_FOUND"), "\(key.said)")
            let check = try await run(["allowlist", "check", "192.0.2.0/24"], account.tenant, in: folder)
            #expect(check.output.contains(": 0. Refused: 0."), "\(check.said)")
            let show = try await run(["show"], account.tenant, in: folder)
            #expect(show.output.contains("allowlistRanges\t0"), "\(show.said)")
        }

        /// Waits until a running server, which reads the feed, answers a call so.
        private func expect(_ error: String?, of api: APIClient, token: String) async throws {
            let deadline = ContinuousClock.now + .seconds(5)
            while ContinuousClock.now < deadline {
                if try await api.current(token).error == error { return }
            }
            Issue.record("the server never answered \(error ?? "200")")
        }

        private func run(_ command: [String], _ tenant: String, in folder: TemporaryFolder) async throws -> Finished {
            try await Executable.finhub(
                ["tenant"] + command + ["--data-dir", folder.path("data"), "--tenant", tenant]
            )
        }
    }
}
