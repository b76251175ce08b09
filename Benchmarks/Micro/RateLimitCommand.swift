import ArgumentParser
import FinHubCore

/// What one check of a rate limit takes, among many callers and in a flood of new ones.
struct RateLimitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ratelimit",
        abstract: "Take calls out of the allowances of many callers."
    )

    @Option(help: "How often each is measured, in turns.")
    var rounds = 15
    @Option(help: "How many callers there are.")
    var callers = 10_000

    private static let count = 200_000

    mutating func run() throws {
        guard let limit = RateLimit(perMinute: 60_000, burst: 1_000) else { throw ExitCode.failure }
        let limiter = RateLimiter(limit)
        var known: [Double] = []
        var flood: [Double] = []
        for round in -1..<rounds {
            let few = seconds {
                RateKey(high: 1, low: UInt64($0 % callers))
            } using: {
                limiter.spend($0, at: $1)
            }
            let many = seconds {
                RateKey(high: UInt64(round + 2), low: UInt64($0))
            } using: {
                limiter.spend($0, at: $1)
            }
            guard round >= 0 else { continue }
            known.append(few)
            flood.append(many)
        }
        print(#"{"check_us":\#(known.median * 1e6),"flood_us":\#(flood.median * 1e6),"callers":\#(callers)}"#)
    }

    /// What one check takes, a microsecond of the callers' time after the one before.
    private func seconds(
        _ key: (Int) -> RateKey,
        using spend: (RateKey, Int64) -> RateStanding
    ) -> Double {
        let begun = ContinuousClock.now
        for index in 0..<Self.count { consume(spend(key(index), Int64(index) * 1_000)) }
        return (ContinuousClock.now - begun).seconds / Double(Self.count)
    }
}
