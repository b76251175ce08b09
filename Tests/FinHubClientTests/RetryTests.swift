import FinHubAPI
import FinHubClientTesting
import HTTPTypes
import Testing

@testable import FinHubClient

@Suite("Repeating calls", .timeLimit(.minutes(10)))
struct RetryTests {
    @Test(
        "429 and 503 are waited out as long as the server asks",
        arguments: [429, 503],
        ["3", "Tue, 13 Jan 2026 21:21:51 GMT"]
    )
    func retryAfter(status: Int, value: String) async throws {
        let rig = try Rig()
        rig.transport.script(
            .post,
            "/thing",
            .refusal(status, .overloaded, headers: [.retryAfter: value, .date: "Tue, 13 Jan 2026 21:21:48 GMT"]),
            .thing(2)
        )
        #expect(try await rig.thing(.post) == 2)
        #expect(rig.clock.pauses == [.seconds(3)])
    }

    @Test("a wait beyond the deadline is not begun", arguments: ["31", "86400", "99999999999999999999999999"])
    func tooLong(value: String) async throws {
        let rig = try Rig()
        rig.transport.script(.get, "/thing", .refusal(429, .overloaded, headers: [.retryAfter: value]))
        let error = await failure { try await rig.thing() }
        #expect(error?.status == 429)
        #expect(error?.retryAfter == .seconds(value == "31" ? 31 : 86_400))
        #expect(rig.clock.pauses.isEmpty)
    }

    @Test(
        "a Retry-After that says nothing is as none",
        arguments: ["", "soon", "-1", "1.5", "Tue, 99 Foo 2026 21:21:51 GMT"]
    )
    func senseless(value: String) async throws {
        let rig = try Rig(jitter: 1)
        rig.transport.script(.get, "/thing", .refusal(429, .overloaded, headers: [.retryAfter: value]), .thing(1))
        try await rig.thing()
        #expect(rig.clock.pauses == [.milliseconds(100)])
    }

    @Test("pauses double up to the ceiling")
    func backoff() async throws {
        let rig = try Rig(jitter: 1) { $0.deadline = .seconds(600) }
        rig.transport.script(.get, "/thing", .failure(.connectionLost))
        #expect(await failure { try await rig.thing() }?.code == .clientConnectionLost)
        #expect(rig.clock.pauses == [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000].map { .milliseconds($0) })
    }

    @Test("what may have been carried out is repeated only if that does no harm")
    func idempotence() async throws {
        for (method, isRepeated) in [(HTTPRequest.Method.get, true), (.put, true), (.delete, true), (.post, false)] {
            for answer in [ScriptedAnswer.failure(.connectionLost), .raw(502, body: "bad gateway"), .raw(503)] {
                let rig = try Rig()
                rig.transport.script(method, "/thing", answer, .thing(1))
                let error = await failure { try await rig.thing(method) }
                #expect((error == nil) == isRepeated, "\(method) \(answer)")
            }
        }
    }

    @Test("a change under a condition is not repeated when it may have been carried out")
    func conditional() async throws {
        let rig = try Rig()
        rig.transport.script(.put, "/thing", .failure(.connectionLost), .thing(1))
        let options = CallOptions(headers: [.ifMatch: "\"a\""])
        #expect(await failure { try await rig.thing(.put, options: options) }?.code == .clientConnectionLost)
    }

    @Test("a connection that could not be made is tried again for every method")
    func unreachable() async throws {
        let rig = try Rig()
        rig.transport.script(.post, "/thing", .failure(.unreachable), .thing(1))
        #expect(try await rig.thing(.post) == 1)
    }

    @Test("what would end alike is not repeated", arguments: [400, 403, 404, 409, 422, 500])
    func settled(status: Int) async throws {
        let rig = try Rig()
        rig.transport.script(.get, "/thing", .refusal(status, .validationFailed))
        #expect(await failure { try await rig.thing() }?.status == status)
        #expect(rig.bearers.count == 1)
    }

    @Test("repetitions are a fraction of the calls, whatever happens")
    func budget() async throws {
        let rig = try Rig { configuration in
            configuration.retries.budgetRatio = 0.1
            configuration.retries.budgetReserve = 50
        }
        try await rig.client.ensureAuthenticated()
        rig.transport.script(.get, "/thing", .failure(.connectionLost))
        for _ in 0..<1_000 { _ = await failure { try await rig.thing() } }
        // 5 at the start, and one for every ten calls.
        #expect(rig.bearers.count - 1_000 == 105)
    }

    @Test("the deadline bounds all attempts together")
    func deadline() async throws {
        let rig = try Rig(jitter: 1) { $0.retries.budgetReserve = 10_000 }
        rig.transport.script(.get, "/thing", .refusal(503, .overloaded, headers: [.retryAfter: "4"]))
        try await rig.client.ensureAuthenticated()
        let start = rig.clock.now
        #expect(await failure { try await rig.thing(options: CallOptions(deadline: .seconds(10))) }?.status == 503)
        #expect(rig.clock.now - start <= .seconds(10))
        #expect(rig.bearers.count == 3)
    }

    @Test("a server that says nothing runs into the deadline")
    func silence() async throws {
        let rig = try Rig()
        rig.transport.script(.get, "/thing", .silence)
        try await rig.client.ensureAuthenticated()
        async let error = failure { try await rig.thing() }
        await rig.clock.waitForSleepers(1)
        rig.clock.advance(by: .seconds(30))
        #expect(await error?.code == .clientDeadlineExceeded)
    }

    @Test("a call that is cancelled in a pause, or on the wire, ends at once")
    func cancellation() async throws {
        let clock = MovedClock(skipsPauses: false)
        let rig = try Rig(clock: clock)
        rig.transport.script(.get, "/thing", .refusal(503, .overloaded, headers: [.retryAfter: "9"]))
        rig.transport.script(.get, "/silent", .silence)
        try await rig.client.ensureAuthenticated()
        for path in ["/thing", "/silent"] as [APIPath] {
            let call = Task { () -> Thing in try await rig.client.request(.get, path) }
            await clock.waitForSleepers(1)
            call.cancel()
            #expect(await isCancelled { try await call.value })
            #expect(clock.sleepers == 0)
        }
    }

    @Test("dates are read in all three forms of HTTP")
    func dates() {
        let moment = Timestamp(seconds: 784_111_777)
        #expect(HTTPDate.read("Sun, 06 Nov 1994 08:49:37 GMT") == moment)
        #expect(HTTPDate.read("Sunday, 06-Nov-94 08:49:37 GMT") == moment)
        #expect(HTTPDate.read("Sun Nov  6 08:49:37 1994") == moment)
        for text in [
            "", "now", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
        ] {
            #expect(HTTPDate.read(text) == nil, "\(text)")
        }
    }

    @Test("a server's clock that is wrong does not make a date come later")
    func dateByServerClock() {
        let now = Timestamp(seconds: 784_111_777)
        #expect(RetryAfter.read("Sun, 06 Nov 1994 08:49:40 GMT", now: now) == .seconds(3))
        #expect(RetryAfter.read("Sun, 06 Nov 1994 08:49:30 GMT", now: now) == .zero)
    }
}
