public import FinHubAPI

/// How many failures are free, and what the next ones cost: a wait of a minute, doubling to an hour.
public struct FailureRule: Hashable, Sendable {
    /// When failures no longer count.
    enum Memory: Hashable, Sendable {
        /// So long after the last of them.
        case untilQuietFor(Duration)
        /// So long after the first of them, or when the wait for the last is over, if that is later.
        case within(Duration)
    }

    static let firstWait: Duration = .seconds(60)
    static let longestWait: Duration = .seconds(3_600)
    /// No rule remembers longer: a count of nothing newer can be removed.
    public static let longestMemory: Duration = .seconds(86_400)
    /// How far the clocks of servers on one database may be apart.
    private static let skew: Duration = .seconds(60)

    /// So many failures, and the wait begins.
    let tries: Int
    let memory: Memory

    /// How long nobody may try after so many failures.
    func wait(after failures: Int) -> Duration {
        guard failures >= tries else { return .zero }
        return min(Self.firstWait * (1 << min(failures - tries, 6)), Self.longestWait)
    }

    /// When the wait of a count is over; `nil` when nobody has to wait.
    ///
    /// A failure of the future was counted before the clock was set back: it can't tell how long to wait, and
    /// nobody is kept out until the clock has caught up.
    func waitEnd(of count: FailureCount, at now: Timestamp) -> Timestamp? {
        let wait = wait(after: count.failures)
        guard wait > .zero, count.lastAt <= now + Self.skew else { return nil }
        let end = count.lastAt + wait
        return now < end ? end : nil
    }

    /// How many attempts may be under way at once: as many as are left, and one when a wait is over.
    func allowance(after count: FailureCount?, at now: Timestamp) -> Int {
        guard let count, !isForgotten(count, at: now) else { return tries }
        return max(tries - count.failures, 1)
    }

    /// The count after one more failure.
    public func count(after count: FailureCount?, at now: Timestamp) -> FailureCount {
        guard let count, !isForgotten(count, at: now) else { return FailureCount(failures: 1, since: now, lastAt: now) }
        return FailureCount(failures: min(count.failures, 1_000_000) + 1, since: count.since, lastAt: now)
    }

    private func isForgotten(_ count: FailureCount, at now: Timestamp) -> Bool {
        switch memory {
        case .untilQuietFor(let quiet): now - count.lastAt >= quiet
        case .within(let window): now - count.since >= window && waitEnd(of: count, at: now) == nil
        }
    }
}

/// Failures that were counted together.
public struct FailureCount: Hashable, Sendable {
    public let failures: Int
    /// When the first of them was.
    public let since: Timestamp
    public let lastAt: Timestamp

    public init(failures: Int, since: Timestamp, lastAt: Timestamp) {
        self.failures = failures
        self.since = since
        self.lastAt = lastAt
    }
}
