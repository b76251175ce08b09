import FinHubAPI
import Metrics

/// The metrics of requests, looked up once: a label per request would cost more than the request.
struct RequestMetrics: Sendable {
    private let byClass: [Counter]
    private let duration: Timer

    /// Counts for the listener `api` or `admin`.
    init(listener: String) {
        byClass = (1...5).map { hundreds in
            Counter(
                label: "finhub_http_requests_total",
                dimensions: [("listener", listener), ("class", "\(hundreds)xx")]
            )
        }
        duration = Timer(label: "finhub_http_request_duration_seconds", dimensions: [("listener", listener)])
    }

    func record(status: Int, took: Duration) {
        let index = status / 100 - 1
        if byClass.indices.contains(index) { byClass[index].increment() }
        let (seconds, attoseconds) = took.components
        duration.recordNanoseconds(seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000)
    }
}

/// What the sessions did, counted.
struct SessionMetrics: Sendable {
    let logins = Counter(label: "finhub_logins_total", dimensions: [("result", "success")])
    let refusedLogins = Counter(label: "finhub_logins_total", dimensions: [("result", "refused")])
    let refreshes = Counter(label: "finhub_refreshes_total")
    let reuses = Counter(label: "finhub_refresh_token_reuses_total")
    let ends = Counter(label: "finhub_session_ends_total")
    let locks = Counter(label: "finhub_guess_locks_total")
    let refusedAttempts = Counter(label: "finhub_attempts_refused_total")
    let rateLimited = Counter(label: "finhub_rate_limited_total")

    /// Counts a refusal for too much, too often.
    func count(_ refusal: Refusal) {
        switch refusal.code {
        case .tooManyAttempts: refusedAttempts.increment()
        case .rateLimited: rateLimited.increment()
        default: break
        }
    }
}
