public import FinHubAPI

/// A whole token check: header value in, claims out, and no database.
public struct TokenCheck: Sendable {
    /// The longest token that is looked at, in bytes.
    static let longestToken = 4_096

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
    /// - Throws: ``TokenError``; an expired token is told as such before its session is looked at.
    public func claims(fromAuthorization value: String?, now: Timestamp) throws(TokenError) -> AccessClaims {
        guard let value else { throw .malformed }
        let bytes = Array(value.utf8)
        guard bytes.count > 7, bytes.count <= 7 + Self.longestToken, Self.isBearer(bytes) else { throw .malformed }
        let claims = try format.verify(Array(bytes[7...]), keys: keys, now: now.seconds)
        try revocations.requireNotEnded(claims)
        return claims
    }

    /// Whether it begins with `Bearer` in any case, one space, and then a token's character.
    private static func isBearer(_ bytes: [UInt8]) -> Bool {
        let scheme: StaticString = "bearer "
        for index in 0..<7 {
            let byte = bytes[index]
            let lowercased = (0x41...0x5a).contains(byte) ? byte | 0x20 : byte
            guard lowercased == scheme.utf8Start[index] else { return false }
        }
        return bytes[7...].allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ",") }
    }
}
