import Synchronization

/// One renewal at a time, whatever the number of callers who wait for it.
///
/// The renewal runs in a task of its own, because it must outlive the caller who began it: others
/// wait for the same one, and a refresh broken off half-way would lose the tokens that the server
/// has already put in place of the old ones. It is bounded by its own deadline, and
/// ``finish()`` waits for it.
final class RenewalFlight<Value: Sendable>: Sendable {
    private struct State {
        var isUnderWay = false
        var waiting: [UInt64: CheckedContinuation<Value, any Error>] = [:]
        var idle: [CheckedContinuation<Void, Never>] = []
        var nextWaiter: UInt64 = 0
    }

    private let state = Mutex(State())
    private let fly: @Sendable () async throws -> Value

    init(_ fly: @escaping @Sendable () async throws -> Value) {
        self.fly = fly
    }

    /// Begins a renewal unless one is under way.
    func begin() {
        let isFirst = state.withLock { state in
            defer { state.isUnderWay = true }
            return !state.isUnderWay
        }
        if isFirst { takeOff() }
    }

    /// The outcome of the renewal that is under way, or of a new one.
    ///
    /// Who is cancelled stops waiting; the renewal goes on.
    func outcome() async throws -> Value {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { join(waiter, $0) }
        } onCancel: {
            let continuation = state.withLock { $0.waiting.removeValue(forKey: waiter) }
            continuation?.resume(throwing: CancellationError())
        }
    }

    /// Returns once nothing is under way.
    func finish() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if state.isUnderWay { state.idle.append(continuation) }
                return !state.isUnderWay
            }
            if isIdle { continuation.resume() }
        }
    }

    /// How many wait.
    var waiting: Int { state.withLock { $0.waiting.count } }

    private func join(_ waiter: UInt64, _ continuation: CheckedContinuation<Value, any Error>) {
        let (isCancelled, isFirst) = state.withLock { state in
            // Cancelled before it was in the list: the handler above found nobody to wake.
            if Task.isCancelled { return (true, false) }
            state.waiting[waiter] = continuation
            defer { state.isUnderWay = true }
            return (false, !state.isUnderWay)
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
        if isFirst { takeOff() }
    }

    private func takeOff() {
        Task {
            let outcome: Result<Value, any Error>
            do { outcome = .success(try await fly()) } catch { outcome = .failure(error) }
            land(with: outcome)
        }
    }

    private func land(with outcome: Result<Value, any Error>) {
        let (waiting, idle) = state.withLock { state in
            defer {
                state.isUnderWay = false
                state.waiting = [:]
                state.idle = []
            }
            return (state.waiting, state.idle)
        }
        for continuation in waiting.values { continuation.resume(with: outcome) }
        for continuation in idle { continuation.resume() }
    }
}
