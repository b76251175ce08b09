/// A page of metrics in Prometheus' text format, version 0.0.4, as it is being written.
struct Exposition {
    private(set) var bytes: [UInt8] = []

    /// Opens a metric; its samples must come next.
    mutating func metric(_ name: String, help: String?, kind: MetricDescription.Kind) {
        if let help {
            bytes.append(contentsOf: "# HELP \(name) ".utf8)
            bytes.appendEscaped(help, quotes: false)
            bytes.append(UInt8(ascii: "\n"))
        }
        bytes.append(contentsOf: "# TYPE \(name) \(kind.rawValue)\n".utf8)
    }

    mutating func sample(_ name: String, labels: [UInt8], count: UInt64) {
        line(name, labels, String(count))
    }

    mutating func sample(_ name: String, labels: [UInt8], value: Double) {
        line(name, labels, Self.number(value))
    }

    /// `value` as the format spells it: the shortest text that reads back as the same
    /// number.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { return String(whole) }
        return value.description
    }

    private mutating func line(_ name: String, _ labels: [UInt8], _ value: String) {
        bytes.append(contentsOf: name.utf8)
        if !labels.isEmpty {
            bytes.append(UInt8(ascii: "{"))
            bytes.append(contentsOf: labels)
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: value.utf8)
        bytes.append(UInt8(ascii: "\n"))
    }
}
