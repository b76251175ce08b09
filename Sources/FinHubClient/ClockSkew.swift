import FinHubAPI

/// Measures how far the server's wall clock is from ours, and says when that is worth a warning.
///
/// Nothing depends on it: expiry is kept on the monotonic clock. But whoever's clock is wrong should
/// know, for certificates and logs go by it.
struct ClockSkew: Sendable {
    static let tolerance = Duration.seconds(30)
    /// `Date` is not read more often than this.
    static let interval = Duration.seconds(30)

    /// How far the server is ahead; `nil` before the first measurement.
    private(set) var value: Duration?
    private var measured: ContinuousClock.Instant?
    private var warned: Duration?

    /// Whether it is time to measure again.
    func isDue(at now: ContinuousClock.Instant) -> Bool {
        measured.map { now - $0 >= Self.interval } ?? true
    }

    /// Takes a measurement.
    ///
    /// - Returns: The skew, when it is beyond the tolerance and was not warned about yet as it is.
    mutating func measure(
        server: Timestamp,
        wallClock: Timestamp,
        at now: ContinuousClock.Instant
    ) -> Duration? {
        measured = now
        // A `Date` of whole seconds is half a second old on average.
        let skew = server + .milliseconds(500) - wallClock
        value = skew
        guard abs(skew) > Self.tolerance else {
            warned = nil
            return nil
        }
        if let warned, abs(skew - warned) <= Self.tolerance { return nil }
        warned = skew
        return skew
    }

    private func abs(_ duration: Duration) -> Duration {
        duration < .zero ? .zero - duration : duration
    }
}
