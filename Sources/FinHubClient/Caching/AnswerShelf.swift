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

    /// Takes note of an answer.
    ///
    /// - Parameters:
    ///   - answer: What the server sent.
    ///   - call: What it sent that to.
    ///   - session: Whose call it was.
    ///   - stale: The kept answer that it was asked about.
    /// - Returns: What the caller gets: `answer`, or the kept one that it confirmed.
    func take(
        _ answer: FinHubResponse,
        for call: PreparedCall,
        of session: SessionID,
        confirming stale: FinHubResponse?
    ) -> FinHubResponse {
        guard isOn else { return answer }
        guard let key = call.cacheKey else {
            // RFC 9111, section 4.4: what changed a resource makes its kept answers untrue.
            if !isSafe(call.method) { cache.withLock { $0.invalidate(call.url) } }
            return answer
        }
        let now = clock.now
        guard answer.status == .notModified else {
            cache.withLock { $0.keep(answer, for: key, of: session, at: now) }
            return answer
        }
        cache.withLock { $0.confirm(key, of: session, with: answer.headers, at: now) }
        metrics.cacheConfirmations.increment()
        return stale ?? answer
    }

    /// Forgets everything: the session is over.
    func empty() {
        cache.withLock { $0.empty() }
    }

    private func isSafe(_ method: HTTPRequest.Method) -> Bool {
        method == .get || method == .head || method == .options
    }
}
