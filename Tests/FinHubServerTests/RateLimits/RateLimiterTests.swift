import FinHubAPI
import FinHubTestSupport
import Testing

@testable import FinHubCore

@Suite("Rate limiter")
struct RateLimiterTests {
    @Test("each caller has an allowance of its own")
    func callers() throws {
        let limiter = RateLimiter(try #require(RateLimit(perMinute: 60, burst: 2)))
        for low: UInt64 in 0..<1_000 {
            let key = RateKey(high: 1, low: low)
            #expect((0..<3).map { _ in limiter.spend(key, at: 0).isRefused } == [false, false, true])
        }
        #expect(!limiter.spend(RateKey(high: 2, low: 1), at: 0).isRefused)
    }

    @Test("a flood of callers gets nobody refused, and gives who is at the limit nothing")
    func flood() throws {
        let limiter = RateLimiter(try #require(RateLimit(perMinute: 60, burst: 10)))
        let (flooder, bystander) = (RateKey(high: 1, low: 1), RateKey(high: 2, low: 2))
        for _ in 0..<10 { _ = limiter.spend(flooder, at: 0) }
        var refusals = 0
        for index in 0..<UInt64(RateLimiter.slots * 8) {
            if limiter.spend(RateKey(high: 3, low: index), at: Int64(index)).isRefused { refusals += 1 }
            // A call a second is what the limit allows for ever.
            if index.isMultiple(of: 50_000), limiter.spend(bystander, at: Int64(index)).isRefused { refusals += 1 }
        }
        #expect(refusals == 0)
        #expect(limiter.spend(flooder, at: Int64(RateLimiter.slots * 8)).isRefused)
    }

    @Test("memory does not grow with the callers")
    func memory() throws {
        let limiter = RateLimiter(try #require(RateLimit(perMinute: 60, burst: 10)))
        for index in 0..<UInt64(RateLimiter.slots * 2) { _ = limiter.spend(RateKey(high: 3, low: index), at: 0) }
        #expect(limiter.slotCount == RateLimiter.slots)
    }

    @Test("of IPv6 the network of 64 bits is the client, of IPv4 the address")
    func networks() throws {
        let one = RatePlan(perAddress: RateLimit(perMinute: 1, burst: 1))
        let limits = RateLimits(login: one, rest: one)
        let noon = Timestamp(seconds: 1_767_268_800)
        func isRefused(_ address: String, _ rateClass: RateClass = .rest) -> Bool? {
            limits.spend(NetworkAddress(address), for: rateClass, at: noon)?.isRefused
        }
        #expect(isRefused("2001:db8:1:2::1") == false)
        #expect(isRefused("2001:db8:1:2:ffff::9") == true)
        #expect(isRefused("2001:db8:1:3::1") == false)
        #expect(isRefused("192.0.2.1") == false)
        #expect(isRefused("::ffff:192.0.2.1") == true)
        #expect(isRefused("192.0.2.2") == false)
        // Each class has limits of its own, and where there is none nobody is refused.
        #expect(isRefused("192.0.2.1", .login) == false)
        #expect(isRefused("192.0.2.1", .refresh) == nil)
    }
}
