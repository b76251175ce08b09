import FinHubCore
import FinHubTestSupport
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import FinHubServer

@Suite("When the storage is away")
struct OutageTests {
    @Test("a server is ready until its change feed was not read for five seconds")
    func readiness() async throws {
        try await withServer { server in
            server.clock.advance(by: 4)
            let early = try await server.client.execute(uri: "/readyz", method: .get)
            #expect(early.status == .ok)
            server.clock.advance(by: 1)
            let late = try await server.client.execute(uri: "/readyz", method: .get)
            #expect(late.status == .serviceUnavailable)
            let alive = try await server.client.execute(uri: "/livez", method: .get)
            #expect(alive.status == .ok)
        }
    }

    @Test("of failures in a row the first is logged, then one in so many, and the end")
    func streak() {
        var streak = FailureStreak(reminder: 3)
        #expect(streak.succeed() == nil)
        #expect((0..<7).map { _ in streak.fail() } == [true, false, false, true, false, false, true])
        #expect(streak.succeed() == 7)
        #expect(streak.succeed() == nil)
        let isLogged = streak.fail()
        #expect(isLogged)
    }
}
