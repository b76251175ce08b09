import FinHubAPI
import Logging

/// One log event, ready to be laid out.
struct LogLine {
    let time: Timestamp
    let level: Logger.Level
    let message: String
    let fields: [(name: String, value: String)]

    /// The event as one JSON object and a line feed.
    var json: [UInt8] {
        var line = LineBytes()
        line.bytes.append(contentsOf: "{\"time\":\"".utf8)
        line.appendTime(time)
        line.bytes.append(contentsOf: "\",\"level\":\"\(level.rawValue)\",".utf8)
        line.bytes.append(contentsOf: (message.isEventName ? "\"event\":" : "\"message\":").utf8)
        line.bytes.appendQuoted(message)
        for (name, value) in fields {
            line.bytes.append(UInt8(ascii: ","))
            line.bytes.appendQuoted(name)
            line.bytes.append(UInt8(ascii: ":"))
            line.bytes.appendQuoted(value)
        }
        line.bytes.append(contentsOf: "}\n".utf8)
        return line.bytes
    }

    /// The event as time, level, message and `name=value` pairs, and a line feed.
    ///
    /// What could be taken for something else, be it the message, a name or a value, is
    /// quoted.
    var human: [UInt8] {
        var line = LineBytes()
        line.appendTime(time)
        let padding = String(repeating: " ", count: max(5 - level.rawValue.utf8.count, 0))
        line.bytes.append(contentsOf: " \(level.rawValue)\(padding) ".utf8)
        line.append(message, isBare: message.isPlainSentence)
        for (name, value) in fields {
            line.bytes.append(UInt8(ascii: " "))
            line.append(name, isBare: name.isPlainToken)
            line.bytes.append(UInt8(ascii: "="))
            line.append(value, isBare: value.isPlainToken)
        }
        line.bytes.append(UInt8(ascii: "\n"))
        return line.bytes
    }
}

/// A line as it is being written.
private struct LineBytes {
    var bytes: [UInt8] = []

    init() {
        bytes.reserveCapacity(512)
    }

    /// The moment in RFC 3339's form, to the millisecond it lies in.
    mutating func appendTime(_ time: Timestamp) {
        time.write(to: &bytes)
        bytes.removeLast("0000".utf8.count)
        bytes.append(UInt8(ascii: "Z"))
    }

    mutating func append(_ text: String, isBare: Bool) {
        if isBare { bytes.append(contentsOf: text.utf8) } else { bytes.appendQuoted(text) }
    }
}

extension String {
    /// Whether it is a name of OWASP's kind, words joined by underscores:
    /// `authn_login_fail`.
    fileprivate var isEventName: Bool {
        let words = utf8.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        return words.count > 1
            && words.allSatisfy { word in !word.isEmpty && word.allSatisfy(\.isLowercaseOrDigit) }
    }

    /// Whether it is visible ASCII without a character that means something in a line.
    fileprivate var isPlainToken: Bool {
        !isEmpty && utf8.allSatisfy { (0x21...0x7e).contains($0) && !$0.isLineSyntax }
    }

    /// Whether it is plain words with single spaces between them.
    fileprivate var isPlainSentence: Bool {
        let words = utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        return words.allSatisfy { String($0)?.isPlainToken ?? false }
    }
}

extension UInt8 {
    fileprivate var isLowercaseOrDigit: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
    }

    fileprivate var isLineSyntax: Bool {
        self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\") || self == UInt8(ascii: "=")
    }
}
