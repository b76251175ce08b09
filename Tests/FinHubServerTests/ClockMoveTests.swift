import FinHubAPI
import FinHubTestSupport
import HTTPTypes
import Testing

/// The clock two hours forth and back, while a server runs and over a restart: nothing that was
/// ended revives, and nothing that lives dies but for a reason that is told.
@Suite("Clock moves")
struct ClockMoveTests {
    /// Goes on with the same server, or with one started anew on its stores.
    ///
    /// Before that the server clears up, and not even the feed's last row is what the test is about.
    private func goOn(
        _ server: TestServer,
        restarted: Bool,
        _ body: @Sendable (TestServer) async throws -> Void
    ) async throws {
        try await server.end(try await server.session(.grace), .grace)
        try await server.beat()
        if restarted {
            try await server.another(body)
        } else {
            try await body(server)
        }
    }

    @Test("an ended session stays ended", arguments: [false, true])
    func ended(restarted: Bool) async throws {
        try await withServer { server in
            let tokens = try await server.session()
            #expect(try await server.end(tokens).status == 200)
            server.clock.advance(by: 7_200)
            try await goOn(server, restarted: restarted) { server in
                server.clock.advance(by: -7_200)
                try await server.beat()
                #expect(try await server.current(tokens.token).error == "SESSION_REVOKED")
                #expect(try await server.refresh(tokens).error == "SESSION_REVOKED")
            }
        }
    }

    @Test("when its end is forgotten no token of the session can come back", arguments: [false, true])
    func forgotten(restarted: Bool) async throws {
        try await withServer { server in
            let tokens = try await server.session()
            #expect(try await server.end(tokens).status == 200)
            // The last moment of the entry: two hours earlier the token lives.
            server.clock.advance(by: 3_600 + 7_500 - 1)
            try await goOn(server, restarted: restarted) { server in
                server.clock.advance(by: -7_500)
                #expect(try await server.current(tokens.token).error == "SESSION_REVOKED")
                server.clock.advance(by: 7_501)
                try await server.beat()
                server.clock.advance(by: -7_200)
                #expect(try await server.current(tokens.token).error == "TOKEN_EXPIRED")
                #expect(try await server.refresh(tokens).error == "SESSION_REVOKED")
            }
        }
    }

    @Test("what was ended with all others stays ended, and what was spared goes on", arguments: [false, true])
    func endedAll(restarted: Bool) async throws {
        try await withServer { server in
            let kept = try await server.session()
            let other = try await server.session()
            #expect(try await server.endAll(kept, "?except=current").data?["ended"] == .number("1"))
            server.clock.advance(by: 7_200)
            try await goOn(server, restarted: restarted) { server in
                server.clock.advance(by: -7_200)
                try await server.beat()
                #expect(try await server.current(other.token).error == "SESSION_REVOKED")
                #expect(try await server.refresh(other).error == "SESSION_REVOKED")
                #expect(try await server.current(kept.token).status == 200)
                #expect(try await server.refresh(kept).status == 200)
            }
        }
    }

    @Test("ending all by a clock set back ends what was issued before that", arguments: [false, true])
    func endedAllInThePast(restarted: Bool) async throws {
        try await withServer { server in
            let tokens = try await server.session()
            server.clock.advance(by: -7_200)
            let earlier = try await server.session()
            #expect(try await server.endAll(earlier).data?["ended"] == .number("2"))
            // By the clock set back the last token had expired an hour before the first's issue.
            server.clock.advance(by: 7_200 - 3_600 + 7_500)
            try await goOn(server, restarted: restarted) { server in
                server.clock.advance(by: -3_600)
                try await server.beat()
                #expect(try await server.current(tokens.token).error == "SESSION_REVOKED")
            }
        }
    }

    @Test("a session that was refreshed by a clock set back ends with all its tokens", arguments: [false, true])
    func refreshedInThePast(restarted: Bool) async throws {
        try await withServer { server in
            let first = try await server.session()
            server.clock.advance(by: 1_800)
            let second = try Tokens(try await server.refresh(first))
            server.clock.advance(by: -1_790)
            let third = try await server.refresh(first, with: second.refreshToken)
            #expect(try third.text("expiresAt") == "2026-01-01T13:00:10.0000000")
            #expect(try await server.end(first).status == 200)
            server.clock.advance(by: 3_600 + 7_500)
            try await goOn(server, restarted: restarted) { server in
                server.clock.advance(by: -7_200)
                try await server.beat()
                #expect(try await server.current(second.token).error == "SESSION_REVOKED")
            }
        }
    }

    @Test("a replaced refresh token stays replaced", arguments: [false, true])
    func replaced(restarted: Bool) async throws {
        try await withServer { server in
            let first = try await server.session()
            let second = try Tokens(try await server.refresh(first))
            let third = try Tokens(try await server.refresh(second))
            server.clock.advance(by: 7_200)
            try await goOn(server, restarted: restarted) { server in
                server.clock.advance(by: -7_200)
                try await server.beat()
                #expect(try await server.refresh(first).error == "REFRESH_TOKEN_REUSED")
                #expect(try await server.refresh(third).error == "SESSION_REVOKED")
            }
        }
    }

