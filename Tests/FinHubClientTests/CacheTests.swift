import FinHubAPI
import FinHubClientTesting
import HTTPTypes
import NIOCore
import Testing

@testable import FinHubClient

@Suite("Keeping answers", .timeLimit(.minutes(10)))
struct CacheTests {
    @Test("an answer is used again while it is fresh, and asked about after")
    func freshness() async throws {
        let rig = try Rig()
        rig.transport.script(
            .get,
            "/thing",
            .thing(1, headers: [.eTag: "\"a\"", .cacheControl: "private, max-age=60"]),
            .raw(304, headers: [.eTag: "\"a\"", .cacheControl: "private, max-age=60"]),
            .thing(2, headers: [.eTag: "\"b\""])
        )
        #expect(try await rig.thing() == 1)
        rig.clock.advance(by: .seconds(59))
        #expect(try await rig.thing() == 1)
        #expect(rig.bearers.count == 1)
        rig.clock.advance(by: .seconds(1))
        #expect(try await rig.thing() == 1)
        #expect(rig.transport.requests.last?.headers[.ifNoneMatch] == "\"a\"")
        rig.clock.advance(by: .seconds(59))
        #expect(try await rig.thing() == 1)
        #expect(rig.bearers.count == 2)
        rig.clock.advance(by: .seconds(1))
        #expect(try await rig.thing() == 2)
    }

    @Test(
        "what must not be kept is not",
        arguments: [
            [:], [.cacheControl: "no-store", .eTag: "\"a\""], [.cacheControl: "max-age=0"],
            [.cacheControl: "max-age=60", .vary: "*"], [.cacheControl: "max-age=60", .age: "60"],
        ] as [HTTPFields]
    )
    func notKept(headers: HTTPFields) async throws {
        let rig = try Rig()
        rig.transport.script(.get, "/thing", .thing(1, headers: headers), .thing(2, headers: headers))
        #expect(try await rig.thing() == 1)
        #expect(try await rig.thing() == 2)
        #expect(rig.transport.requests.last?.headers[.ifNoneMatch] == nil)
    }

    @Test("no-cache is kept and asked about each time")
    func noCache() async throws {
        let rig = try Rig()
        rig.transport.script(
            .get,
            "/thing",
            .thing(1, headers: [.cacheControl: "no-cache, max-age=60", .eTag: "\"a\""]),
            .raw(304)
        )
        #expect(try await rig.thing() == 1)
        #expect(try await rig.thing() == 1)
        #expect(rig.bearers.count == 2)
    }

    @Test("kept answers end with the session")
    func session() async throws {
        let rig = try Rig()
        let other = SessionID(high: 1, low: 2)
        rig.transport.script(.post, Rig.loginPath, .tokens("first"), .tokens("second", session: other))
        rig.transport.script(.get, "/thing", fresh(1), fresh(2))
        #expect(try await rig.thing() == 1)
        try await rig.client.sessions.create()
        #expect(try await rig.thing() == 2)
    }

    @Test("a refresh keeps the session, and so its answers")
    func refresh() async throws {
        let rig = try Rig()
        rig.transport.script(.get, "/thing", fresh(1), fresh(2))
        rig.transport.script(.post, Rig.refreshPath, .tokens("second"))
        #expect(try await rig.thing() == 1)
        try await rig.client.sessions.refresh()
        #expect(try await rig.thing() == 1)
    }

    @Test("a change of a resource makes what was kept of it untrue")
    func invalidated() async throws {
        let rig = try Rig()
        rig.transport.script(.get, "/thing", fresh(1), fresh(2))
        rig.transport.script(.put, "/thing", .thing(2))
        #expect(try await rig.thing() == 1)
        try await rig.client.request(.put, "/thing", body: Thing(x: 2))
        #expect(try await rig.thing() == 2)
    }

    @Test("who asks otherwise gets another answer")
    func variants() async throws {
        let rig = try Rig()
        rig.transport.script(.get, "/thing", fresh(1), fresh(2), fresh(3), fresh(4))
        #expect(try await rig.thing() == 1)
        #expect(try await rig.thing(options: CallOptions(headers: [.acceptLanguage: "de"])) == 2)
        #expect(try await rig.thing(options: CallOptions(caller: CallerDetails(platform: "ios"))) == 3)
        #expect(try await rig.thing(options: CallOptions(mayUseCache: false)) == 4)
        #expect(try await rig.thing() == 4)
    }

