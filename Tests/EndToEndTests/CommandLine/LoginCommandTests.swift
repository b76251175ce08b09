import FinHubAPI
import FinHubClient
import Foundation
import Testing

extension EndToEnd.Commands {
    @Suite("Log in and out", .sharedSandbox)
    struct LoginCommandTests {
        @Test("log in once, call, log out")
        func course() async throws {
            let user = try ShellUser()
            let login = try await user.logIn()
            #expect(login.status == 0, "\(login.said)")
            let whoami = try await user.finhub("whoami")
            #expect(whoami.rows.contains(["email", user.account.username]), "\(whoami.said)")
            #expect(whoami.rows.contains(["roles", "ADMIN"]))
            let session = try await user.session()

            #expect(try await user.finhub("logout").status == 0)
            let after = try await user.finhub("whoami")
            #expect(after.status == 77)
            #expect(after.errors.contains("finhub login"))
            #expect(try await user.finhub("logout").status == 0)
            // The profile has stayed: the password is all that is asked for.
            let again = try await user.finhub("login", "--password-stdin", input: user.account.password)
            #expect(again.status == 0, "\(again.said)")
            #expect(try await user.session() != session)
            let ended = try await user.finhub("call", "GET", "/admin/sessions/\(session)", "--output", "table")
            #expect(ended.rows.contains(["status", "ENDED"]), "\(ended.said)")
        }

        @Test("a login ends the session before it")
        func replaces() async throws {
            let user = try ShellUser(.finsei)
            try await user.logIn()
            let first = try await user.session()
            try await user.logIn()
            #expect(try await user.session() != first)
            let list = try await user.finhub("sessions", "list")
            #expect(list.status == 0)
            #expect(!list.output.contains(first), "\(list.output)")
        }

        @Test("a wrong password is refused, and leaves session and profile as they were")
        func wrongPassword() async throws {
            let user = try ShellUser()
            let refused = try await user.logIn(password: "not-the-password")
            #expect(refused.status == 1)
            #expect(refused.errors.contains("INVALID_CREDENTIALS"))
            #expect(refused.errors.contains("correlation id"))
            #expect(try await user.finhub("whoami").status == 77)

            try await user.logIn()
            let session = try await user.session()
            #expect(try await user.logIn(password: "not-the-password").status == 1)
            #expect(try await user.session() == session)
        }

        @Test("profiles are apart")
        func profiles() async throws {
            let user = try ShellUser()
            let other = Account.finsei
            try await user.logIn("--profile", "vault")
            let second = try await user.finhub(
                "login",
                "--profile",
                "finsei",
                "--server",
                user.server.address,
                "--tenant",
                other.tenant,
                "--organization",
                other.organization,
                "--user",
                other.user,
                "--username",
                other.username,
                "--password-stdin",
                environment: ["TENANT_KEY": other.key, "TENANT_SECRET": other.secret],
                input: other.password
            )
            #expect(second.status == 0, "\(second.said)")
            #expect(try await user.finhub("whoami").output.contains(other.username))
            #expect(try await user.finhub("whoami", "--profile", "vault").output.contains(user.account.username))
            let byVariable = try await user.finhub("whoami", environment: ["FINHUB_PROFILE": "vault"])
            #expect(byVariable.output.contains(user.account.username))
            let unknown = try await user.finhub("whoami", "--profile", "nobody")
            #expect(unknown.status == 77)
            #expect(unknown.errors.contains("finsei, vault"))
        }

        @Test("secrets come from files that the environment names")
        func secretFiles() async throws {
            let user = try ShellUser()
            for (name, text) in [
                ("key", user.account.key), ("secret", user.account.secret), ("pass", "your_secure_password"),
            ] {
                try Data((text + "\n").utf8).write(to: user.folder.url.appending(path: name))
            }
            let login = try await Executable.finhub(
                ["login"] + user.identityFlags,
                environment: [
                    "XDG_CONFIG_HOME": user.folder.url.path, "TENANT_KEY": "",
                    "TENANT_KEY_FILE": user.folder.path("key"), "TENANT_SECRET_FILE": user.folder.path("secret"),
                    "FINHUB_PASSWORD_FILE": user.folder.path("pass"),
                ]
            )
            #expect(login.status == 0, "\(login.said)")
        }

        @Test("two commands at once, their token due, refresh it once")
        func refreshOnce() async throws {
            let user = try ShellUser()
            try await user.logIn()
            let (store, identity) = (try user.tokenStore(), try user.tokenIdentity())
            let tokens = try #require(try await store.load(identity))
            let now = SystemClock().wallClock
            let due = StoredTokens(
                session: tokens.session,
                user: tokens.user,
                token: tokens.token,
                refreshToken: tokens.refreshToken,
                issuedAt: now - .seconds(3_540),
                expiresAt: now + .seconds(60)
            )
            try await store.save(due, for: identity)
            let before = try await user.server.count("finhub_refreshes_total")
            async let one = user.finhub("whoami")
            async let other = user.finhub("whoami")
            let statuses = [try await one.status, try await other.status]
            #expect(statuses == [0, 0])
            #expect(try await user.server.count("finhub_refreshes_total") == before + 1)
            let kept = try #require(try await store.load(identity))
            #expect(!kept.token.matches(tokens.token))
            #expect(kept.session == tokens.session)
        }
    }
}
