/// How failures that may pass are met: how often, how long apart, and how many in all.
///
/// What is repeated: 429 and the server's own 503, after `Retry-After` where it is given; and, of
/// methods that may be repeated (RFC 9110, section 9.2.2), lost connections, 408, 502 and 504. All of
/// it ends with the call's deadline.
public struct RetryPolicy: Hashable, Sendable {
    /// How often one call is sent at most, the first time included.
    public var attempts = 8
    /// The longest pause before the first repetition; it doubles with each.
    public var firstPause = Duration.milliseconds(100)
    /// The longest pause of all, where the server does not ask for more.
    public var longestPause = Duration.seconds(5)
    /// How many repetitions there may be for each call, over all calls: 0.2 allows one in five.
    public var budgetRatio = 0.2
    /// How many repetitions can be saved up for a bad time.
    public var budgetReserve = 100.0

    public init() {}

    /// The pause before repetition `number`, counted from 1: full jitter, so that callers who failed
    /// together don't come back together.
    func pause(_ number: Int, using random: inout some RandomNumberGenerator) -> Duration {
        let doublings = min(max(number - 1, 0), 30)
        let ceiling = min(firstPause * (1 << doublings), longestPause)
        return ceiling * Double.random(in: 0...1, using: &random)
    }
}

/// Bounds repetitions to a fraction of the calls, so that a struggling server meets less, not more.
struct RetryBudget: Sendable {
    private let ratio: Double
    private let reserve: Double
    private(set) var saved: Double

    init(_ policy: RetryPolicy) {
        ratio = policy.budgetRatio
        reserve = policy.budgetReserve
        saved = policy.budgetReserve / 10
    }

    /// Counts a call that is sent for the first time.
    mutating func deposit() {
        saved = min(saved + ratio, reserve)
    }

    /// Takes one repetition; `false` when none is left.
    mutating func withdraw() -> Bool {
        guard saved >= 1 else { return false }
        saved -= 1
        return true
    }
}
