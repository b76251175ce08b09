import FinHubAPI
import Synchronization

/// Lets one of many callers who want the same thing at the same time get it for all of them.
///
/// There is no task beside the callers' own: the first one works, the others wait. When the one who
/// works is cancelled or runs out of time, the next in line takes over.
final class Coalescer<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private enum Turn {
        case work
        case done(Result<Value, any Error>)
    }

    private struct Line {
        var waiting: [(id: UInt64, continuation: CheckedContinuation<Turn, any Error>)] = []
    }

    private struct State {
        var lines: [Key: Line] = [:]
        var nextWaiter: UInt64 = 0
    }

    private let state = Mutex(State())

    /// How many wait for another's work.
    var waiting: Int { state.withLock { $0.lines.values.reduce(0) { $0 + $1.waiting.count } } }

    /// What `work` makes, or made for another caller.
    ///
    /// - Parameters:
    ///   - key: What is wanted.
    ///   - joined: Called when the work is another's.
    ///   - work: Gets it.
    /// - Returns: The value.
    /// - Throws: What `work` threw, or `CancellationError`.
    func value(
        for key: Key,
        joined: () -> Void = {},
        work: () async throws -> Value
    ) async throws -> Value {
        if !begin(key) {
            joined()
            if case .done(let outcome) = try await wait(for: key) { return try outcome.get() }
        }
        do {
            let value = try await work()
            finish(key, .success(value))
            return value
        } catch {
            let isOwn = error is CancellationError || (error as? FinHubClientError)?.code == .clientDeadlineExceeded
            if isOwn { passOn(key) } else { finish(key, .failure(error)) }
            throw error
        }
    }

    /// Whether the caller is the first.
    private func begin(_ key: Key) -> Bool {
        state.withLock { state in
            guard state.lines[key] == nil else { return false }
            state.lines[key] = Line()
            return true
        }
    }

    private func wait(for key: Key) async throws -> Turn {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let turn: Result<Turn, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    // The work was finished since the caller saw it begun.
                    guard state.lines[key] != nil else {
                        state.lines[key] = Line()
                        return .success(.work)
                    }
                    state.lines[key]?.waiting.append((waiter, continuation))
                    return nil
                }
                if let turn { continuation.resume(with: turn) }
            }
        } onCancel: {
            leave(key, waiter)
        }
    }

    private func leave(_ key: Key, _ waiter: UInt64) {
        let continuation = state.withLock { state -> CheckedContinuation<Turn, any Error>? in
            guard let index = state.lines[key]?.waiting.firstIndex(where: { $0.id == waiter }) else { return nil }
            return state.lines[key]?.waiting.remove(at: index).continuation
        }
        continuation?.resume(throwing: CancellationError())
    }

    private func finish(_ key: Key, _ outcome: Result<Value, any Error>) {
        let line = state.withLock { $0.lines.removeValue(forKey: key) }
        for waiter in line?.waiting ?? [] { waiter.continuation.resume(returning: .done(outcome)) }
    }

    /// Gives the work to the next in line.
    private func passOn(_ key: Key) {
        let next = state.withLock { state -> CheckedContinuation<Turn, any Error>? in
            guard state.lines[key]?.waiting.isEmpty == false else {
                state.lines[key] = nil
                return nil
            }
            return state.lines[key]?.waiting.removeFirst().continuation
        }
        next?.resume(returning: .work)
    }
}
