import FinHubAPI
import FinHubTestSupport
import HTTPTypes
import Testing

@Suite("Refresh a session")
struct RefreshTests {
    @Test("a refresh gives new tokens and pushes the expiry out")
    func rotates() async throws {
        try await withServer { server in
            let first = try await server.session()
            server.clock.advance(by: 600)
            let answer = try await server.refresh(first)
            let second = try Tokens(answer)
            #expect(second.session == first.session)
            #expect(second.refreshToken != first.refreshToken)
            #expect(second.token != first.token)
            #expect(try answer.text("expiresAt") == "2026-01-01T13:10:00.0000000")
            #expect(try await server.refresh(second).status == 200)
        }
    }

    @Test("a lost answer costs nothing: the same successor within the window", arguments: [0, 29] as [Int64])
    func retry(after seconds: Int64) async throws {
        try await withServer { server in
            let first = try await server.session()
            let second = try Tokens(try await server.refresh(first))
            server.clock.advance(by: seconds)
            let again = try Tokens(try await server.refresh(first))
            #expect(again.refreshToken == second.refreshToken)
            #expect(try await server.refresh(second).status == 200)
        }
    }

    @Test("a replaced token after the window ends the session")
    func lateReuse() async throws {
        try await withServer { server in
            let first = try await server.session()
            let second = try Tokens(try await server.refresh(first))
            server.clock.advance(by: 30)
            let reuse = try await server.refresh(first)
            #expect(reuse.status == 401)
            #expect(reuse.error == "REFRESH_TOKEN_REUSED")
            #expect(try await server.current(second.token).error == "SESSION_REVOKED")
            #expect(try await server.refresh(second).error == "SESSION_REVOKED")
        }
    }

    @Test("a replaced token whose successor was used ends the session, within the window too")
    func reuseAfterUse() async throws {
        try await withServer { server in
            let first = try await server.session()
            let second = try Tokens(try await server.refresh(first))
            let third = try Tokens(try await server.refresh(second))
            #expect(try await server.refresh(first, token: third.token).error == "REFRESH_TOKEN_REUSED")
            #expect(try await server.current(third.token).error == "SESSION_REVOKED")
        }
    }

    @Test("of 16 callers at once that reuse a token one is told so, and the others that the session was ended")
    func reuseRace() async throws {
        try await withServer { server in
            let first = try await server.session()
            let second = try Tokens(try await server.refresh(first))
            _ = try await server.refresh(second)
            let answers = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<16 {
                    group.addTask { try await server.refresh(first).error }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0 == "REFRESH_TOKEN_REUSED" } == 1)
            #expect(answers.count { $0 == "SESSION_REVOKED" } == 15)
        }
    }

    @Test("of 16 callers at once all get one and the same successor")
    func race() async throws {
        try await withServer { server in
            let first = try await server.session()
            let successors = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<16 {
                    group.addTask { try Tokens(try await server.refresh(first)).refreshToken }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(successors.count == 1)
        }
    }

    @Test("tokens of two sessions mixed up consume nothing and harm neither")
    func mixUp() async throws {
        try await withServer { server in
            let one = try await server.session()
            let other = try await server.session()
            #expect(try await server.refresh(one, with: other.refreshToken).error == "INVALID_REFRESH_TOKEN")
            #expect(try await server.refresh(one, token: other.token).error == "INVALID_REFRESH_TOKEN")
            #expect(try await server.refresh(one).status == 200)
            #expect(try await server.refresh(other).status == 200)
        }
    }

    @Test("an invented token harms nothing")
    func invented() async throws {
        try await withServer { server in
            let first = try await server.session()
            let last = first.refreshToken.last == "A" ? "E" : "A"
            let forged = [
                "x", String(first.refreshToken.dropLast()) + last, first.refreshToken + "A",
                String(repeating: "0", count: 80), first.refreshToken.replacing("-", with: "_"),
            ]
            for token in forged {
                #expect(try await server.refresh(first, with: token).error == "INVALID_REFRESH_TOKEN")
            }
            #expect(try await server.refresh(first).status == 200)
        }
    }

    @Test("another tenant's session can't be refreshed")
    func otherTenant() async throws {
        try await withServer { server in
            let ada = try await server.session()
            let grace = try await server.session(.grace)
            let answer = try await server.refresh(ada, token: grace.token, tenant: Account.grace.slug)
            #expect(answer.error == "INVALID_REFRESH_TOKEN")
            #expect(try await server.refresh(ada).status == 200)
        }
    }

    @Test("after its time a session says so, and a refreshed one that the token's time is over")
    func expiry() async throws {
        try await withServer { server in
            let first = try await server.session()
            let other = try await server.session()
            server.clock.advance(by: 1_800)
            #expect(try await server.refresh(other).status == 200)
            server.clock.advance(by: 1_799)
            #expect(try await server.current(first.token).status == 200)
            server.clock.advance(by: 1)
            #expect(try await server.current(first.token).error == "TOKEN_EXPIRED")
            #expect(try await server.refresh(first).error == "SESSION_EXPIRED")
            #expect(try await server.refresh(other).error == "TOKEN_EXPIRED")
        }
    }

    @Test("no refresh passes the absolute lifetime, and the last token is cut to it")
    func absoluteLifetime() async throws {
        try await withServer { server in
            var tokens = try await server.session()
            for _ in 0..<12 {
                server.clock.advance(by: 3_300)
                tokens = try Tokens(try await server.refresh(tokens))
            }
            server.clock.advance(by: 3_000)
            let last = try await server.refresh(tokens)
            #expect(last.data?["expiresIn"] == .number("600"))
            tokens = try Tokens(last)
            server.clock.advance(by: 600)
            #expect(try await server.current(tokens.token).error == "TOKEN_EXPIRED")
            #expect(try await server.refresh(tokens).error == "SESSION_EXPIRED")
        }
    }

    @Test("a restarted server gives a retry the same successor and refuses what was ended")
    func restart() async throws {
        try await withServer { server in
            let first = try await server.session()
            let second = try Tokens(try await server.refresh(first))
            let ended = try await server.session()
            _ = try await server.call(.delete, "/api/v2.1/admin/sessions/\(ended.session)", token: ended.token)
            try await server.another { restarted in
                let again = try Tokens(try await restarted.refresh(first))
                #expect(again.refreshToken == second.refreshToken)
                #expect(try await restarted.current(ended.token).error == "SESSION_REVOKED")
            }
        }
    }
}
