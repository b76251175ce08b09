public import FinHubAPI
import Foundation

/// Where the client has its time from; tests hand in one that they move.
public protocol ClientClock: Sendable {
    /// Monotonic time, which goes on while the machine sleeps and which nobody can set.
    var now: ContinuousClock.Instant { get }
    /// What the clock on the wall says; used for what is compared with other machines or outlives
    /// this process, and never for whether a token is still good.
    var wallClock: Timestamp { get }

    /// Waits before trying something again.
    func pause(for duration: Duration) async throws

    /// Returns once `deadline` has come: the end of somebody's patience.
    func reach(_ deadline: ContinuousClock.Instant) async throws
}

/// The system's clocks.
public struct SystemClock: ClientClock {
    /// The machine's own time.
    public init() {}

    public var now: ContinuousClock.Instant { .now }

    public var wallClock: Timestamp {
        Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }

    public func pause(for duration: Duration) async throws {
        try await Task.sleep(for: duration)
    }

    public func reach(_ deadline: ContinuousClock.Instant) async throws {
        try await Task.sleep(until: deadline, clock: .continuous)
    }
}
