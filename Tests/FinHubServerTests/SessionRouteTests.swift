import FinHubAPI
import FinHubTestSupport
import HTTPTypes
import Testing

@Suite("Look, list, end")
struct SessionRouteTests {
    @Test("the caller's session, user, organization, tenant and roles")
    func current() async throws {
        try await withServer { server in
            let tokens = try await server.session()
            let answer = try await server.current(tokens.token)
            #expect(answer.status == 200)
            #expect(answer.data?["session"]?.object?["sessionId"]?.string == tokens.session)
            #expect(answer.data?["user"]?.object?["username"]?.string == Account.ada.username)
            #expect(answer.data?["tenant"]?.object?["slug"]?.string == Account.ada.slug)
            #expect(answer.data?["roles"] == .array([.string("ADMIN")]))
        }
    }

    @Test("one session shows where it came from, and no token")
    func show() async throws {
        try await withServer { server in
            let tokens = try await server.session()
            let answer = try await server.call(
                .get,
                "/api/v2.1/admin/sessions/\(tokens.session.uppercased())",
                token: tokens.token
            )
            #expect(try answer.text("sessionId") == tokens.session)
            #expect(try answer.text("status") == "ACTIVE")
            let names = answer.data?.members.map(\.name) ?? []
            #expect(!names.contains("token") && !names.contains("refreshToken"))
        }
    }

    @Test("an ended session is refused at once, and ending it again is no error")
    func end() async throws {
        try await withServer { server in
            let tokens = try await server.session()
            let other = try await server.session()
            let path = "/api/v2.1/admin/sessions/\(tokens.session)"
            #expect(try await server.call(.delete, path, token: other.token).status == 200)
            #expect(try await server.current(tokens.token).error == "SESSION_REVOKED")
            #expect(try await server.refresh(tokens).error == "SESSION_REVOKED")
            #expect(try await server.call(.delete, path, token: other.token).status == 200)
            #expect(try await server.call(.delete, path, token: tokens.token).status == 200)
            let shown = try await server.call(.get, path, token: other.token)
            #expect(try shown.text("status") == "ENDED")
            #expect(try shown.text("endReason") == "ENDED_BY_ADMINISTRATOR")
            #expect(try await server.current(other.token).status == 200)
        }
    }

    @Test("another tenant's session is as one that does not exist", arguments: [HTTPRequest.Method.get, .delete])
    func otherTenant(method: HTTPRequest.Method) async throws {
        try await withServer { server in
            let ada = try await server.session()
            let grace = try await server.session(.grace)
            let foreign = "/api/v2.1/admin/sessions/\(ada.session)"
            let unknown = "/api/v2.1/admin/sessions/\(SessionID.random())"
            let answers = [
                try await server.call(method, foreign, tenant: Account.grace.slug, token: grace.token),
                try await server.call(method, unknown, tenant: Account.grace.slug, token: grace.token),
            ]
            #expect(answers.allSatisfy { $0.status == 404 && $0.error == "SESSION_NOT_FOUND" })
            #expect(answers[0].json == answers[1].json)
            #expect(try await server.current(ada.token).status == 200)
        }
    }

    @Test("all of a user's sessions end with one call, those of another tenant go on")
    func endAll() async throws {
        try await withServer { server in
            let sessions = [try await server.session(), try await server.session(), try await server.session()]
            let grace = try await server.session(.grace)
            let answer = try await server.call(.delete, Account.ada.sessionsPath, token: sessions[0].token)
            #expect(answer.data?["ended"] == .number("3"))
            for tokens in sessions {
                #expect(try await server.current(tokens.token).error == "SESSION_REVOKED")
                #expect(try await server.refresh(tokens).error == "SESSION_REVOKED")
            }
            #expect(try await server.current(grace.token, .grace).status == 200)
            #expect(try await server.current(server.session().token).status == 200)
        }
    }

