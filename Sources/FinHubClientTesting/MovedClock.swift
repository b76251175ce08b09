public import FinHubAPI
public import FinHubClient
import Synchronization

/// A clock that stands still until a test moves it.
public final class MovedClock: ClientClock {
    private struct Sleeper {
        let deadline: ContinuousClock.Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: ContinuousClock.Instant
        var wallClock: Timestamp
        var sleepers: [UInt64: Sleeper] = [:]
        var nextSleeper: UInt64 = 0
        var pauses: [Duration] = []
        var arrivals: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state: Mutex<State>
    private let skipsPauses: Bool

    /// A clock that shows `wallClock`.
    ///
    /// - Parameters:
    ///   - wallClock: By default the time of the reference's example, 2026-01-13 21:21:48.
    ///   - skipsPauses: Whether a pause between repetitions moves the clock on by itself, so that a test
    ///     of retries needs no second task; deadlines never do.
    public init(wallClock: Timestamp = Timestamp(seconds: 1_768_339_308), skipsPauses: Bool = true) {
        state = Mutex(State(now: .now, wallClock: wallClock))
        self.skipsPauses = skipsPauses
    }

    public var now: ContinuousClock.Instant { state.withLock { $0.now } }

    public var wallClock: Timestamp { state.withLock { $0.wallClock } }

    /// Every pause that was asked for, in order.
    public var pauses: [Duration] { state.withLock { $0.pauses } }

    /// How many are waiting for a deadline or a pause to end.
    public var sleepers: Int { state.withLock { $0.sleepers.count } }

    /// Lets `duration` pass, on both clocks, and wakes whom it concerns.
    public func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now += duration
            state.wallClock = state.wallClock + duration
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for key in due.keys { state.sleepers[key] = nil }
            return due.values.sorted { $0.deadline < $1.deadline }
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    /// Sets the wall clock forward or back, as an administrator or NTP might; monotonic time goes on.
    public func stepWallClock(by duration: Duration) {
        state.withLock { $0.wallClock = $0.wallClock + duration }
    }

    /// Returns once `count` are asleep at the same time.
    public func waitForSleepers(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.arrivals.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    public func pause(for duration: Duration) async throws {
        state.withLock { $0.pauses.append(duration) }
        guard skipsPauses else { return try await reach(now + duration) }
        try Task.checkCancellation()
        advance(by: duration)
        await Task.yield()
    }

    public func reach(_ deadline: ContinuousClock.Instant) async throws {
        let key = state.withLock { state in
            state.nextSleeper += 1
            return state.nextSleeper
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                fallAsleep(key, Sleeper(deadline: deadline, continuation: continuation))
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: key) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    private func fallAsleep(_ key: UInt64, _ sleeper: Sleeper) {
        let (isOver, arrived) = state.withLock { state -> (Bool, [CheckedContinuation<Void, Never>]) in
            guard !Task.isCancelled, sleeper.deadline > state.now else { return (true, []) }
            state.sleepers[key] = sleeper
            let count = state.sleepers.count
            let arrived = state.arrivals.filter { $0.count <= count }.map(\.continuation)
            state.arrivals.removeAll { $0.count <= count }
            return (false, arrived)
        }
        for continuation in arrived { continuation.resume() }
        guard isOver else { return }
        if Task.isCancelled {
            sleeper.continuation.resume(throwing: CancellationError())
        } else {
            sleeper.continuation.resume()
        }
    }
}
