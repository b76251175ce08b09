import Metrics

/// What is counted and timed.
struct ClientMetrics: Sendable {
    let logins: Outcomes
    let refreshes: Outcomes
    /// Attempts beyond the first.
    let retries: Counter
    /// Attempts that were due and for which the budget had nothing left.
    let refusedRetries: Counter
    let cacheHits: Counter
    let cacheConfirmations: Counter
    /// Calls that were answered by another call's answer.
    let sharedCalls: Counter
    let storeFailures: Counter
    /// From the call to its answer, retries and all.
    let duration: Timer
    let failedDuration: Timer

    /// How often something ended in which way.
    struct Outcomes: Sendable {
        let success: Counter
        let refused: Counter
        let failed: Counter

        fileprivate init(_ label: String, _ factory: any MetricsFactory) {
            success = Counter(label: label, dimensions: [("result", "success")], factory: factory)
            refused = Counter(label: label, dimensions: [("result", "refused")], factory: factory)
            failed = Counter(label: label, dimensions: [("result", "failed")], factory: factory)
        }
    }

    init(_ factory: any MetricsFactory) {
        func counter(_ name: String, _ dimensions: [(String, String)] = []) -> Counter {
            Counter(label: name, dimensions: dimensions, factory: factory)
        }
        func timer(_ result: String) -> Timer {
            Timer(
                label: "finhub_client_request_duration_seconds",
                dimensions: [("result", result)],
                factory: factory
            )
        }
        logins = Outcomes("finhub_client_logins_total", factory)
        refreshes = Outcomes("finhub_client_refreshes_total", factory)
        retries = counter("finhub_client_retries_total", [("budget", "taken")])
        refusedRetries = counter("finhub_client_retries_total", [("budget", "exhausted")])
        cacheHits = counter("finhub_client_cache_hits_total", [("kind", "fresh")])
        cacheConfirmations = counter("finhub_client_cache_hits_total", [("kind", "confirmed")])
        sharedCalls = counter("finhub_client_shared_calls_total")
        storeFailures = counter("finhub_client_token_store_failures_total")
        duration = timer("success")
        failedDuration = timer("failure")
    }
}