    @Test("all but the current one: it goes on, and refreshes")
    func endOthers() async throws {
        try await withServer { server in
            let kept = try await server.session()
            let other = try await server.session()
            let path = Account.ada.sessionsPath + "?except=current"
            let answer = try await server.call(.delete, path, token: kept.token)
            #expect(answer.data?["ended"] == .number("1"))
            #expect(try await server.current(kept.token).status == 200)
            #expect(try await server.current(other.token).error == "SESSION_REVOKED")
            let next = try Tokens(try await server.refresh(kept))
            #expect(try await server.current(next.token).status == 200)
        }
    }

    @Test("pages run from new to old and meet every session once")
    func pages() async throws {
        try await withServer { server in
            var expected: [String] = []
            for _ in 0..<5 {
                expected.insert(try await server.session().session, at: 0)
                server.clock.advance(by: 1)
            }
            let token = try await server.session().token
            var seen: [String] = []
            var cursor: String?
            repeat {
                let query = "?status=active&limit=2" + (cursor.map { "&cursor=\($0)" } ?? "")
                let answer = try await server.call(.get, Account.ada.sessionsPath + query, token: token)
                let items = try #require(answer.data?["items"]?.array)
                seen += items.compactMap { $0.object?["sessionId"]?.string }
                cursor = answer.data?["nextCursor"]?.string
            } while cursor != nil
            #expect(Array(seen.dropFirst()) == expected)
        }
    }

    @Test("a list tells the active from the ended")
    func status() async throws {
        try await withServer { server in
            let kept = try await server.session()
            let ended = try await server.session()
            _ = try await server.call(.delete, "/api/v2.1/admin/sessions/\(ended.session)", token: kept.token)
            for (status, expected) in [("active", [kept.session]), ("ended", [ended.session])] {
                let path = Account.ada.sessionsPath + "?status=\(status)"
                let answer = try await server.call(.get, path, token: kept.token)
                let ids = answer.data?["items"]?.array?.compactMap { $0.object?["sessionId"]?.string }
                #expect(ids == expected)
            }
        }
    }

    @Test(
        "a list refuses what it can't read",
        arguments: [
            "status=x", "limit=0", "limit=201", "limit=%2B5", "limit=+5", "limit=007", "cursor=x", "limit=1&limit=2",
        ]
    )
    func badQuery(query: String) async throws {
        try await withServer { server in
            let token = try await server.session().token
            let answer = try await server.call(.get, "\(Account.ada.sessionsPath)?\(query)", token: token)
            #expect(answer.status == 400)
            #expect(answer.error == "VALIDATION_FAILED")
        }
    }

    @Test("introspection tells a tenant's backend of the tenant's own tokens, of others nothing")
    func introspect() async throws {
        try await withServer { server in
            let basic = Base64.encode("\(Account.ada.key):\(Account.secret)")
            func ask(_ token: String) async throws -> Answer {
                try await server.call(
                    .post,
                    "/api/v2.1/admin/sessions/introspect",
                    headers: [.authorization: "Basic \(basic)"],
                    body: #"{"token":"\#(token)"}"#
                )
            }
            let tokens = try await server.session()
            let active = try await ask(tokens.token)
            #expect(active.data?["active"] == .bool(true))
            #expect(try active.text("sid") == tokens.session)
            let foreign = try await ask(try await server.session(.grace).token)
            #expect(foreign.data?.members.map(\.name) == ["active"])
            #expect(foreign.data?["active"] == .bool(false))
            _ = try await server.call(.delete, "/api/v2.1/admin/sessions/\(tokens.session)", token: tokens.token)
            #expect(try await ask(tokens.token).data?["active"] == .bool(false))
        }
    }
}

/// Standard base64, for HTTP Basic.
enum Base64 {
    static func encode(_ text: String) -> String {
        let url = Base64URL.encode(Array(text.utf8)).replacing("-", with: "+").replacing("_", with: "/")
        return url + String(repeating: "=", count: (4 - url.utf8.count % 4) % 4)
    }
}
