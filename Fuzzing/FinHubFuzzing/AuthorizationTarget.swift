import FinHubAPI
import FinHubServer
import FinHubTokens
import FoundationEssentials

extension FuzzTarget {
    /// The `Authorization` header in both schemes that we take: Bearer and Basic.
    static let authorization = FuzzTarget(
        "authorization",
        mutator: .authorization,
        check: { input throws(Violation) in
            let value = String(decoding: input, as: UTF8.self)
            let bytes = Array(value.utf8)
            let now = Timestamp(seconds: IssuedTokens.now)
            let verdict = TokenVerdict { () throws(TokenError) in
                try IssuedTokens.shared.check.claims(fromAuthorization: value, now: now)
            }
            try promise(verdict == expectedVerdict(on: bytes), "says \(verdict) where it should not")
            let basic = try? BasicCredentials(value)
            try promise(
                basic.map { [$0.key, $0.secret.reveal()].map { Array($0.utf8) } } == expectedCredentials(in: bytes),
                "reads Basic to the letter"
            )
            try promise(basic == nil || verdict == .malformed, "takes a value in one scheme at most")
            return verdict == .inForce || basic != nil
        }
    )

    /// RFC 6750, section 2.1: the scheme in any case, one space, `b64token`; at most 4 KiB of it.
    private static func expectedVerdict(on value: [UInt8]) -> TokenVerdict {
        guard let token = credential(in: value, scheme: "bearer"), (1...4_096).contains(token.count) else {
            return .malformed
        }
        let text = token.reversed().drop { $0 == UInt8(ascii: "=") }
        let letters = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/".utf8)
        guard !text.isEmpty, letters.isSuperset(of: text) else { return .malformed }
        return IssuedTokens.shared.kind(of: token) ?? .invalid
    }

    /// RFC 7617: the scheme in any case, one space, canonical base64 of key, colon and secret.
    private static func expectedCredentials(in value: [UInt8]) -> [[UInt8]]? {
        guard value.count <= 4_096, let text = credential(in: value, scheme: "basic"),
            let data = Data(base64Encoded: Data(text)), Array(data.base64EncodedString().utf8) == text,
            String(validating: data, as: UTF8.self) != nil
        else { return nil }
        let parts = Array(data).split(
            separator: UInt8(ascii: ":"),
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        return parts.count == 2 ? parts.map { Array($0) } : nil
    }

    private static func credential(in value: [UInt8], scheme: String) -> [UInt8]? {
        guard let space = value.firstIndex(of: UInt8(ascii: " ")),
            value[..<space].count == scheme.utf8.count,
            zip(value, scheme.utf8).allSatisfy({ $0 == $1 || $0 == $1 ^ 0x20 })
        else { return nil }
        return Array(value[(space + 1)...])
    }
}

extension Mutator {
    fileprivate static let authorization = Mutator(
        words: [
            "Bearer ", "bearer ", "Basic ", "BASIC ", "Digest ", "Bearer", " ", "  ", "\t", ",", "=", "==", "+", "/",
            "-",
            "_", "~", ".", "Og==", "OjpB", "YTpi", "w6k6w6k=", "/zo=", "\0", "\r\n", "\u{301}", "\u{212a}", "\u{17f}",
        ],
        separators: " .=,",
        moves: [
            { bytes, _ in bytes.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 } },
            { _, generator in Array("Bearer ".utf8) + IssuedTokens.shared.randomToken(using: &generator) },
            { bytes, generator in
                let (from, to) = generator.pick([("+", "-"), ("/", "_"), ("-", "+"), ("_", "/")] as [(String, String)])
                return Array(String(decoding: bytes, as: UTF8.self).split(separator: from).joined(separator: to).utf8)
            },
            { bytes, _ in Array("Bearer ".utf8) + (bytes.split(separator: UInt8(ascii: " ")).last ?? []) },
            { _, generator in
                let pieces = [["key", "", "é", "a:b", "\u{301}"], [":", "", "::"], ["secret", "", "e\u{301}", "\0"]]
                let text = pieces.map { generator.pick($0) }.joined()
                return Array("Basic \(Data(text.utf8).base64EncodedString())".utf8)
            },
            { _, generator in
                let bytes =
                    Array("k:".utf8) + generator.bytes(generator.below(4)) + generator.pick([[], Array("~?>".utf8)])
                return Array("Basic \(Data(bytes).base64EncodedString())".utf8)
            },
        ]
    )
}
