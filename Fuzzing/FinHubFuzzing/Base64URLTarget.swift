import FinHubAPI
import FinHubTokens
import FoundationEssentials

extension FuzzTarget {
    /// Both decoders and both encoders of base64url, beside Foundation's.
    static let base64url = FuzzTarget(
        "base64url",
        mutator: Mutator(
            words: ["=", "==", "+", "/", "-", "_", " ", "\n", "AA", "AB", "AAA", "AAB", "%3D", "\u{e9}", "\0"],
            separators: "-_=",
            moves: [
                { _, generator in Array(Base64URL.encode(generator.bytes(generator.below(40))).utf8) },
                { bytes, generator in Array(bytes.dropLast() + Base64URL.encode(generator.bytes(1)).utf8) },
            ]
        ),
        check: { input throws(Violation) in
            let expected = ReferenceBase64URL.decode(input)
            try promise(Base64URL.decode(input) == expected, "decodes the canonical form and nothing else")
            try promise(try decodedInBuffer(input) == expected, "decodes the same from buffer to buffer")
            if let expected {
                try promise(Array(Base64URL.encode(expected).utf8) == input, "encodes back to the same text")
            }
            let text = ReferenceBase64URL.encode(input)
            try promise(Array(Base64URL.encode(input).utf8) == text, "encodes as everybody does")
            try promise(encodedInBuffer(input) == text, "encodes the same from buffer to buffer")
            try promise(Base64URL.decode(text) == input, "decodes what it encoded")
            return expected != nil
        }
    )

    /// Decodes into exactly the room that is asked for, with a fence behind it.
    private static func decodedInBuffer(_ text: [UInt8]) throws(Violation) -> [UInt8]? {
        let room = text.count * 3 / 4
        var bytes = [UInt8](repeating: 0xa5, count: room + 8)
        let count = bytes.withUnsafeMutableBufferPointer { bytes in
            text.withUnsafeBufferPointer { Base64URL.decode($0, into: .init(rebasing: bytes[..<room])) }
        }
        try promise(bytes[room...].allSatisfy { $0 == 0xa5 }, "writes no further than it may")
        return count.map { Array(bytes[..<$0]) }
    }

    private static func encodedInBuffer(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Base64URL.encodedCount(bytes.count)) { text, count in
            count = Base64URL.encodedCount(bytes.count)
            bytes.withUnsafeBufferPointer { Base64URL.encode($0, into: .init(rebasing: text[..<count])) }
        }
    }
}

/// Base64url by way of Foundation's base64.
enum ReferenceBase64URL {
    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        Data(bytes).base64EncodedString().utf8.compactMap { character in
            switch character {
            case UInt8(ascii: "="): nil
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: character
            }
        }
    }

    /// Foundation takes several spellings of one value; what counts is the one it writes itself.
    static func decode(_ text: [UInt8]) -> [UInt8]? {
        let standard = text.map { character in
            character == UInt8(ascii: "-") ? UInt8(ascii: "+") : character == UInt8(ascii: "_") ? 0x2f : character
        }
        let padding = [UInt8](repeating: UInt8(ascii: "="), count: (4 - text.count % 4) % 4)
        guard let bytes = Data(base64Encoded: Data(standard + padding)), encode(Array(bytes)) == text else {
            return nil
        }
        return Array(bytes)
    }
}
