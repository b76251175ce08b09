public import Metrics
import Synchronization

/// Keeps the process's metrics and writes them as a Prometheus page.
///
/// The same label with the same dimensions, in any order, is the same series for the life
/// of the process: destroying a metric does not end it, since others may hold it too. A
/// metric has one kind, the described one or else the first asked for; a handler of
/// another kind works but is not on the page, because a name with two kinds makes a
/// scraper refuse the whole page.
public final class PrometheusMetrics: MetricsFactory {
    /// The media type of what ``render()`` returns.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private let descriptions: [String: MetricDescription]
    private let bucketsByPrefix: [(prefix: String, buckets: HistogramBuckets)]
    private let seriesLimit: Int
    private let registry = Mutex(MetricRegistry())

    /// Makes an empty page.
    ///
    /// - Parameters:
    ///   - descriptions: The help and kind of each metric; one that is missing has no
    ///     help.
    ///   - buckets: The buckets of histograms by the beginning of their name, of which
    ///     the longest counts; the others have ``HistogramBuckets/durations``.
    ///   - seriesLimit: How many series one metric may have; further ones are all counted
    ///     in one more, labelled `overflow="true"`.
    public init(
        descriptions: [MetricDescription],
        buckets: [String: HistogramBuckets] = [:],
        seriesLimit: Int = 1_000
    ) {
        self.descriptions = Dictionary(descriptions.map { ($0.name, $0) }) { first, _ in first }
        bucketsByPrefix = buckets.map { ($0.key, $0.value) }.sorted { $0.prefix.utf8.count > $1.prefix.utf8.count }
        self.seriesLimit = seriesLimit
    }

    /// The page: metrics by name, their series by labels.
    public func render() -> [UInt8] {
        let metrics = registry.withLock { $0.metrics }
        var exposition = Exposition()
        for (name, metric) in metrics.sorted(by: { $0.key < $1.key }) {
            exposition.metric(name, help: descriptions[name]?.help, kind: metric.kind)
            for (labels, series) in metric.series.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                series.write(to: &exposition, name: name, labels: labels)
            }
        }
        return exposition.bytes
    }

    private func series<Series: MetricSeries>(_ label: String, _ dimensions: [(String, String)]) -> Series {
        let name = MetricName.sanitized(label)
        let labels = MetricName.labels(dimensions)
        let buckets = bucketsByPrefix.first { name.hasPrefix($0.prefix) }?.buckets ?? .durations
        guard descriptions[name].map({ $0.kind == Series.kind }) ?? true else { return Series(buckets: buckets) }
        return registry.withLock {
            $0.series(named: name, labels: labels, limit: seriesLimit) { Series(buckets: buckets) }
        }
    }
}

// MARK: MetricsFactory

extension PrometheusMetrics {
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions) as CounterSeries
    }

    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(label, dimensions) as CounterSeries
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions) as GaugeSeries
    }

    public func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        if aggregate { series(label, dimensions) as HistogramSeries } else { series(label, dimensions) as GaugeSeries }
    }

    /// A histogram in seconds, whatever unit the code that records uses.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions) as HistogramSeries
    }

    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}
}
