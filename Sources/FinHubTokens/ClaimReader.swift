package import FinHubAPI

/// Reads claims from left to right; each step says whether what it wants is there.
///
/// No step reads past the end, and one that fails stays where it is, but inside a list.
package struct ClaimReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0

    package init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    package var isAtEnd: Bool { index == bytes.count }

    /// The next `count` bytes; `nil` when there are fewer.
    private func upcoming(_ count: Int) -> UnsafeBufferPointer<UInt8>? {
        guard bytes.count - index >= count else { return nil }
        return UnsafeBufferPointer(rebasing: bytes[index..<(index + count)])
    }

    /// Whether exactly this comes next; it is then behind.
    mutating func take(_ text: StaticString) -> Bool {
        take(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func take(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let next = upcoming(text.count), isSame(next, text) else { return false }
        index += text.count
        return true
    }

    /// A UUID in the canonical lower case that we write.
    package mutating func identifier<Named>() -> ID<Named>? {
        guard let text = upcoming(ID<Named>.textLength) else { return nil }
        let id: ID<Named>? = Self.nibbles.withUnsafeBufferPointer { nibbles in
            var seen: UInt8 = 0
            func number(_ range: Range<Int>, after start: UInt64 = 0) -> UInt64 {
                var number = start
                for index in range {
                    let nibble = nibbles[Int(text[index])]
                    seen |= nibble
                    number = number << 4 | UInt64(nibble & 15)
                }
                return number
            }
            let high = number(14..<18, after: number(9..<13, after: number(0..<8)))
            let low = number(24..<36, after: number(19..<23))
            let dash = UInt8(ascii: "-")
            guard seen < 16, text[8] == dash, text[13] == dash, text[18] == dash, text[23] == dash else { return nil }
            return ID(high: high, low: low)
        }
        if id != nil { index += ID<Named>.textLength }
        return id
    }

    /// Digits without a sign or a leading zero, within `Int64`.
    mutating func integer() -> Int64? {
        let start = index
        var value: Int64 = 0
        while index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int64(bytes[index] - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            value = sum
            index += 1
        }
        guard index > start, bytes[start] != UInt8(ascii: "0") || index == start + 1 else { return nil }
        return value
    }

    /// 128 bits in canonical base64url, 22 characters, and a quote.
    mutating func code128() -> String? {
        let start = index
        guard let word = word(), index - start == 23, Base64URL.values[Int(bytes[index - 2])] & 15 == 0 else {
            return nil
        }
        return word
    }

    /// Quoted words between commas, and the closing bracket.
    mutating func words() -> [String]? {
        var words: [String] = []
        if take("]") { return words }
        repeat {
            guard take("\""), let word = word() else { return nil }
            words.append(word)
        } while take(",")
        return take("]") ? words : nil
    }

    /// Characters of base64url up to a quote, and the quote.
    mutating func word() -> String? {
        let start = index
        while index < bytes.count, Base64URL.values[Int(bytes[index])] < 64 { index += 1 }
        guard index > start, index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { return nil }
        defer { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    /// The value of each byte as a lower-case hexadecimal digit; 255 for any other byte.
    private static let nibbles: [UInt8] = {
        var nibbles = [UInt8](repeating: 255, count: 256)
        for (value, digit) in "0123456789abcdef".utf8.enumerated() {
            nibbles[Int(digit)] = UInt8(truncatingIfNeeded: value)
        }
        return nibbles
    }()
}
