import FinHubAPI
import FinHubClientTesting
import HTTPTypes
import NIOCore
import Testing

@testable import FinHubClient

@Suite("Reading answers", .timeLimit(.minutes(10)))
struct AnswerTests {
    @Test(
        "what is no FinHub answer is a typed error",
        arguments: [
            (ScriptedAnswer.raw(200, body: "<html>"), ErrorCode.clientUnreadableAnswer),
            (.raw(200, body: ""), .clientUnreadableAnswer),
            (.raw(200, body: #"{"code":200,"message":"Success","data":{"x""#), .clientUnreadableAnswer),
            (.raw(200, body: #"{"code":200,"data":{"y":1}}"#), .clientUnreadableAnswer),
            (.raw(200, body: #"{"code":200,"data":null}"#), .clientUnreadableAnswer),
            (.raw(200, body: #"{"code":401,"data":{"x":1}}"#), .clientContradictoryAnswer),
            (.raw(404, body: #"{"code":200,"data":{"x":1}}"#), .clientContradictoryAnswer),
            (.raw(404, body: "nothing here"), .clientUnreadableAnswer),
            (.raw(404, body: "{}"), .clientUnreadableAnswer),
            (.raw(302, headers: [.location: "https://evil.example/"]), .clientUnexpectedStatus),
            (.raw(304), .clientUnreadableAnswer),
        ]
    )
    func unreadable(answer: ScriptedAnswer, code: ErrorCode) async throws {
        let rig = try Rig()
        rig.transport.script(.get, "/thing", answer)
        let error = await failure { try await rig.thing() }
        #expect(error?.code == code)
        #expect(error?.status != nil)
    }

    @Test("a body that is cut off, too large or never ends is a typed error")
    func bodies() async throws {
        let rig = try Rig { configuration in
            configuration.answerBytes = 1_000
            configuration.retries.attempts = 1
        }
        rig.transport.script(.get, "/cut", .cut(200, after: #"{"code":200,"#))
        rig.transport.script(.get, "/huge", .raw(200, body: String(repeating: "x", count: 1_001)))
        rig.transport.script(.get, "/stalled", .stalled(200, after: #"{"code":200,"#))
        try await rig.client.ensureAuthenticated()
        func call(_ path: APIPath) async -> FinHubClientError? {
            await failure { () -> Thing in try await rig.client.request(.get, path) }
        }
        #expect(await call("/cut")?.code == .clientConnectionLost)
        #expect(await call("/huge")?.code == .clientAnswerTooLarge)
        async let stalled = call("/stalled")
        await rig.clock.waitForSleepers(1)
        rig.clock.advance(by: .seconds(30))
        #expect(await stalled?.code == .clientDeadlineExceeded)
    }

    @Test("a refusal carries all that the server said of it")
    func refusal() async throws {
        let rig = try Rig()
        let body = RefusalBody(
            error: .validationFailed,
            details: "password is required.",
            problems: [FieldProblem(field: "password", message: "password is required.")],
            suggestions: ["Send it"]
        )
        let text = String(decoding: Envelope(code: 400, message: "Bad Request", data: body).jsonBytes, as: UTF8.self)
        rig.transport.script(.get, "/thing", .raw(400, headers: [.correlationID: "c-1"], body: text))
        let error = await failure { try await rig.thing() }
        #expect(
            error
                == FinHubClientError(
                    code: .validationFailed,
                    message: "password is required.",
                    status: 400,
                    correlationID: "c-1",
                    problems: [FieldProblem(field: "password", message: "password is required.")],
                    suggestions: ["Send it"]
                )
        )
        #expect(error?.description == "VALIDATION_FAILED (HTTP 400): password is required. [correlation id c-1]")
    }

    @Test("a code that this version has never heard of is carried through")
    func unknownCode() async throws {
        let rig = try Rig()
        rig.transport.script(.get, "/thing", .refusal(418, ErrorCode(rawValue: "TEAPOT")))
        #expect(await failure { try await rig.thing() }?.code.rawValue == "TEAPOT")
        rig.transport.script(.get, "/thing", .raw(409, body: #"{"code":409,"message":"Conflict"}"#))
        #expect(await failure { try await rig.thing() }?.code.rawValue == "HTTP_409")
    }

    @Test("what a server says can't forge a line of a log")
    func forged() async throws {
        let rig = try Rig()
        rig.transport.script(.get, "/thing", .refusal(400, .validationFailed, details: "a\nERROR b\u{1b}[2J\u{202e}c"))
        #expect(await failure { try await rig.thing() }?.message == "a ERROR b [2J c")
    }

    @Test("an envelope is read beside fields that nobody knows")
    func tolerant() async throws {
        let rig = try Rig()
        rig.transport.script(
            .get,
            "/thing",
            .raw(200, body: #"{"data":{"new":[{}],"x":3},"meta":{"y":1},"code":200,"message":"Success"}"#)
        )
        #expect(try await rig.thing() == 3)
    }

    @Test("a null that may be one is read as such")
    func null() async throws {
        let rig = try Rig()
        rig.transport.script(.get, "/thing", .success(json: "null"))
        let thing: Thing? = try await rig.client.request(.get, "/thing")
        #expect(thing == nil)
        try await rig.client.request(.get, "/thing")
    }

    @Test("a stream gives its parts, and its end when it is cut")
    func stream() async throws {
        let rig = try Rig()
        rig.transport.script(.get, "/export", .cut(200, after: "a", "b"))
        let answer = try await rig.client.stream(FinHubRequest(.get, "/export"))
        var parts: [String] = []
        await #expect(throws: TransportFailure.self) {
            for try await part in answer.body { parts.append(String(buffer: part)) }
        }
        #expect(parts == ["a", "b"])
    }

    @Test("a stream is refused as any call is, and logs in again as any call does")
    func refusedStream() async throws {
        let rig = try Rig()
        rig.transport.script(.post, Rig.loginPath, .tokens("first"), .tokens("second"))
        rig.transport.script(.get, "/export", .refusal(401, .tokenExpired), .refusal(404, .notFound))
        try await rig.client.ensureAuthenticated()
        rig.clock.advance(by: .seconds(60))
        let error = await failure { try await rig.client.stream(FinHubRequest(.get, "/export")) }
        #expect(error?.code == .notFound)
        #expect(rig.logins.count == 2)
    }
}

@Suite("Typed calls", .timeLimit(.minutes(10)))
struct TypedCallTests {
    @Test("each asks for what the contract names")
    func paths() async throws {
        let rig = try Rig { $0.retries.attempts = 1 }
        let id = SessionID(high: 1, low: 2)
        let tenant = TenantID(high: 3, low: 4)
        let sessions = rig.client.sessions
        _ = await failure { try await sessions.current() }
        _ = await failure { try await sessions.session(id) }
        _ = await failure { try await sessions.list(status: .all, limit: 7, cursor: "a b&c") }
        _ = await failure { try await sessions.end(id) }
        _ = await failure { try await sessions.endAll() }
        _ = await failure { try await sessions.endAll(sparingCurrent: false) }
        _ = await failure { try await rig.client.hierarchy.get(tenant) }
        let body = CategorizationBody(categories: [], features: [])
        _ = await failure { try await rig.client.hierarchy.put(tenant, body, replacing: "\"7\"") }
        let hierarchy = "/customer/individual/categorization/hierarchy/00000000-0000-0003-0000-000000000004"
        let base = "https://finhub.example/api/v2.1"
        #expect(
            rig.transport.requests.dropFirst().map { "\($0.method.rawValue) \($0.url.dropFirst(base.count))" } == [
                "GET /admin/sessions/current",
                "GET /admin/sessions/00000000-0000-0001-0000-000000000002",
                "GET \(Rig.loginPath)?status=all&limit=7&cursor=a%20b%26c",
                "DELETE /admin/sessions/00000000-0000-0001-0000-000000000002",
                "DELETE \(Rig.loginPath)?except=current",
                "DELETE \(Rig.loginPath)",
                "GET \(hierarchy)",
                "PUT \(hierarchy)",
            ]
        )
        #expect(rig.transport.requests.last?.headers[.ifMatch] == "\"7\"")
        #expect(rig.transport.requests.last?.body.map { String(buffer: $0) } == #"{"categories":{},"features":{}}"#)
    }

    @Test("introspection proves itself by the tenant's key and secret, not by the session")
    func introspect() async throws {
        let rig = try Rig()
        rig.transport.script(.post, "/admin/sessions/introspect", .success(json: #"{"active":false}"#))
        let answer = try await rig.client.sessions.introspect(Secret("t"))
        guard case .inactive = answer else { return #expect(Bool(false), "active") }
        #expect(rig.logins.isEmpty)
        let request = try #require(rig.transport.requests.first)
        // base64 of canary-tenant-key:canary-tenant-secret
        #expect(request.headers[.authorization] == "Basic Y2FuYXJ5LXRlbmFudC1rZXk6Y2FuYXJ5LXRlbmFudC1zZWNyZXQ=")
    }

    @Test("all sessions are read page after page, each when it is needed")
    func pages() async throws {
        let rig = try Rig()
        func page(_ ids: ClosedRange<Int>, next: String?) -> ScriptedAnswer {
            let items = ids.map { id in
                """
                {"sessionId":"00000000-0000-0000-0000-00000000000\(id)","userId":"00000000-0000-0000-0000-000000000001",
                "organizationId":"00000000-0000-0000-0000-000000000001","status":"ACTIVE",
                "createdAt":"2026-01-13T21:21:48","expiresAt":"2026-01-13T22:21:48Z","expiresIn":3600}
                """
            }
            let next = next.map { "\"\($0)\"" } ?? "null"
            return .success(json: #"{"items":[\#(items.joined(separator: ","))],"nextCursor":\#(next)}"#)
        }
        rig.transport.script(.get, Rig.loginPath, page(1...2, next: "c"), page(3...3, next: nil))
        var seen: [String] = []
        for try await session in rig.client.sessions.all() {
            seen.append(String(session.sessionID.description.suffix(1)))
            if seen.count == 2 { #expect(rig.transport.requests(.get, Rig.loginPath).count == 1) }
            #expect(session.isActive)
        }
        #expect(seen == ["1", "2", "3"])
        #expect(rig.transport.requests.last?.url.hasSuffix("cursor=c") == true)
    }

    @Test("logout ends the session at the server and forgets it here")
    func logout() async throws {
        let store = MemoryTokenStore()
        let rig = try Rig(store: store)
        rig.transport.script(.delete, "/admin/sessions/ed8e1ef7-d885-4753-88ad-afc5aedfac7b", .success(json: "{}"))
        try await rig.client.logout()
        #expect(rig.transport.requests.isEmpty)
        try await rig.client.ensureAuthenticated()
        try await rig.client.logout()
        let identity = TokenIdentity(server: rig.client.configuration.server, identity: try Rig.identity())
        #expect(try await store.load(identity) == nil)
        rig.transport.script(.post, Rig.loginPath, .tokens("again"))
        #expect(try await rig.client.ensureAuthenticated().token.reveal() == "again")
    }

    @Test("a client that was shut down says so, and lets a refresh finish first")
    func shutdown() async throws {
        let rig = try Rig()
        let gate = Gate()
        rig.transport.script(.get, "/thing", .thing(1, headers: [.cacheControl: "max-age=600"]))
        rig.transport.script(.post, Rig.refreshPath, .tokens("second").after(gate))
        try await rig.thing()
        let refreshing = Task { try await rig.client.sessions.refresh() }
        await rig.transport.waitForRequests(3)
        let closing = Task { await rig.client.shutdown() }
        while await failure({ try await rig.thing() }) == nil { await Task.yield() }
        #expect(!rig.transport.isShutDown)
        gate.open()
        #expect(try await refreshing.value.token.reveal() == "second")
        await closing.value
        #expect(rig.transport.isShutDown)
        #expect(await failure { try await rig.thing() }?.code == .clientShutDown)
        #expect(await failure { try await rig.client.ensureAuthenticated() }?.code == .clientShutDown)
    }

    @Test("run keeps an idle session fresh")
    func run() async throws {
        let rig = try Rig()
        rig.transport.script(.post, Rig.refreshPath, .tokens("second"))
        try await rig.client.ensureAuthenticated()
        let running = Task { try await rig.client.run() }
        await rig.clock.waitForSleepers(1)
        #expect(rig.logins.count == 1)
        rig.clock.advance(by: .seconds(3_301))
        await rig.transport.waitForRequests(2)
        #expect(rig.refreshes.count == 1)
        running.cancel()
        try await running.value
        #expect(rig.transport.isShutDown)
    }
}