    @Test("a retry by a clock set back gets the one successor, as long as that is unused", arguments: [false, true])
    func retry(restarted: Bool) async throws {
        try await withServer { server in
            let first = try await server.session()
            server.clock.advance(by: 1_800)
            let second = try Tokens(try await server.refresh(first))
            server.clock.advance(by: -1_790)
            try await goOn(server, restarted: restarted) { server in
                let again = try Tokens(try await server.refresh(first))
                #expect(again.refreshToken == second.refreshToken)
                #expect(try await server.current(again.token).status == 200)
                #expect(try await server.refresh(again).status == 200)
                #expect(try await server.refresh(first).error == "REFRESH_TOKEN_REUSED")
            }
        }
    }

    @Test("a session that expired by a clock set forth lives when it is set back", arguments: [false, true])
    func expired(restarted: Bool) async throws {
        try await withServer { server in
            let tokens = try await server.session()
            server.clock.advance(by: 7_200)
            #expect(try await server.current(tokens.token).error == "TOKEN_EXPIRED")
            #expect(try await server.refresh(tokens).error == "SESSION_EXPIRED")
            try await goOn(server, restarted: restarted) { server in
                server.clock.advance(by: -7_200)
                try await server.beat()
                #expect(try await server.current(tokens.token).status == 200)
                #expect(try await server.refresh(tokens).status == 200)
            }
        }
    }

    @Test("tokens from the future are refused, harm nothing, and work when it comes", arguments: [false, true])
    func future(restarted: Bool) async throws {
        try await withServer { server in
            let tokens = try await server.session()
            server.clock.advance(by: -7_200)
            try await goOn(server, restarted: restarted) { server in
                try await server.beat()
                #expect(try await server.current(tokens.token).error == "TOKEN_INVALID")
                #expect(try await server.refresh(tokens).error == "TOKEN_INVALID")
                server.clock.advance(by: 7_200 - 30)
                #expect(try await server.current(tokens.token).status == 200)
                #expect(try await server.refresh(tokens).status == 200)
            }
        }
    }

    @Test("no refresh passes the absolute end, whichever way the clock went", arguments: [false, true])
    func absoluteEnd(restarted: Bool) async throws {
        try await withServer { server in
            var all = [try await server.session()]
            for _ in 0..<13 {
                server.clock.advance(by: 3_000)
                all.append(try Tokens(try await server.refresh(all[all.count - 1])))
            }
            let tokens = all
            // 10:50 after the login; at 8:50 the token of 8:20 is still good.
            server.clock.advance(by: -7_200)
            try await goOn(server, restarted: restarted) { server in
                let answer = try await server.refresh(tokens[13], token: tokens[10].token)
                let last = try Tokens(answer)
                #expect(try answer.text("expiresAt") == "2026-01-01T21:50:00.0000000")
                server.clock.advance(by: 7_200 + 3_000)
                let cut = try await server.refresh(last, token: tokens[13].token)
                #expect(cut.data?["expiresIn"] == .number("1200"))
                server.clock.advance(by: 1_200)
                #expect(try await server.current(try Tokens(cut).token).error == "TOKEN_EXPIRED")
                #expect(try await server.refresh(try Tokens(cut)).error == "SESSION_EXPIRED")
            }
        }
    }

    @Test("what was cleared away stays away, and what was not is shown as it was", arguments: [false, true])
    func housekeeping(restarted: Bool) async throws {
        try await withServer { server in
            let ended = try await server.session()
            #expect(try await server.end(ended).status == 200)
            server.clock.advance(by: 7_200)
            let cutOff = try await server.session()
            #expect(try await server.endAll(cutOff).data?["ended"] == .number("1"))
            // 30 days after the first ended, and less after the second.
            server.clock.advance(by: 30 * 86_400 - 3_600)
            try await goOn(server, restarted: restarted) { server in
                server.clock.advance(by: -7_200)
                try await server.beat()
                let admin = try await server.session()
                #expect(try await server.show(ended, admin).error == "SESSION_NOT_FOUND")
                #expect(try await server.refresh(ended).error == "TOKEN_EXPIRED")
                let shown = try await server.show(cutOff, admin)
                #expect(try shown.text("endReason") == "ALL_SESSIONS_ENDED")
                #expect(try await server.refresh(cutOff).error == "SESSION_REVOKED")
            }
        }
    }
}

extension TestServer {
    @discardableResult
    fileprivate func end(_ tokens: Tokens, _ account: Account = .ada) async throws -> Answer {
        let path = "/api/v2.1/admin/sessions/\(tokens.session)"
        return try await call(.delete, path, tenant: account.slug, token: tokens.token)
    }

    fileprivate func endAll(_ tokens: Tokens, _ query: String = "") async throws -> Answer {
        try await call(.delete, Account.ada.sessionsPath + query, token: tokens.token)
    }

    fileprivate func show(_ tokens: Tokens, _ caller: Tokens) async throws -> Answer {
        try await call(.get, "/api/v2.1/admin/sessions/\(tokens.session)", token: caller.token)
    }
}
