/// The bounds of what one log line may hold.
enum LogLimit {
    /// The most bytes of UTF-8 a message or a field's value keeps.
    static let valueBytes = 1_024
    /// The most bytes of UTF-8 a field's name keeps.
    static let nameBytes = 128
    /// The most fields a line keeps.
    static let fields = 64
}

extension String {
    /// The text if it has at most `limit` bytes of UTF-8, else its beginning and `…`,
    /// which together have no more.
    func cut(to limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: max(limit - "…".utf8.count, 0))
        while end.samePosition(in: unicodeScalars) == nil { utf8.formIndex(before: &end) }
        return String(self[..<end]) + "…"
    }
}

extension [UInt8] {
    /// Appends `text` as a JSON string without anything that could end or disguise a
    /// line.
    ///
    /// Escaped are, beside what RFC 8259 asks for, all controls (U+0085 ends a line too),
    /// the line and paragraph separators, formats such as U+202E, which reverses what a
    /// reader sees, and what is private or unassigned. It goes by scalars: "\r\n" is one
    /// `Character`.
    mutating func appendQuoted(_ text: String) {
        append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                append(UInt8(ascii: "\\"))
                append(UInt8(ascii: scalar))
            case "\u{20}"..."\u{7e}": append(UInt8(ascii: scalar))
            case _ where scalar.isVisible: append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            default: for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter { appendEscape(unit) }
            }
        }
        append(UInt8(ascii: "\""))
    }

    private mutating func appendEscape(_ unit: UInt16) {
        append(contentsOf: "\\u".utf8)
        for shift in [12, 8, 4, 0] {
            append(contentsOf: String(unit >> UInt16(shift) & 15, radix: 16).utf8)
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isVisible: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }
}
