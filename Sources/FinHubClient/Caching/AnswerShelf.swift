import FinHubAPI
import HTTPTypes
import Metrics
import Synchronization

/// The cache as calls use it.
final class AnswerShelf: Sendable {
    private let cache: Mutex<ResponseCache>
    private let clock: any ClientClock
    private let metrics: ClientMetrics
    private let isOn: Bool
    private let changeCount = Atomic(0)

    init(limit: Int, clock: any ClientClock, metrics: ClientMetrics) {
        cache = Mutex(ResponseCache(limit: limit))
        self.clock = clock
        self.metrics = metrics
        isOn = limit > 0
    }

    /// What is kept for `call`.
    func find(_ call: PreparedCall, of session: SessionID) -> ResponseCache.Finding {
        guard isOn, call.mayUseCache, let key = call.cacheKey else { return .nothing }
        let finding = cache.withLock { $0.find(key, of: session, at: clock.now) }
        if case .fresh = finding { metrics.cacheHits.increment() }
        return finding
    }

    /// How often something was changed; what was asked for before the last change may be out of date.
    var changes: Int { changeCount.load(ordering: .acquiring) }

    /// Takes note of a call that may have changed something, whatever came of it.
    ///
    /// RFC 9111, section 4.4: what changes a resource makes its kept answers untrue.
    func note(_ call: PreparedCall) {
        guard ![.get, .head, .options].contains(call.method) else { return }
        changeCount.add(1, ordering: .releasing)
        cache.withLock { $0.invalidate(call.url) }
    }

    /// Takes note of an answer.
    ///
    /// - Parameters:
    ///   - answer: What the server sent.
    ///   - call: What it sent that to.
    ///   - session: Whose call it was.
    ///   - stale: The kept answer that it was asked about.
    ///   - changes: How often something had been changed when it was asked for.
    /// - Returns: What the caller gets: `answer`, or the kept one that it confirmed.
    func take(
        _ answer: FinHubResponse,
        for call: PreparedCall,
        of session: SessionID,
        confirming stale: FinHubResponse?,
        asOf changes: Int
    ) -> FinHubResponse {
        guard isOn, let key = call.cacheKey else { return answer }
        guard changes == self.changes else { return answer.status == .notModified ? stale ?? answer : answer }
        let now = clock.now
        guard answer.status == .notModified else {
            // Read before the lock is taken, on which every call waits.
            let rules = CacheRules(answer.wire)
            cache.withLock { $0.keep(answer, under: rules, for: key, of: session, at: now) }
            return answer
        }
        cache.withLock { $0.confirm(key, of: session, with: answer.wire, at: now) }
        metrics.cacheConfirmations.increment()
        return stale ?? answer
    }

    /// Forgets everything: the session is over.
    func empty() {
        cache.withLock { $0.empty() }
    }
}
