/// Makes names and labels fit the exposition format, whatever the code called them.
enum MetricName {
    /// `name` as a metric's name; what may not stand in one becomes an underscore.
    static func sanitized(_ name: String) -> String {
        sanitized(name) { $0 == ":" }
    }

    /// The text between a series' braces: the labels sorted by name, their values
    /// escaped.
    ///
    /// It is the series' identity. Of two labels with one name the first in order counts,
    /// since a repeated name makes a scraper refuse the whole page; `le` belongs to the
    /// buckets.
    static func labels(_ dimensions: [(String, String)]) -> [UInt8] {
        var values: [String: String] = [:]
        for (name, value) in dimensions {
            let name = sanitized(name) { _ in false }
            let key = name == "le" ? "exported_le" : name
            if values[key] == nil { values[key] = value }
        }
        var bytes: [UInt8] = []
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: name.utf8)
            bytes.append(contentsOf: "=\"".utf8)
            bytes.appendEscaped(value, quotes: true)
            bytes.append(UInt8(ascii: "\""))
        }
        return bytes
    }

    private static func sanitized(_ name: String, allowing isAllowed: (Unicode.Scalar) -> Bool) -> String {
        var result = String.UnicodeScalarView()
        for scalar in name.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_": result.append(scalar)
            case "0"..."9":
                if result.isEmpty { result.append("_") }
                result.append(scalar)
            default: result.append(isAllowed(scalar) ? scalar : "_")
            }
        }
        return result.isEmpty ? "_" : String(result)
    }
}

extension [UInt8] {
    /// Appends `text` with backslash, line feed and, in a label's value, the quote
    /// escaped.
    mutating func appendEscaped(_ text: String, quotes: Bool) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): append(contentsOf: #"\\"#.utf8)
            case UInt8(ascii: "\n"): append(contentsOf: #"\n"#.utf8)
            case UInt8(ascii: "\"") where quotes: append(contentsOf: #"\""#.utf8)
            default: append(byte)
            }
        }
    }
}
