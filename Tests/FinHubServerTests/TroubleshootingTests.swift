import FinHubAPI
import FinHubServer
import FinHubTestSupport
import HTTPTypes
import Testing

/// The reference's *Troubleshooting*: each cause provoked, each solution applied, over the API.
///
/// `TroubleshootingCommandTests` has the same over the commands.
@Suite("The reference's troubleshooting list, over the API")
struct TroubleshootingTests {
    // MARK: 401 at login

    @Test("an incorrect user name or password: verify the credentials, or give a new password")
    func credentials() async throws {
        try await withOffice { server in
            let kai = try await server.session(.kai).token
            let verify = "Verify credentials in Admin Portal"
            let unknown = try await server.login(.lin, username: "admin30@example.org")
            unknown.expect(401, "INVALID_CREDENTIALS", verify)
            let found = try await server.userNames("search=admin3", by: kai)
            #expect(found == [Account.lin.username])
            #expect(try await server.login(.lin, username: found.first).status == 200)

            let wrong = try await server.login(.lin, password: "correct horse battery")
            wrong.expect(401, "INVALID_CREDENTIALS", verify)
            let id = "\(Account.lin.user)"
            let temporary = try await server.reset(id, by: kai).text("temporaryPassword")
            let tokens = try Tokens(await server.login(.lin, password: temporary))
            #expect(try await server.current(tokens.token, .lin).error == "PASSWORD_CHANGE_REQUIRED")
            #expect(try await server.setPassword(of: id, by: tokens.token, from: temporary).status == 200)
            let free = try Tokens(await server.login(.lin, password: .fresh))
            #expect(try await server.current(free.token, .lin).status == 200)
        }
    }

    @Test("a disabled account: check if it is active")
    func disabled() async throws {
        try await withOffice { server in
            let kai = try await server.session(.kai).token
            try await server.change(.lin, status: "DISABLED", by: kai)
            try await server.login(.lin).expect(401, "ACCOUNT_DISABLED", "Check if account is active")
            #expect(try await server.user(.get, "\(Account.lin.user)", by: kai).text("status") == "DISABLED")
            try await server.change(.lin, by: kai)
            #expect(try await server.login(.lin).status == 200)
        }
    }

    @Test("no admin privileges: ensure that the user has the ADMIN role")
    func role() async throws {
        try await withOffice { server in
            let kai = try await server.session(.kai).token
            try await server.change(.lin, roles: ["MEMBER"], by: kai)
            try await server.login(.lin).expect(403, "ADMIN_ROLE_REQUIRED", "Ensure user has ADMIN role")
            try await server.change(.lin, by: kai)
            #expect(try await server.login(.lin).status == 200)
        }
    }

    // MARK: 403 at login

