/// What one metric is, for the people and machines that read `/metrics`.
public struct MetricDescription: Hashable, Sendable {
    /// How a metric's values behave; the `TYPE` of the exposition.
    public enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    public let name: String
    public let help: String
    public let kind: Kind

    /// Describes the metric whose label in code is `name`.
    ///
    /// - Precondition: `name` matches `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    public init(name: String, help: String, kind: Kind) {
        precondition(MetricName.sanitized(name) == name, "not a metric name: \(name)")
        self.name = name
        self.help = help
        self.kind = kind
    }
}

/// The upper bounds of a histogram's buckets; the bucket without a bound is not listed.
public struct HistogramBuckets: Hashable, Sendable {
    /// 100 µs to 10 s in steps of about 2.5, for durations in seconds.
    public static let durations = HistogramBuckets([
        0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ])

    let bounds: [Double]

    /// Buckets up to and including each of `bounds`.
    ///
    /// - Precondition: `bounds` are finite and rise.
    public init(_ bounds: [Double]) {
        precondition(bounds.allSatisfy(\.isFinite), "a bucket's bound is not finite")
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy(<), "the buckets' bounds do not rise")
        self.bounds = bounds
    }

    /// The bucket that counts `value`: the first whose bound is not below it.
    func index(of value: Double) -> Int {
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
