import Crypto
import FinHubAPI
import FinHubTokens

extension FuzzTarget {
    /// The access token, by strangers and by somebody who has the key.
    ///
    /// One input is read in five ways: as a whole token and, under a code that is right, as the
    /// claims, the encoded claims or the header; and as the code of a token of ours.
    static let token = FuzzTarget(
        "token",
        mutator: .token,
        check: { input throws(Violation) in
            let issued = IssuedTokens.shared
            let known = issued.kind(of: input)
            let verdict = issued.verdict(on: input)
            try promise(verdict == (known?.withoutRevocation ?? .invalid), "takes a token of ours, byte for byte")
            let readings = [
                try verdictOnClaims(input, encoded: Base64URL.encode(input)),
                try verdictOnEncodedClaims(input),
                try verdictOnHeader(input),
                try verdictOnCode(input),
            ]
            return ([verdict] + readings).contains(.inForce)
        }
    )

    /// With the key too, claims are taken in our own spelling alone, and for their time alone.
    private static func verdictOnClaims(_ claims: [UInt8]?, encoded: String) throws(Violation) -> TokenVerdict {
        let issued = IssuedTokens.shared
        let token = issued.closed(issued.header + "." + encoded)
        let isShort = token.count <= 4_096
        let expected = isShort ? claims.flatMap { ReferenceClaims($0) }.map { $0.verdict(for: issued) } : nil
        let verdict = issued.verdict(on: token)
        try promise(verdict == expected ?? .invalid, "reads signed claims as the reference does: \(encoded)")
        guard let claims = issued.claims(of: token) else { return verdict }
        try promise(issued.sign(claims) == token, "takes what it would have signed, and only that")
        return verdict
    }

    private static func verdictOnEncodedClaims(_ input: [UInt8]) throws(Violation) -> TokenVerdict {
        guard let encoded = String(validating: input, as: UTF8.self) else { return .invalid }
        return try verdictOnClaims(ReferenceBase64URL.decode(input), encoded: encoded)
    }

    private static func verdictOnHeader(_ header: [UInt8]) throws(Violation) -> TokenVerdict {
        let issued = IssuedTokens.shared
        let encoded = Base64URL.encode(header)
        let verdict = issued.verdict(on: issued.closed(encoded + "." + issued.payload))
        try promise((verdict == .inForce) == (encoded == issued.header), "takes our header and no other")
        return verdict
    }

    private static func verdictOnCode(_ code: [UInt8]) throws(Violation) -> TokenVerdict {
        let issued = IssuedTokens.shared
        let verdict = issued.verdict(on: Array("\(issued.header).\(issued.payload).".utf8) + code)
        try promise((verdict == .inForce) == (code == Array(issued.code.utf8)), "takes the right code in one spelling")
        return verdict
    }
}

extension Mutator {
    fileprivate static let token = Mutator(
        words: [
            ".", "=", "+", "/", "-", "_", " ", "..", "e30", "eyJhbGciOiJub25lIn0", "A", "AA", "\0", "\"", ",", ":", "0",
            "-1", "1e9", "1800000000", "1799999999", "9223372036854775807", "9223372036854775808", "null", "[]", "{",
            "}", "\"alg\":\"none\"", "\"crit\":[\"exp\"]", "\"iat\":1800000031", "\"exp\":1800000001", "\"ADMIN\"",
            "\"roles\":[]", "\"kid\":\"key-2\"", "\"userEpoch\":0", "\"sub\":\"", "\\u0041",
        ],
        separators: ".,:{}[]\"",
        moves: [
            { bytes, generator in changeInside(bytes, using: &generator) },
            { bytes, generator in changeInside(bytes, using: &generator) },
            { _, generator in IssuedTokens.shared.randomClaims(using: &generator) },
            { bytes, _ in Array(bytes.split(separator: UInt8(ascii: ".")).joined(separator: [])) },
        ]
    )

    /// Decodes one part of a token, changes it as JSON, and encodes it again.
    private static func changeInside(_ bytes: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map { Array($0) }
        let place = generator.below(parts.count)
        guard let inside = Base64URL.decode(parts[place]) else {
            return Mutator.json.mutate(bytes, beside: bytes, using: &generator)
        }
        parts[place] = Array(Base64URL.encode(Mutator.json.mutate(inside, beside: inside, using: &generator)).utf8)
        return Array(parts.joined(separator: [UInt8(ascii: ".")]))
    }
}