    @Test("an invalid tenant key or secret: regenerate tenant keys")
    func tenantKeys() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let regenerate = "Regenerate tenant keys in Admin Portal"
            for refused in [try await server.login(key: "key-9"), try await server.login(secret: "lost, alas")] {
                refused.expect(403, "INVALID_TENANT_CREDENTIALS", regenerate)
            }
            let new = try await desk.call(.post, "credentials", body: "{}")
            let answer = try await server.login(key: new.text("tenantKey"), secret: new.text("tenantSecret"))
            #expect(answer.status == 200)
        }
    }

    @Test("an address that is not whitelisted: check the IP whitelist settings")
    func allowlist() async throws {
        try await withServerBehindProxy { server in
            let desk = try await Desk(server, at: "203.0.113.7")
            #expect(try await desk.allow(["203.0.113.0/24"]).status == 200)
            let refused = try await server.login(.ada, from: "198.51.100.4")
            refused.expect(403, "IP_NOT_ALLOWED", "Check IP whitelist settings")
            let list = try await desk.call(.get, "ip-allowlist")
            #expect(list.data?["ranges"] == .array([.string("203.0.113.0/24")]))
            #expect(try await desk.allow(["203.0.113.0/24", "198.51.100.4/32"]).status == 200)
            #expect(try await server.login(.ada, from: "198.51.100.4").status == 200)
        }
    }

    @Test("a suspended tenant: the support, which has the data folder, lets it in again")
    func suspended() async throws {
        try await withServer { server in
            try await server.services.setActive(false, tenantNamed: Account.ada.slug)
            try await server.beat()
            try await server.login().expect(403, "TENANT_SUSPENDED", "Contact support if account is suspended")
            try await server.services.setActive(true, tenantNamed: Account.ada.slug)
            try await server.beat()
            #expect(try await server.login().status == 200)
        }
    }

    // MARK: An expired token

    @Test("a token used after its time: refresh before; log in again if that fails")
    func late() async throws {
        try await withServer { server in
            let tokens = try await server.session()
            server.clock.advance(by: 3_300)
            let renewed = try Tokens(await server.refresh(tokens))
            server.clock.advance(by: 300)
            try await server.current(tokens.token)
                .expect(401, "TOKEN_EXPIRED", "Implement automatic refresh before expiry")
            #expect(try await server.current(renewed.token).status == 200)
            server.clock.advance(by: 3_300)
            try await server.refresh(renewed).expect(401, "SESSION_EXPIRED", "Re-authenticate if refresh fails")
            #expect(try await server.login().status == 200)
        }
    }

    @Test("a server whose time drifts: sync it, and what was good is good again")
    func drift() async throws {
        try await withServer { server in
            let tokens = try await server.session()
            server.clock.advance(by: 7_200)
            try await server.current(tokens.token).expect(401, "TOKEN_EXPIRED", "Sync server time with NTP")
            server.clock.advance(by: -7_200)
            #expect(try await server.current(tokens.token).status == 200)
            #expect(try await server.refresh(tokens).data?["expiresIn"] == .number("3600"))
        }
    }

    // MARK: A session that is gone

    @Test("a session that was ended by hand: create a new one")
    func ended() async throws {
        try await withServer { server in
            let (desk, tokens) = (try await Desk(server), try await server.session())
            let path = "/api/v2.1/admin/sessions/\(tokens.session)"
            #expect(try await server.call(.delete, path, token: desk.token).status == 200)
            try await server.current(tokens.token).expect(401, "SESSION_REVOKED", "Create new session")
            let new = try await server.session()
            #expect(try await server.current(new.token).status == 200)
        }
    }

    @Test("several sessions at once: one per user if required, and as many as you like if not")
    func concurrent() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            #expect(try await desk.limitSessions(to: 1, "EVICT_OLDEST").status == 200)
            server.clock.advance(by: 1)
            let new = try await server.session()
            try await desk.current().expect(401, "SESSION_SUPERSEDED", "Check session management policies")
            #expect(try await server.current(new.token).status == 200)
            #expect(try await Desk(server, token: new.token).setPolicy { _ in }.status == 200)
            _ = try await server.session()
            #expect(try await server.current(new.token).status == 200)
        }
    }

    @Test("a session whose time is over: check the session policies, and create a new one")
    func timeout() async throws {
        try await withServer { server in
            _ = try await Desk(server).setPolicy { $0.absoluteLifetimeSeconds = 3_600 }
            let old = try await server.session()
            server.clock.advance(by: 3_000)
            let late = try Tokens(await server.refresh(old))
            server.clock.advance(by: 600)
            try await server.refresh(late).expect(401, "SESSION_EXPIRED", "Re-authenticate if refresh fails")
            let desk = try await Desk(server)
            #expect(try await desk.call(.get, "policy").data?["absoluteLifetimeSeconds"] == .number("3600"))
            _ = try await desk.setPolicy { _ in }
            let new = try await server.session()
            server.clock.advance(by: 3_000)
            let renewed = try Tokens(await server.refresh(new))
            server.clock.advance(by: 600)
            #expect(try await server.refresh(renewed).status == 200)
        }
    }
}

extension Answer {
    /// Expects a refusal that says what to do.
    fileprivate func expect(
        _ status: Int,
        _ error: String,
        _ suggestion: String,
        at location: SourceLocation = #_sourceLocation
    ) {
        #expect(self.status == status, sourceLocation: location)
        #expect(self.error == error, sourceLocation: location)
        let suggestions = data?["suggestions"]?.array ?? []
        #expect(suggestions.contains(.string(suggestion)), "\(suggestions)", sourceLocation: location)
    }
}

extension TestServer {
    /// Changes a user; what is not given becomes what an administrator has.
    fileprivate func change(
        _ account: Account,
        roles: [String] = ["ADMIN"],
        status: String = "ACTIVE",
        by token: String
    ) async throws {
        let names = roles.map { "\"\($0)\"" }.joined(separator: ",")
        let body = #"{"email":"e.\#(account.username)","roles":[\#(names)],"status":"\#(status)"}"#
        let answer = try await user(.put, "\(account.user)", by: token, match: "*", body: body)
        try #require(answer.status == 200, "\(answer.json)")
    }
}
