import NIOCore
import Synchronization

/// Ends the calls whose time is up, with one timer for all of them.
///
/// Nearly every call is answered long before its deadline: a timer for each would be set and taken back for
/// nothing.
final class DeadlineWatch: Sendable {
    private struct State {
        var calls: [ObjectIdentifier: AnswerCollector] = [:]
        var timer: Timer?
        var isOver = false
    }

    private struct Timer {
        let deadline: NIODeadline
        let task: Scheduled<Void>
    }

    private let eventLoop: any EventLoop
    private let state = Mutex(State())

    /// - Parameter eventLoop: Runs the timer.
    init(on eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// How many calls are under way.
    var count: Int { state.withLock { $0.calls.count } }

    /// Watches `call` until ``end(_:)``; after ``close()`` it fails at once.
    func begin(_ call: AnswerCollector) {
        let isOver = state.withLock { state in
            guard !state.isOver else { return true }
            state.calls[ObjectIdentifier(call)] = call
            if state.timer.map({ call.deadline < $0.deadline }) ?? true { arm(&state, for: call.deadline) }
            return false
        }
        if isOver { call.fail(Self.closed) }
    }

    func end(_ call: AnswerCollector) {
        state.withLock { $0.calls[ObjectIdentifier(call)] = nil }
    }

    /// Fails every call that is under way, and every one to come.
    func close() {
        let calls = state.withLock { state in
            state.isOver = true
            state.timer?.task.cancel()
            state.timer = nil
            defer { state.calls = [:] }
            return state.calls
        }
        for call in calls.values { call.fail(Self.closed) }
    }

    private func arm(_ state: inout State, for deadline: NIODeadline) {
        state.timer?.task.cancel()
        // It holds on to the watch for as long as a call may be under way.
        let task = eventLoop.scheduleTask(deadline: deadline) { self.expire() }
        state.timer = Timer(deadline: deadline, task: task)
    }

    private func expire() {
        let now = eventLoop.now
        let late = state.withLock { state in
            state.timer = nil
            let late = state.calls.filter { $0.value.deadline <= now }
            for key in late.keys { state.calls[key] = nil }
            if let next = state.calls.values.map(\.deadline).min() { arm(&state, for: next) }
            return late
        }
        for call in late.values { call.fail(TransportFailure(.timedOut, "No answer came in time.")) }
    }

    private static let closed = TransportFailure(.shutDown, "The client was shut down.")
}
