import FinHubAPI
import FinHubTestSupport
import Testing

/// What a change of the policy does to sessions that are there already; docs/operating.md has the table.
@Suite("A changed policy and live sessions")
struct LiveSessionTests {
    @Test("another token lifetime counts from the next token on")
    func tokenLifetime() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let tokens = try await server.session()
            _ = try await desk.setPolicy { $0.tokenLifetimeSeconds = 300 }
            server.clock.advance(by: 400)
            #expect(try await server.current(tokens.token).status == 200)
            let renewed = try await server.refresh(tokens)
            #expect(renewed.data?["expiresIn"] == .number("300"))
            #expect(try renewed.text("expiresAt") == "2026-01-01T12:11:40.0000000")
            let fresh = try await server.login()
            #expect(fresh.data?["expiresIn"] == .number("300"))
            server.clock.advance(by: 300)
            #expect(try await server.current(try Tokens(renewed).token).error == "TOKEN_EXPIRED")
            #expect(try await server.current(try Tokens(fresh).token).error == "TOKEN_EXPIRED")
        }
    }

    @Test("another absolute lifetime is for new sessions")
    func absoluteLifetime() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let old = try await server.session()
            _ = try await desk.setPolicy { $0.absoluteLifetimeSeconds = 3_600 }
            let new = try await server.session()
            server.clock.advance(by: 3_000)
            let (older, newer) = (try Tokens(await server.refresh(old)), try Tokens(await server.refresh(new)))
            server.clock.advance(by: 600)
            #expect(try await server.refresh(older).status == 200)
            #expect(try await server.refresh(newer).error == "SESSION_EXPIRED")
        }
    }

    @Test("another retry window counts at once")
    func retryWindow() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let tokens = try await server.session()
            #expect(try await server.refresh(tokens).status == 200)
            #expect(try await server.refresh(tokens).status == 200)
            _ = try await desk.setPolicy { $0.refreshRetryWindowSeconds = 0 }
            #expect(try await server.refresh(tokens).error == "REFRESH_TOKEN_REUSED")
        }
    }

    @Test("a maximum age of passwords counts at the next login and refresh")
    func passwordAge() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let tokens = try await server.session()
            server.clock.advance(by: 300)
            _ = try await desk.setPolicy { $0.passwordMaximumAgeDays = 1 }
            server.clock.advance(by: 86_400)
            #expect(try await server.login().error == "PASSWORD_EXPIRED")
            server.clock.advance(by: -86_400 + 600)
            #expect(try await server.current(tokens.token).status == 200)
            #expect(try await server.refresh(tokens).status == 200)
        }
    }

    @Test("a password past its age is refused at a refresh, and the session is not ended by it")
    func refreshPastAge() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            server.clock.advance(by: 86_400 - 300)
            let tokens = try await server.session()
            let other = try await Desk(server)
            _ = try await other.setPolicy { $0.passwordMaximumAgeDays = 1 }
            #expect(try await server.refresh(tokens).status == 200)
            server.clock.advance(by: 300)
            let late = try await server.refresh(tokens)
            #expect(late.status == 401)
            #expect(late.error == "PASSWORD_EXPIRED")
            #expect(try await server.current(tokens.token).status == 200)
            _ = desk
        }
    }

    @Test("PCI makes tokens of fifteen minutes at most, and passwords of ninety days")
    func pci() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            _ = try await desk.setPolicy { $0.passwordRules = "PCI" }
            #expect(try await server.login().data?["expiresIn"] == .number("900"))
            server.clock.advance(by: 90 * 86_400 - 1)
            #expect(try await server.login().status == 200)
            server.clock.advance(by: 1)
            #expect(try await server.login().error == "PASSWORD_EXPIRED")
        }
    }

    @Test("a required second factor restricts the next token, not the one in use")
    func secondFactor() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let tokens = try await server.session()
            _ = try await desk.setPolicy { $0.secondFactorRequired = true }
            #expect(try await server.current(tokens.token).status == 200)
            let renewed = try Tokens(try await server.refresh(tokens))
            #expect(try await server.current(renewed.token).error == "SECOND_FACTOR_REQUIRED")
            _ = try await desk.setPolicy { $0.secondFactorRequired = false }
            let free = try Tokens(try await server.refresh(renewed))
            #expect(try await server.current(free.token).status == 200)
        }
    }

    @Test("a lower limit of sessions ends none before the next login")
    func concurrency() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let tokens = try await server.session()
            _ = try await desk.limitSessions(to: 1, "EVICT_OLDEST")
            #expect(try await server.current(tokens.token).status == 200)
            #expect(try await server.refresh(tokens).status == 200)
            _ = try await server.session()
            #expect(try await server.current(tokens.token).error == "SESSION_SUPERSEDED")
            #expect(try await desk.current().error == "SESSION_SUPERSEDED")
        }
    }
}
