import FinHubAPI
import FinHubClientTesting
import HTTPTypes
import InMemoryTracing
import Instrumentation
import Metrics
import MetricsTestKit
import Testing
import Tracing

@testable import FinHubClient

@Suite("Seen from outside")
struct ObservabilityTests {
    @Test("logins, refreshes, repetitions, cache hits and latency are counted")
    func metrics() async throws {
        let metrics = TestMetrics()
        let rig = try Rig { $0.metricsFactory = metrics }
        rig.transport.script(
            .get,
            "/thing",
            .refusal(503, .overloaded),
            .thing(1, headers: [.cacheControl: "max-age=60", .eTag: "\"a\""]),
            .raw(304)
        )
        rig.transport.script(.post, Rig.refreshPath, .refusal(503, .overloaded), .tokens("second"))
        try await rig.thing()
        try await rig.thing()
        rig.clock.advance(by: .seconds(60))
        try await rig.thing()
        try await rig.client.sessions.refresh()
        _ = await failure { try await rig.client.request(.get, "/nothing") }

        func count(_ name: String, _ dimensions: [(String, String)] = []) throws -> Int64 {
            try metrics.expectCounter("finhub_client_\(name)", dimensions).values.reduce(0, +)
        }
        #expect(try count("logins_total", [("result", "success")]) == 1)
        #expect(try count("refreshes_total", [("result", "success")]) == 1)
        #expect(try count("retries_total", [("budget", "taken")]) == 2)
        #expect(try count("cache_hits_total", [("kind", "fresh")]) == 1)
        #expect(try count("cache_hits_total", [("kind", "confirmed")]) == 1)
        let duration = "finhub_client_request_duration_seconds"
        #expect(try metrics.expectTimer(duration, [("result", "success")]).values.count == 3)
        #expect(try metrics.expectTimer(duration, [("result", "failure")]).values.count == 1)
    }

    @Test("each call is a span, and tells the server of it")
    func spans() async throws {
        let tracer = InMemoryTracer()
        let rig = try Rig { $0.tracer = tracer }
        rig.transport.script(.get, "/thing", .thing())
        try await rig.client.request(.get, "/thing", query: [QueryItem("secret", "canary")])
        _ = await failure { try await rig.client.request(.get, "/nothing") }
        // The login was the first to end.
        let all = tracer.finishedSpans
        #expect(all.map(\.operationName) == ["FinHub POST", "FinHub GET", "FinHub GET"])
        let spans = Array(all.dropFirst())
        #expect(spans[0].attributes["http.response.status_code"]?.toSpanAttribute() == 200.toSpanAttribute())
        #expect(spans[0].attributes["url.path"]?.toSpanAttribute() == "/api/v2.1/thing".toSpanAttribute())
        #expect(spans[1].attributes["error.type"]?.toSpanAttribute() == "NOT_FOUND".toSpanAttribute())
        #expect(spans.allSatisfy { $0.kind == .client })
        let sent = try #require(rig.transport.requests(.get, "/thing").first)
        let traceID = try #require(HTTPField.Name(InMemoryTracer.traceIDKey))
        #expect(sent.headers[traceID] == spans[0].spanContext.traceID)
        #expect(rig.logins.first?.headers[traceID] == all[0].spanContext.traceID)
    }

    @Test("clocks that differ by more than 30 s are warned about, once")
    func skew() async throws {
        let (logger, lines) = LogBook.logger()
        let rig = try Rig { $0.logger = logger }
        let behind = [HTTPField.Name.date: "Tue, 13 Jan 2026 21:20:48 GMT"]
        rig.transport.script(
            .get,
            "/thing",
            .thing(1, headers: HTTPFields(behind.map { HTTPField(name: $0, value: $1) }))
        )
        #expect(rig.client.clockSkew == nil)
        try await rig.thing()
        #expect(rig.client.clockSkew == .milliseconds(-59_500))
        rig.clock.stepWallClock(by: .seconds(-40))
        rig.clock.advance(by: .seconds(40))
        try await rig.thing()
        let warnings = lines.all.filter { $0.hasPrefix("warning") && $0.contains("clock") }
        #expect(warnings.count == 1, "\(lines.all)")
    }

    @Test("a skew within 30 s is measured and not warned about")
    func tolerated() {
        var skew = ClockSkew()
        let now = ContinuousClock.now
        let wall = Timestamp(seconds: 1_000)
        #expect(skew.measure(server: wall - .seconds(29), wallClock: wall, at: now) == nil)
        #expect(skew.value == .milliseconds(-28_500))
        #expect(!skew.isDue(at: now + .seconds(29)))
        #expect(skew.isDue(at: now + .seconds(30)))
        #expect(skew.measure(server: wall + .seconds(40), wallClock: wall, at: now) == .milliseconds(40_500))
        #expect(skew.measure(server: wall + .seconds(41), wallClock: wall, at: now) == nil)
        #expect(skew.measure(server: wall + .seconds(100), wallClock: wall, at: now) == .milliseconds(100_500))
        #expect(skew.measure(server: wall, wallClock: wall, at: now) == nil)
        #expect(skew.measure(server: wall + .seconds(100), wallClock: wall, at: now) != nil)
    }
}