    @Test("the cache is bounded in bytes, and what was used last stays")
    func bounded() {
        var cache = ResponseCache(limit: 100_000)
        let session = SessionID(high: 1, low: 1)
        let now = ContinuousClock.now
        func key(_ index: Int) -> ResponseCache.Key { ResponseCache.Key(url: "/\(index)", variant: []) }
        for index in 0..<100 {
            let answer = FinHubResponse(
                status: .ok,
                headers: [.cacheControl: "max-age=60"],
                body: ByteBuffer(repeating: 0, count: 5_000)
            )
            cache.keep(answer, under: CacheRules(answer.wire), for: key(index), of: session, at: now)
            if case .nothing = cache.find(key(0), of: session, at: now) { Issue.record("the used answer was evicted") }
            #expect(cache.bytes <= 100_000)
        }
        #expect(cache.count < 20)
        let huge = FinHubResponse(
            status: .ok,
            headers: [.cacheControl: "max-age=60"],
            body: ByteBuffer(repeating: 0, count: 50_000)
        )
        cache.keep(huge, under: CacheRules(huge.wire), for: key(1_000), of: session, at: now)
        if case .fresh = cache.find(key(1_000), of: session, at: now) { Issue.record("one answer took half the cache") }
        cache.empty()
        #expect(cache.bytes == 0)
    }

    @Test("identical GETs at the same time are one request")
    func coalesced() async throws {
        let rig = try Rig()
        let gate = Gate()
        rig.transport.script(.get, "/thing", .thing(5).after(gate))
        try await rig.client.ensureAuthenticated()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 { group.addTask { try await rig.thing() } }
            await rig.waitForFollowers(49)
            gate.open()
            for try await x in group { #expect(x == 5) }
        }
        #expect(rig.bearers.count == 1)
    }

    @Test("when the one who asks is cancelled, the next in line asks")
    func handedOver() async throws {
        let rig = try Rig()
        let gate = Gate()
        rig.transport.script(.get, "/thing", .thing(5).after(gate))
        try await rig.client.ensureAuthenticated()
        let first = Task { try await rig.thing() }
        await rig.transport.waitForRequests(2)
        let second = Task { try await rig.thing() }
        await rig.waitForFollowers(1)
        first.cancel()
        #expect(await isCancelled { try await first.value })
        gate.open()
        #expect(try await second.value == 5)
        #expect(rig.bearers.count == 2)
    }

    @Test("who waits for another's answer and is cancelled stops waiting")
    func followerCancelled() async throws {
        let rig = try Rig()
        let gate = Gate()
        rig.transport.script(.get, "/thing", .thing(5).after(gate))
        let first = Task { try await rig.thing() }
        await rig.transport.waitForRequests(2)
        let second = Task { try await rig.thing() }
        await rig.waitForFollowers(1)
        second.cancel()
        #expect(await isCancelled { try await second.value })
        gate.open()
        #expect(try await first.value == 5)
    }

    @Test("a call that names its correlation id is answered for itself")
    func ownCorrelation() async throws {
        let rig = try Rig()
        let gate = Gate()
        rig.transport.script(.get, "/thing", .thing(5).after(gate))
        async let one = rig.thing(options: CallOptions(correlationID: "one"))
        async let two = rig.thing(options: CallOptions(correlationID: "two"))
        await rig.transport.waitForRequests(3)
        gate.open()
        _ = try await (one, two)
        let ids = rig.transport.requests(.get, "/thing").map { $0.headers[.correlationID] }
        #expect(Set(ids) == ["one", "two"])
    }

    private func fresh(_ x: Int) -> ScriptedAnswer {
        .thing(x, headers: [.cacheControl: "max-age=600"])
    }
}

extension Rig {
    /// Returns once `count` calls wait for another's answer.
    func waitForFollowers(_ count: Int) async {
        while client.engine.followers < count { await Task.yield() }
    }
}
