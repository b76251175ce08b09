import FinHubServer
import Metrics
import Testing

@Suite("Prometheus metrics")
struct PrometheusMetricsTests {
    private func metrics(_ descriptions: [MetricDescription] = [], seriesLimit: Int = 1_000) -> PrometheusMetrics {
        PrometheusMetrics(
            descriptions: descriptions,
            buckets: ["small_": HistogramBuckets([1, 2.5]), "small_er_": HistogramBuckets([0.5])],
            seriesLimit: seriesLimit
        )
    }

    @Test("the page is Prometheus text: metrics by name, series by labels, help and type before them")
    func page() {
        let metrics = metrics([
            MetricDescription(name: "logins_total", help: "Sessions created.", kind: .counter),
            MetricDescription(name: "queue_depth", help: "A \\ and\na line.", kind: .gauge),
            MetricDescription(name: "unused_total", help: "Never made.", kind: .counter),
        ])
        Counter(label: "logins_total", dimensions: [("result", "ok")], factory: metrics).increment(by: 3)
        Counter(label: "logins_total", dimensions: [("result", "fail")], factory: metrics).increment()
        Gauge(label: "queue_depth", factory: metrics).record(2.5)
        let timer = Timer(label: "small_seconds", dimensions: [("path", "a")], factory: metrics)
        timer.recordNanoseconds(1_000_000_000)
        timer.recordNanoseconds(2_000_000_000)
        timer.recordNanoseconds(9_000_000_000)
        #expect(
            metrics.text == """
                # HELP logins_total Sessions created.
                # TYPE logins_total counter
                logins_total{result="fail"} 1
                logins_total{result="ok"} 3
                # HELP queue_depth A \\\\ and\\na line.
                # TYPE queue_depth gauge
                queue_depth 2.5
                # TYPE small_seconds histogram
                small_seconds_bucket{path="a",le="1"} 1
                small_seconds_bucket{path="a",le="2.5"} 2
                small_seconds_bucket{path="a",le="+Inf"} 3
                small_seconds_sum{path="a"} 12
                small_seconds_count{path="a"} 3

                """
        )
    }

    @Test("a bucket counts its own bound, and the buckets are cumulative")
    func buckets() {
        let metrics = metrics()
        let recorder = Recorder(label: "small_size", aggregate: true, factory: metrics)
        for value in [-1, 0.5, 1, 1.25, 2.5, 2.75] { recorder.record(value) }
        recorder.record(Double.nan)
        recorder.record(Double.infinity)
        #expect(
            metrics.samples(of: "small_size") == [
                "small_size_bucket{le=\"1\"} 3", "small_size_bucket{le=\"2.5\"} 5",
                "small_size_bucket{le=\"+Inf\"} 6", "small_size_sum 7", "small_size_count 6",
            ]
        )
    }

    @Test("the longest prefix chooses the buckets, and durations have 100 µs to 10 s")
    func bucketChoice() {
        let metrics = metrics()
        Timer(label: "small_er_seconds", factory: metrics).recordNanoseconds(-5)
        Timer(label: "other_seconds", factory: metrics).recordNanoseconds(100_000)
        #expect(
            metrics.samples(of: "small_er_seconds") == [
                "small_er_seconds_bucket{le=\"0.5\"} 1", "small_er_seconds_bucket{le=\"+Inf\"} 1",
                "small_er_seconds_sum 0", "small_er_seconds_count 1",
            ]
        )
        let samples = metrics.samples(of: "other_seconds")
        #expect(samples.first == "other_seconds_bucket{le=\"0.0001\"} 1")
        #expect(samples.contains("other_seconds_bucket{le=\"10\"} 1"))
        #expect(samples.count == 16 + 3)
    }

    @Test("names and label values cannot break out of their line")
    func escaping() {
        let metrics = metrics()
        let dimensions = [("a-b", "\"} 1\nforged 2\\"), ("le", "x"), ("", "empty"), ("a_b", "repeated")]
        Counter(label: "9 bad.name\n{", dimensions: dimensions, factory: metrics).increment()
        #expect(
            metrics.text == """
                # TYPE _9_bad_name__ counter
                _9_bad_name__{_="empty",a_b="\\"} 1\\nforged 2\\\\",exported_le="x"} 1

                """
        )
    }

    @Test("the same label and dimensions, in any order, are one series that outlives its handles")
    func identity() {
        let metrics = metrics()
        let first = Counter(label: "hits_total", dimensions: [("a", "1"), ("b", "2")], factory: metrics)
        first.increment()
        first.destroy()
        Counter(label: "hits_total", dimensions: [("b", "2"), ("a", "1")], factory: metrics).increment(by: 2)
        FloatingPointCounter(label: "hits_total", dimensions: [("a", "1"), ("b", "2")], factory: metrics)
            .increment(by: 0.5)
        #expect(metrics.samples(of: "hits_total") == ["hits_total{a=\"1\",b=\"2\"} 3.5"])
        first.reset()
        #expect(metrics.samples(of: "hits_total") == ["hits_total{a=\"1\",b=\"2\"} 0"])
    }

    @Test("labels that differ only in Unicode normalization are two series, as they are to a scraper")
    func normalization() {
        let metrics = metrics()
        for value in ["\u{e9}", "e\u{301}"] {
            Counter(label: "hits_total", dimensions: [("a", value)], factory: metrics).increment()
        }
        #expect(metrics.samples(of: "hits_total").count == 2)
    }

    @Test("a meter is set, raised and lowered; a gauge takes what is not a number")
    func gauges() {
        let metrics = metrics()
        let meter = Meter(label: "active", factory: metrics)
        meter.set(10)
        meter.increment()
        meter.decrement(by: 0.5)
        meter.increment(by: Double.nan)
        #expect(metrics.samples(of: "active") == ["active 10.5"])
        for (value, text) in [(Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (1e300, "1e+300")] {
            Gauge(label: "odd", factory: metrics).record(value)
            #expect(metrics.samples(of: "odd") == ["odd \(text)"])
        }
    }

    @Test("a counter stays exact beyond 2⁵³ and takes no negative amount")
    func counting() {
        let metrics = metrics()
        let counter = Counter(label: "bytes_total", factory: metrics)
        counter.increment(by: 9_007_199_254_740_993)
        counter.increment(by: -5)
        #expect(metrics.samples(of: "bytes_total") == ["bytes_total 9007199254740993"])
    }

    @Test("series beyond the limit fold into one, and the first ones go on")
    func overflow() {
        let metrics = metrics(seriesLimit: 2)
        for round in 1...3 {
            for user in 1...5 {
                Counter(label: "hits_total", dimensions: [("user", "\(user)")], factory: metrics).increment(by: round)
            }
        }
        #expect(
            metrics.samples(of: "hits_total") == [
                "hits_total{overflow=\"true\"} 18", "hits_total{user=\"1\"} 6", "hits_total{user=\"2\"} 6",
            ]
        )
        Counter(label: "other_total", dimensions: [("user", "5")], factory: metrics).increment()
        #expect(metrics.samples(of: "other_total") == ["other_total{user=\"5\"} 1"])
    }

    @Test("a name has one kind, and a histogram's sample names are its own")
    func kinds() {
        let metrics = metrics([MetricDescription(name: "described", help: "A gauge.", kind: .gauge)])
        Counter(label: "described", factory: metrics).increment()
        Timer(label: "time", factory: metrics).recordNanoseconds(1)
        Counter(label: "time", factory: metrics).increment()
        Counter(label: "time_count", factory: metrics).increment(by: 99)
        Counter(label: "size_sum", factory: metrics).increment()
        Recorder(label: "size", aggregate: true, factory: metrics).record(1)
        let types = metrics.text.split(separator: "\n").filter { $0.hasPrefix("# TYPE") }
        #expect(types == ["# TYPE size_sum counter", "# TYPE time histogram"])
        #expect(metrics.samples(of: "time").last == "time_count 1")
    }

    @Test("no increment and no observation is lost, and a page read meanwhile agrees with itself")
    func concurrency() async {
        let metrics = metrics()
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    let counter = Counter(label: "hits_total", factory: metrics)
                    let recorder = Recorder(label: "small_size", aggregate: true, factory: metrics)
                    let meter = Meter(label: "active", factory: metrics)
                    for round in 0..<5_000 {
                        counter.increment()
                        recorder.record(round % 4)
                        meter.increment(by: 1)
                    }
                }
            }
            group.addTask {
                for _ in 0..<50 {
                    let samples = metrics.samples(of: "small_size")
                    let total = samples.first { $0.contains("+Inf") }?.split(separator: " ").last
                    #expect(samples.last?.split(separator: " ").last == total)
                }
            }
        }
        #expect(metrics.samples(of: "hits_total") == ["hits_total 20000"])
        #expect(metrics.samples(of: "active") == ["active 20000"])
        #expect(
            metrics.samples(of: "small_size") == [
                "small_size_bucket{le=\"1\"} 10000", "small_size_bucket{le=\"2.5\"} 15000",
                "small_size_bucket{le=\"+Inf\"} 20000", "small_size_sum 30000", "small_size_count 20000",
            ]
        )
    }
}

extension PrometheusMetrics {
    fileprivate var text: String { String(decoding: render(), as: UTF8.self) }

    /// The sample lines of one metric, in the page's order.
    fileprivate func samples(of name: String) -> [String] {
        let metrics = text.split(separator: "# TYPE ").filter { $0.hasPrefix(name + " ") }
        return metrics.flatMap { $0.split(separator: "\n").dropFirst().map(String.init) }
    }
}
