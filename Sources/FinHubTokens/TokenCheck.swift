public import FinHubAPI

/// A whole token check: header value in, claims out, and no database.
public struct TokenCheck: Sendable {
    private let format: TokenFormat
    private let keys: KeyRing
    private let revocations: RevocationList

    public init(format: TokenFormat, keys: KeyRing, revocations: RevocationList) {
        self.format = format
        self.keys = keys
        self.revocations = revocations
    }

    /// The claims of the bearer token in an `Authorization` header (RFC 6750, section 2.1).
    ///
    /// - Parameters:
    ///   - value: The header's value; `nil` when there is none.
    ///   - now: The moment of the check.
    /// - Returns: What the token says.
    /// - Throws: ``TokenError``; an expired token is told as such before its session is looked at.
    public func claims(fromAuthorization value: String?, now: Timestamp) throws(TokenError) -> AccessClaims {
        guard var value else { throw .malformed }
        let result = value.withUTF8 { value in
            Result { () throws(TokenError) in try verified(value, now: now.seconds) }
        }
        let claims = try result.get()
        try revocations.requireNotEnded(claims)
        return claims
    }

    private func verified(_ value: UnsafeBufferPointer<UInt8>, now: Int64) throws(TokenError) -> AccessClaims {
        let scheme: StaticString = "bearer "
        let start = scheme.utf8CodeUnitCount
        guard value.count > start, value.count <= start + TokenFormat.longestToken else { throw .malformed }
        for index in 0..<start where value[index].lowercased != scheme.utf8Start[index] { throw .malformed }
        let token = UnsafeBufferPointer(rebasing: value[start...])
        do {
            return try format.verify(token, keys: keys, now: now)
        } catch {
            // Asked only now, for a token of ours has the right characters in any case.
            throw error == .invalid && !Self.isBearerToken(token) ? .malformed : error
        }
    }

    /// Whether it has the characters of a token (`b64token` of RFC 6750, section 2.1).
    private static func isBearerToken(_ token: UnsafeBufferPointer<UInt8>) -> Bool {
        let padding = UInt8(ascii: "=")
        let text = token.prefix { $0 != padding }
        return !text.isEmpty && token[text.endIndex...].allSatisfy { $0 == padding }
            && text.allSatisfy { Base64URL.values[Int($0)] < 64 || "+/.~".utf8.contains($0) }
    }
}

extension UInt8 {
    /// The same letter of ASCII in lower case; another byte is left alone.
    fileprivate var lowercased: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }
}
