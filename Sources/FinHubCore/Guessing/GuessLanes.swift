import Synchronization

/// Attempts that are under way, so that many at once are not many more than one after the other.
///
/// Whether an attempt is a wrong guess is known only at its end. Each subject is a lane: as many go in it at
/// once as the subject has tries left. Who comes beyond that waits for one of them to end, and is refused only
/// when failures have used up the tries meanwhile. A right password lets two more go beside, so that
/// simultaneous logins are soon as many at once as they like; a wrong one takes that back.
final class GuessLanes: Sendable {
    /// A lane to go in, and how many may go in it at once.
    struct Claim: Sendable {
        let subject: FailureSubject
        let allowance: Int
    }

    /// What became of an attempt.
    enum End {
        case right, wrong
        /// Nothing was learnt of what was presented.
        case unknown
    }

    /// What came of asking to go.
    enum Entry {
        /// The attempt is under way, and must ``leave(_:_:)``.
        case entered
        /// Failures were counted since the counts were read: read them again.
        case stale
        /// The caller waited in this lane: read the counts again, then ask again or ``passOn(_:)``.
        case woken(FailureSubject)
    }

    fileprivate struct Lane {
        var underWay = 0
        var extra = 0
        var waiting: [CheckedContinuation<Entry, any Error>] = []
    }

    fileprivate struct State {
        var lanes: [FailureSubject: Lane] = [:]
        /// How many failures were counted on this server.
        var edition = 0
    }

    /// How many wait in a lane; who comes then is refused as by a hasher that has no room.
    ///
    /// A backend that starts may sign in hundreds of users at once from one address, each rightly.
    static let mostWaiting = 1_024
    fileprivate static let mostExtra = 64

    private let state = Mutex(State())

    /// How many failures were counted on this server so far.
    var edition: Int { state.withLock { $0.edition } }

    /// How many lanes there are.
    var count: Int { state.withLock { $0.lanes.count } }

    /// Goes in all of the lanes, or waits in the first that is full.
    ///
    /// - Parameters:
    ///   - claims: The lanes.
    ///   - edition: ``edition`` as it was before the counts were read.
    ///   - lane: In which lane the caller was woken, if it was.
    /// - Returns: Whether the attempt is under way; if not, what to do.
    /// - Throws: ``PasswordHashingRefusal/busy`` when too many wait already.
    func enter(_ claims: [Claim], edition: Int, wokenIn lane: FailureSubject?) async throws -> Entry {
        try await withCheckedThrowingContinuation { continuation in
            let resumed = state.withLock { state in
                state.enter(claims, edition: edition, wokenIn: lane, continuation)
            }
            for (waiting, result) in resumed { waiting.resume(with: result) }
        }
    }

    /// Ends an attempt; what it counted is stored by then.
    func leave(_ claims: [Claim], _ end: End) {
        let woken = state.withLock { state in
            if end == .wrong { state.edition += 1 }
            return claims.flatMap { state.leave($0.subject, end) }
        }
        for (waiting, result) in woken { waiting.resume(with: result) }
    }

    /// Lets the next in the lane have the turn that the caller, woken in it, does not take.
    func passOn(_ lane: FailureSubject) {
        let woken = state.withLock { $0.wake(1, in: lane) }
        for (waiting, result) in woken { waiting.resume(with: result) }
    }
}

private typealias Resumed = [(CheckedContinuation<GuessLanes.Entry, any Error>, Result<GuessLanes.Entry, any Error>)]

extension GuessLanes.State {
    fileprivate mutating func enter(
        _ claims: [GuessLanes.Claim],
        edition: Int,
        wokenIn woken: FailureSubject?,
        _ caller: CheckedContinuation<GuessLanes.Entry, any Error>
    ) -> Resumed {
        guard edition == self.edition else { return [(caller, .success(.stale))] }
        let full = claims.first { claim in
            let lane = lanes[claim.subject, default: GuessLanes.Lane()]
            // Who was woken does not stand behind those who wait.
            let isBehind = !lane.waiting.isEmpty && claim.subject != woken
            return isBehind || lane.underWay >= claim.allowance + lane.extra
        }
        guard let full else {
            for claim in claims { lanes[claim.subject, default: GuessLanes.Lane()].underWay += 1 }
            let isElsewhere = woken.map { lane in !claims.contains { $0.subject == lane } } ?? false
            return [(caller, .success(.entered))] + (isElsewhere ? pass(woken) : [])
        }
        let passed = full.subject == woken ? [] : pass(woken)
        let waiting = lanes[full.subject]?.waiting.count ?? 0
        guard full.subject == woken || waiting < GuessLanes.mostWaiting else {
            return passed + [(caller, .failure(PasswordHashingRefusal.busy))]
        }
        let place = full.subject == woken ? 0 : waiting
        lanes[full.subject, default: GuessLanes.Lane()].waiting.insert(caller, at: place)
        return passed
    }

    fileprivate mutating func leave(_ subject: FailureSubject, _ end: GuessLanes.End) -> Resumed {
        guard var lane = lanes[subject] else { return [] }
        lane.underWay -= 1
        switch end {
        case .right: lane.extra = min(lane.extra + 2, GuessLanes.mostExtra)
        case .wrong: lane.extra = 0
        case .unknown: break
        }
        lanes[subject] = lane
        return wake(end == .right ? 3 : 1, in: subject)
    }

    fileprivate mutating func wake(_ count: Int, in subject: FailureSubject) -> Resumed {
        guard var lane = lanes[subject] else { return [] }
        let woken = lane.waiting.prefix(count)
        lane.waiting.removeFirst(woken.count)
        lanes[subject] = lane.underWay == 0 && lane.waiting.isEmpty ? nil : lane
        return woken.map { ($0, .success(.woken(subject))) }
    }

    private mutating func pass(_ woken: FailureSubject?) -> Resumed {
        woken.map { wake(1, in: $0) } ?? []
    }
}
