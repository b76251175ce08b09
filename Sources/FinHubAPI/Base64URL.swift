/// Base64url without padding (RFC 4648, section 5), in its one canonical spelling.
///
/// `Data(base64Encoded:)` would accept a last character with stray bits, so that one token
/// had several spellings.
public enum Base64URL {
    /// Encodes `bytes` without padding.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        withBuffer(of: bytes) { bytes in
            String(unsafeUninitializedCapacity: encodedCount(bytes.count)) { text in
                encode(bytes, into: text)
                return encodedCount(bytes.count)
            }
        }
    }

    /// Appends the encoding of `bytes` to `text`.
    public static func append(_ bytes: some Collection<UInt8>, to text: inout [UInt8]) {
        withBuffer(of: bytes) { bytes in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: encodedCount(bytes.count)) { encoded in
                encode(bytes, into: encoded)
                text.append(contentsOf: encoded)
            }
        }
    }

    /// Decodes the canonical form; padding, a stray character or a stray last bit is `nil`.
    public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        withBuffer(of: text) { text in
            var isCanonical = false
            let bytes = [UInt8](unsafeUninitializedCapacity: text.count * 3 / 4) { bytes, count in
                let decoded = decode(text, into: bytes)
                isCanonical = decoded != nil
                count = decoded ?? 0
            }
            return isCanonical ? bytes : nil
        }
    }

    /// Calls `body` with the bytes side by side, as they mostly are already.
    private static func withBuffer<Output>(
        of bytes: some Collection<UInt8>,
        _ body: (UnsafeBufferPointer<UInt8>) -> Output
    ) -> Output {
        bytes.withContiguousStorageIfAvailable(body) ?? Array(bytes).withUnsafeBufferPointer(body)
    }
}

// MARK: From buffer to buffer

// A token check may not allocate, or go through a collection byte by byte.
extension Base64URL {
    /// The length of the encoding of `count` bytes.
    package static func encodedCount(_ count: Int) -> Int {
        (count * 4 + 2) / 3
    }

    /// Encodes `bytes` into `text`, which has at least ``encodedCount(_:)`` bytes.
    package static func encode(_ bytes: UnsafeBufferPointer<UInt8>, into text: UnsafeMutableBufferPointer<UInt8>) {
        alphabet.withUnsafeBufferPointer { alphabet in
            var written = 0
            var pending: UInt32 = 0
            var bits: UInt32 = 0
            for byte in bytes {
                pending = pending << 8 | UInt32(byte)
                bits += 8
                while bits >= 6 {
                    bits -= 6
                    text[written] = alphabet[Int(pending >> bits & 63)]
                    written += 1
                }
            }
            if bits > 0 { text[written] = alphabet[Int(pending << (6 - bits) & 63)] }
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
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// The value of each byte; 255 for a byte that is not in the alphabet.
    package static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()
}
