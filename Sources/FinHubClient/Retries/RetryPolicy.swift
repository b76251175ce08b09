/// How failures that may pass are met: how often, how long apart, and how many in all.
///
/// What is repeated: 429 and the server's own 503, after `Retry-After` where it is given; and, of
/// methods that may be repeated (RFC 9110, section 9.2.2), lost connections, 408, 502 and 504. A call
/// whose connection could not be made is repeated whatever its method. All of it ends with the
/// call's deadline: a pause that would outlast it is not begun.
public struct RetryPolicy: Hashable, Sendable {
    /// How often one call is sent at most, the first time included.
    public var attempts = 10
    /// The longest pause before the first repetition; it doubles with each.
    public var firstPause = Duration.milliseconds(100)
    /// The longest pause of all, where the server does not ask for more.
    public var longestPause = Duration.seconds(5)
    /// How many repetitions there may be for each call, over all calls: 0.2 allows one in five.
    public var budgetRatio = 0.2
    /// How many repetitions can be saved up for a bad time; a tenth of them are there at the start.
    public var budgetReserve = 100.0

    /// The defaults, which suit a backend that calls a few times a second.
    public init() {}

    /// How long to pause before sending a call again; `nil` when it must not be.
    ///
    /// Full jitter keeps callers who failed together from coming back together. A pause that the
    /// server named is never shortened.
    ///
    /// - Parameters:
    ///   - fault: How the last attempt failed.
    ///   - attempt: How many attempts there were, 1 or more.
    ///   - isRepeatable: Whether it does no harm to carry the call out twice.
    ///   - left: The time until the call's deadline.
    ///   - jitter: A random number from 0 to 1.
    /// - Returns: The pause.
    func pause(
        after fault: Fault,
        attempt: Int,
        isRepeatable: Bool,
        left: Duration,
        jitter: Double
    ) -> Duration? {
        guard attempt < attempts else { return nil }
        switch fault.effect {
        case .notCarriedOut: break
        case .unknown where isRepeatable: break
        default: return nil
        }
        let pause: Duration
        if let named = fault.error.retryAfter, named > .zero {
            pause = named + min(named, .seconds(1)) * (jitter / 2)
        } else {
            pause = backoff(attempt) * jitter
        }
        return pause < left ? pause : nil
    }

    /// The ceiling of the pause after `attempt` attempts.
    func backoff(_ attempt: Int) -> Duration {
        min(firstPause * (1 << min(max(attempt - 1, 0), 30)), longestPause)
    }
}

/// Bounds repetitions to a fraction of the calls, so that a struggling server meets less, not more.
struct RetryBudget: Sendable {
    // In thousandths of a repetition, so that many small deposits add up exactly.
    private let ratio: Int
    private let reserve: Int
    private var saved: Int
    private static let one = 1_000

    init(_ policy: RetryPolicy) {
        ratio = Self.thousandths(policy.budgetRatio)
        reserve = Self.thousandths(policy.budgetReserve)
        saved = reserve / 10
    }

    private static func thousandths(_ value: Double) -> Int {
        Int((min(max(value, 0), 1_000_000_000) * Double(one)).rounded())
    }

    /// Counts a call that is sent for the first time.
    mutating func deposit() {
        saved = min(saved + ratio, reserve)
    }

    /// Takes one repetition; `false` when none is left.
    mutating func withdraw() -> Bool {
        guard saved >= Self.one else { return false }
        saved -= Self.one
        return true
    }
}
