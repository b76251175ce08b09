import Metrics
import Synchronization

/// One time series: what code records into, and what is written out on a scrape.
///
/// Recording takes no lock and allocates nothing; a scrape reads while others record.
protocol MetricSeries: AnyObject, Sendable {
    static var kind: MetricDescription.Kind { get }

    init(buckets: HistogramBuckets)

    func write(to exposition: inout Exposition, name: String, labels: [UInt8])
}

/// A sum that only grows.
///
/// Whole and fractional amounts are kept apart, so that counting stays exact beyond 2⁵³.
final class CounterSeries: MetricSeries, CounterHandler, FloatingPointCounterHandler {
    static let kind = MetricDescription.Kind.counter
    private let whole = Atomic<UInt64>(0)
    private let fractional = Atomic<Double>(0)

    init(buckets: HistogramBuckets) {}

    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        whole.wrappingAdd(UInt64(amount), ordering: .relaxed)
    }

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        fractional.add(amount)
    }

    func reset() {
        whole.store(0, ordering: .relaxed)
        fractional.store(0, ordering: .relaxed)
    }

    func write(to exposition: inout Exposition, name: String, labels: [UInt8]) {
        let count = whole.load(ordering: .relaxed)
        let rest = fractional.load(ordering: .relaxed)
        if rest == 0 {
            exposition.sample(name, labels: labels, count: count)
        } else {
            exposition.sample(name, labels: labels, value: Double(count) + rest)
        }
    }
}

/// The last value set, or set and then moved.
final class GaugeSeries: MetricSeries, MeterHandler, RecorderHandler {
    static let kind = MetricDescription.Kind.gauge
    private let value = Atomic<Double>(0)

    init(buckets: HistogramBuckets) {}

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.store(value, ordering: .relaxed) }

    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }

    func increment(by amount: Double) {
        guard amount.isFinite else { return }
        value.add(amount)
    }

    func decrement(by amount: Double) { increment(by: -amount) }

    func write(to exposition: inout Exposition, name: String, labels: [UInt8]) {
        exposition.sample(name, labels: labels, value: value.load(ordering: .relaxed))
    }
}

/// How many observations fell into each bucket, and their sum.
///
/// The total is the buckets' own sum, so a scrape in the middle of an observation is
/// never at odds with itself. What is not a finite number is not an observation.
final class HistogramSeries: MetricSeries, TimerHandler, RecorderHandler {
    static let kind = MetricDescription.Kind.histogram
    private let buckets: HistogramBuckets
    private let counts: [Tally]
    private let sum = Atomic<Double>(0)

    init(buckets: HistogramBuckets) {
        self.buckets = buckets
        counts = (0...buckets.bounds.count).map { _ in Tally() }
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        counts[buckets.index(of: value)].value.wrappingAdd(1, ordering: .relaxed)
        sum.add(value)
    }

    /// A clock that was set back makes a duration of zero, not one that lowers the sum.
    func recordNanoseconds(_ duration: Int64) { record(Double(max(duration, 0)) / 1e9) }

    func write(to exposition: inout Exposition, name: String, labels: [UInt8]) {
        let bounds = buckets.bounds.map(Exposition.number) + ["+Inf"]
        var total: UInt64 = 0
        for (bound, tally) in zip(bounds, counts) {
            total += tally.value.load(ordering: .relaxed)
            let bucket = labels + (labels.isEmpty ? "" : ",").utf8 + "le=\"\(bound)\"".utf8
            exposition.sample(name + "_bucket", labels: bucket, count: total)
        }
        exposition.sample(name + "_sum", labels: labels, value: sum.load(ordering: .relaxed))
        exposition.sample(name + "_count", labels: labels, count: total)
    }

    /// A place for one count: an atomic cannot stand in an array itself.
    private final class Tally: Sendable {
        let value = Atomic<UInt64>(0)
    }
}

extension Atomic<Double> {
    fileprivate borrowing func add(_ amount: Double) {
        var current = load(ordering: .relaxed)
        while true {
            let (isExchanged, original) = weakCompareExchange(
                expected: current,
                desired: current + amount,
                ordering: .relaxed
            )
            if isExchanged { return }
            current = original
        }
    }
}
