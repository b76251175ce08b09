import FinHubTestSupport
import Testing

@testable import FinHubCore

@Suite("Rate limit")
struct RateLimitTests {
    @Test("what is let through is what grew back, and how much at once", arguments: Row.all)
    func table(_ row: Row) throws {
        let limit = try #require(RateLimit(perMinute: row.perMinute, burst: row.burst))
        var wholeAt = Int64.min
        let standings = row.calls.map { limit.spend(&wholeAt, at: $0 * 1_000_000) }
        #expect(standings.map { $0.isRefused ? -$0.retryAfterSeconds : $0.remaining } == row.answers)
    }

    @Test("it agrees with a bucket that is filled drop by drop", arguments: 0..<40)
    func model(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let perMinute = [1, 7, 60, 999, 60_000, 1_000_000].randomElement(using: &generator) ?? 1
        let burst = Int.random(in: 1...50, using: &generator)
        let limit = try #require(RateLimit(perMinute: perMinute, burst: burst))
        var bucket = Bucket(perMinute: perMinute, burst: burst)
        var wholeAt = Int64.min
        var now = Int64.random(in: 0...1_000_000_000_000, using: &generator)
        for call in 0..<2_000 {
            let standing = limit.spend(&wholeAt, at: now)
            let (isRefused, remaining) = bucket.spend(at: now)
            #expect(standing.isRefused == isRefused, "call \(call)")
            #expect(standing.remaining == remaining, "call \(call)")
            #expect(standing.limit == burst)
            let pause = 60_000_000_000 / Int64(perMinute)
            now +=
                Int.random(in: 0..<4, using: &generator) == 0
                ? .random(in: 0...(pause * 3), using: &generator) : pause / 3
        }
    }

    @Test("who comes when told to is let through, and a nanosecond before is not")
    func retryAfter() throws {
        let limit = try #require(RateLimit(perMinute: 7, burst: 3))
        var wholeAt = Int64.min
        for _ in 0..<3 { _ = limit.spend(&wholeAt, at: 5) }
        let wait = try #require(limit.spend(&wholeAt, at: 5).retryAfter)
        #expect(limit.spend(&wholeAt, at: 5 + wait - 1).isRefused)
        #expect(!limit.spend(&wholeAt, at: 5 + wait).isRefused)
    }

    @Test("a clock that is set refuses nobody", arguments: [-7_200, -1, 7_200] as [Int64])
    func clock(seconds: Int64) throws {
        let limit = try #require(RateLimit(perMinute: 600, burst: 5))
        var wholeAt = Int64.min
        let noon: Int64 = 1_767_268_800_000_000_000
        for _ in 0..<5 { _ = limit.spend(&wholeAt, at: noon) }
        #expect(limit.spend(&wholeAt, at: noon).isRefused)
        #expect(!limit.spend(&wholeAt, at: noon + seconds * 1_000_000_000).isRefused)
    }

    @Test(
        "a rate or burst out of bounds is none",
        arguments: [(0, 1), (-1, 1), (60_000_001, 1), (1, 0), (1, 10_000_001)]
    )
    func bounds(perMinute: Int, burst: Int) {
        #expect(RateLimit(perMinute: perMinute, burst: burst) == nil)
    }

    @Test("the largest numbers there are do not overflow")
    func edges() throws {
        let slow = try #require(RateLimit(perMinute: 1, burst: 10_000_000))
        for now in [Int64.min, -1, 0, Int64.max] {
            var wholeAt = Int64.max
            _ = slow.spend(&wholeAt, at: now)
            _ = slow.spend(&wholeAt, at: Int64.max)
            _ = slow.spend(&wholeAt, at: Int64.min)
        }
    }
}

/// Calls at so many milliseconds, and what is left after each, or how many seconds to wait, negative.
struct Row: Sendable {
    let perMinute: Int
    let burst: Int
    let calls: [Int64]
    let answers: [Int]

    static let all = [
        Row(perMinute: 60, burst: 1, calls: [0, 0, 999, 1_000, 1_001], answers: [0, -1, -1, 0, -1]),
        Row(perMinute: 60, burst: 3, calls: [0, 0, 0, 0, 1_000, 1_000], answers: [2, 1, 0, -1, 0, -1]),
        Row(perMinute: 1, burst: 1, calls: [0, 0, 1, 59_999, 60_000], answers: [0, -60, -60, -1, 0]),
        Row(perMinute: 60, burst: 2, calls: [0, 10_000, 10_000, 10_000], answers: [1, 1, 0, -1]),
        Row(perMinute: 6_000, burst: 2, calls: [0, 0, 5, 10, 30], answers: [1, 0, -1, 0, 1]),
    ]
}

/// The same limit as a bucket: drops fall in all the time, a call takes one interval's worth.
private struct Bucket {
    private let interval: Int64
    private let capacity: Int64
    private var level: Int64
    private var at: Int64?

    init(perMinute: Int, burst: Int) {
        interval = 60_000_000_000 / Int64(perMinute)
        capacity = interval * Int64(burst)
        level = capacity
    }

    mutating func spend(at now: Int64) -> (isRefused: Bool, remaining: Int) {
        level = min(capacity, level + (now - (at ?? now)))
        at = now
        guard level >= interval else { return (true, 0) }
        level -= interval
        return (false, Int(level / interval))
    }
}
