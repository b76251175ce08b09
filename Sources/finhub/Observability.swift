import FinHubServer
import Logging
import Metrics

/// Where the process's logs and metrics go.
enum Observability {
    static let metrics = PrometheusMetrics(
        descriptions: [
            MetricDescription(
                name: "finhub_http_requests_total",
                help: "Requests answered, by status class.",
                kind: .counter
            ),
            MetricDescription(
                name: "finhub_http_request_duration_seconds",
                help: "From a request's head to its answer.",
                kind: .histogram
            ),
            MetricDescription(name: "finhub_logins_total", help: "Logins by result.", kind: .counter),
            MetricDescription(name: "finhub_refreshes_total", help: "Refreshes answered with tokens.", kind: .counter),
            MetricDescription(
                name: "finhub_refresh_token_reuses_total",
                help: "Sessions ended because a replaced refresh token was used.",
                kind: .counter
            ),
            MetricDescription(
                name: "finhub_session_ends_total",
                help: "Sessions ended by an administrator.",
                kind: .counter
            ),
            MetricDescription(
                name: "finhub_guess_locks_total",
                help: "Waits that began after too many failed attempts.",
                kind: .counter
            ),
            MetricDescription(
                name: "finhub_attempts_refused_total",
                help: "Attempts refused during such a wait.",
                kind: .counter
            ),
            MetricDescription(
                name: "finhub_rate_limited_total",
                help: "Calls refused by a rate limit.",
                kind: .counter
            ),
            MetricDescription(
                name: "finhub_tenant_credentials_old",
                help: "Tenant credentials in force for more than 90 days.",
                kind: .gauge
            ),
            MetricDescription(
                name: "finhub_user_passwords_old",
                help: "Active users whose password is more than 30 days old.",
                kind: .gauge
            ),
            MetricDescription(name: "finhub_commits_total", help: "Groups of changes committed.", kind: .counter),
            MetricDescription(name: "finhub_committed_changes_total", help: "Changes in those groups.", kind: .counter),
            MetricDescription(
                name: "finhub_commit_duration_seconds",
                help: "From a group's first change to its commit.",
                kind: .histogram
            ),
        ]
    )

    /// Sets both up; once, before anything logs or counts.
    static func start(_ settings: Settings) {
        let level = Logger.Level(rawValue: settings["log-level"]) ?? .info
        let format = FinHubLogHandler.Format(rawValue: settings["log-format"]) ?? .json
        LoggingSystem.bootstrap { _ in
            FinHubLogHandler(format: format, logLevel: level, now: systemClock)
        }
        MetricsSystem.bootstrap(metrics)
    }

    /// What counts the commits of a database.
    static func commitMetrics() -> @Sendable (_ pieces: Int, _ took: Duration) -> Void {
        let commits = Counter(label: "finhub_commits_total")
        let changes = Counter(label: "finhub_committed_changes_total")
        let duration = Timer(label: "finhub_commit_duration_seconds")
        return { pieces, took in
            commits.increment()
            changes.increment(by: pieces)
            let (seconds, attoseconds) = took.components
            duration.recordNanoseconds(seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000)
        }
    }
}
