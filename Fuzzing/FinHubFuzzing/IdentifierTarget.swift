import FinHubAPI
import FinHubTokens
import FoundationEssentials

extension FuzzTarget {
    /// The two readers of UUIDs, beside the grammar and Foundation's.
    static let identifier = FuzzTarget(
        "uuid",
        mutator: Mutator(
            words: [
                "-", "_", "{", "}", "urn:uuid:", "0x", "%2d", "00000000", "ffff", "FFFF", "g", "\0", " ", "\u{ff10}",
            ],
            separators: "-",
            moves: [
                { _, generator in Array(SessionID.random(using: &generator).description.utf8) },
                { bytes, _ in bytes.map { (0x61...0x66).contains($0) ? $0 ^ 0x20 : $0 } },
                { bytes, _ in bytes.filter { $0 != UInt8(ascii: "-") } },
                { bytes, generator in
                    let other = generator.pick(Array("-_:0 \u{b7}".utf8))
                    return bytes.map { $0 == UInt8(ascii: "-") && generator.below(3) == 0 ? other : $0 }
                },
            ]
        ),
        check: { input throws(Violation) in
            let id = SessionID(utf8: input)
            try promise((id != nil) == isCanonical(input), "takes the canonical form in either case, and only that")
            if let text = String(validating: input, as: UTF8.self) {
                try promise(SessionID(text) == id, "reads a string as it reads its bytes")
            }
            let lowercased = input.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
            try promise(
                identifierInClaims(input) == (lowercased == input ? id : nil),
                "reads an identifier in claims in lower case alone"
            )
            guard let id else { return false }
            try promise(Array(id.description.utf8) == lowercased, "prints what it read, in lower case")
            try promise(SessionID(bytes: id.bytes) == id, "is its bytes")
            let foundation = UUID(uuidString: String(decoding: input, as: UTF8.self))?.uuid
            try promise(
                foundation.map { withUnsafeBytes(of: $0) { Array($0) } } == id.bytes,
                "means what it means to Foundation"
            )
            return true
        }
    )

    /// Whether it is 8-4-4-4-12 hexadecimal digits (RFC 9562, section 4).
    private static func isCanonical(_ text: [UInt8]) -> Bool {
        let groups = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return groups.map(\.count) == [8, 4, 4, 4, 12]
            && groups.joined().allSatisfy { "0123456789abcdefABCDEF".utf8.contains($0) }
    }

    private static func identifierInClaims(_ text: [UInt8]) -> SessionID? {
        text.withUnsafeBufferPointer { text in
            var reader = ClaimReader(text)
            let id: SessionID? = reader.identifier()
            return reader.isAtEnd ? id : nil
        }
    }
}
