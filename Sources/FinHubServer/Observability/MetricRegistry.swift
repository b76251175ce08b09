/// Every metric and its series, by name and labels.
struct MetricRegistry {
    /// The series that share a name.
    struct Metric {
        let kind: MetricDescription.Kind
        var series: [[UInt8]: any MetricSeries] = [:]
    }

    private static let overflowLabels = MetricName.labels([("overflow", "true")])

    private(set) var metrics: [String: Metric] = [:]
    private var sampleNames: Set<String> = []

    /// Finds a series, or makes it.
    ///
    /// - Parameters:
    ///   - name: The metric's name, valid.
    ///   - labels: The text of ``MetricName/labels(_:)``.
    ///   - limit: How many series the metric may have before further ones share one.
    ///   - make: Makes a series of the kind asked for.
    /// - Returns: The series; one that is on no page when the name is another kind's.
    mutating func series<Series: MetricSeries>(
        named name: String,
        labels: [UInt8],
        limit: Int,
        make: () -> Series
    ) -> Series {
        if metrics[name] == nil, !open(name, kind: Series.kind) { return make() }
        guard let metric = metrics[name], metric.kind == Series.kind else { return make() }
        let isFull = metric.series[labels] == nil && metric.series.count >= limit
        let key = isFull ? Self.overflowLabels : labels
        if let series = metric.series[key] as? Series { return series }
        let series = make()
        metrics[name]?.series[key] = series
        return series
    }

    /// Adds a metric unless its samples would bear the name of another's.
    private mutating func open(_ name: String, kind: MetricDescription.Kind) -> Bool {
        let suffixes = kind == .histogram ? ["", "_bucket", "_sum", "_count"] : [""]
        let names = suffixes.map { name + $0 }
        guard sampleNames.isDisjoint(with: names) else { return false }
        sampleNames.formUnion(names)
        metrics[name] = Metric(kind: kind)
        return true
    }
}
