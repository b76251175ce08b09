package import FinHubAPI

// The same coding as in FinHubAPI, by its alphabet, from buffer to buffer: a token check may not
// allocate for it or go through a collection byte by byte.
extension Base64URL {
    /// The length of the encoding of `count` bytes.
    package static func encodedCount(_ count: Int) -> Int {
        (count * 4 + 2) / 3
    }

    /// Encodes `bytes` into `text`, which is exactly ``encodedCount(_:)`` long.
    package static func encode(_ bytes: UnsafeBufferPointer<UInt8>, into text: UnsafeMutableBufferPointer<UInt8>) {
        characters.withUnsafeBufferPointer { characters in
            var written = 0
            var pending: UInt32 = 0
            var bits: UInt32 = 0
            for byte in bytes {
                pending = pending << 8 | UInt32(byte)
                bits += 8
                while bits >= 6 {
                    bits -= 6
                    text[written] = characters[Int(pending >> bits & 63)]
                    written += 1
                }
            }
            if bits > 0 { text[written] = characters[Int(pending << (6 - bits) & 63)] }
        }
    }

    /// Decodes the canonical form into `bytes`, which has at least three quarters of its length.
    ///
    /// - Returns: How many bytes were written; `nil` for anything but the canonical form.
    package static func decode(
        _ text: UnsafeBufferPointer<UInt8>,
        into bytes: UnsafeMutableBufferPointer<UInt8>
    ) -> Int? {
        let rest = text.count % 4
        guard rest != 1, bytes.count >= text.count * 3 / 4 else { return nil }
        return values.withUnsafeBufferPointer { values in
            let whole = text.count - rest
            var seen: UInt8 = 0
            var written = 0
            for read in stride(from: 0, to: whole, by: 4) {
                let first = values[Int(text[read])]
                let second = values[Int(text[read &+ 1])]
                let third = values[Int(text[read &+ 2])]
                let fourth = values[Int(text[read &+ 3])]
                seen |= first | second | third | fourth
                bytes[written] = first << 2 | second >> 4
                bytes[written &+ 1] = second << 4 | third >> 2
                bytes[written &+ 2] = third << 6 | fourth
                written &+= 3
            }
            guard rest > 0 else { return seen < 64 ? written : nil }
            let first = values[Int(text[whole])]
            let second = values[Int(text[whole + 1])]
            let third = rest == 3 ? values[Int(text[whole + 2])] : 0
            let strayBits = rest == 3 ? third & 3 : second & 15
            guard seen | first | second | third < 64, strayBits == 0 else { return nil }
            bytes[written] = first << 2 | second >> 4
            if rest == 3 { bytes[written + 1] = second << 4 | third >> 2 }
            return written + rest - 1
        }
    }

    /// The 64 characters, by value.
    private static let characters: [UInt8] = (0..<64).map { value in
        UInt8(truncatingIfNeeded: values.firstIndex(of: value) ?? 0)
    }
}

/// Compares without a branch on the contents; only the lengths can be learnt from the time.
func isSame(_ one: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
    guard one.count == other.count else { return false }
    var difference: UInt8 = 0
    for index in 0..<one.count { difference |= one[index] ^ other[index] }
    return difference == 0
}
