import Crypto
public import FinHubAPI

/// The one format of our access tokens: JWS compact (RFC 7515, section 7.1), signed and verified.
///
/// The format is closed: we sign every token ourselves, members in one order and without white
/// space, so after a right signature any other spelling, and any claim beside ours, is refused.
public struct TokenFormat: Sendable {
    /// How far ahead of our clock `iat` may be, in seconds.
    static let leewaySeconds: Int64 = 30
    /// The longest `exp - iat`, in seconds.
    public static let longestLifetimeSeconds: Int64 = 3_600
    /// The longest token that is looked at, in bytes.
    static let longestToken = 4_096
    /// The length of an encoded HMAC-SHA256.
    private static let codeLength = Base64URL.encodedCount(32)

    private let text: ClaimsText

    /// - Parameters:
    ///   - issuer: `iss`; printable ASCII without `"` and `\`.
    ///   - audience: `aud`; likewise.
    public init(issuer: String, audience: String) {
        let isPlain: (UInt8) -> Bool = { (0x20...0x7e).contains($0) && $0 != 0x22 && $0 != 0x5c }
        precondition(issuer.utf8.allSatisfy(isPlain) && audience.utf8.allSatisfy(isPlain))
        text = ClaimsText(issuer: issuer, audience: audience)
    }

    /// The signed token of these claims.
    public func sign(_ claims: AccessClaims, with key: SigningKey) -> Secret<String> {
        var token = key.header
        token.reserveCapacity(1_024)
        token.append(UInt8(ascii: "."))
        Base64URL.append(text.encode(claims), to: &token)
        let code = token.withUnsafeBytes { key.code(for: $0) }
        token.append(UInt8(ascii: "."))
        code.withUnsafeBytes { Base64URL.append($0, to: &token) }
        return Secret(String(decoding: token, as: UTF8.self))
    }

    /// The claims of a token that is ours, unaltered and in force.
    ///
    /// - Parameters:
    ///   - token: The whole token, as it came.
    ///   - keys: The keys it may be signed with.
    ///   - now: Whole seconds since 1970.
    /// - Returns: What it says.
    /// - Throws: ``TokenError/invalid`` or ``TokenError/expired(_:)``.
    public func verify(_ token: [UInt8], keys: KeyRing, now: Int64) throws(TokenError) -> AccessClaims {
        try token.withUnsafeBufferPointer { token throws(TokenError) in try verify(token, keys: keys, now: now) }
    }

    /// The same for a token that is part of something longer.
    func verify(_ token: UnsafeBufferPointer<UInt8>, keys: KeyRing, now: Int64) throws(TokenError) -> AccessClaims {
        let dot = UInt8(ascii: ".")
        let payloadEnd = token.count - Self.codeLength - 1
        guard token.count <= Self.longestToken, payloadEnd > 0, token[payloadEnd] == dot,
            let headerEnd = token.firstIndex(of: dot), headerEnd < payloadEnd,
            let key = keys.key(forHeader: UnsafeBufferPointer(rebasing: token[..<headerEnd])),
            key.hasSigned(
                UnsafeBufferPointer(rebasing: token[..<payloadEnd]),
                code: UnsafeBufferPointer(rebasing: token[(payloadEnd + 1)...])
            ),
            let claims = text.claims(inPayload: UnsafeBufferPointer(rebasing: token[(headerEnd + 1)..<payloadEnd])),
            claims.tenant == key.tenant
        else { throw .invalid }
        try requireTimes(of: claims, at: now)
        return claims
    }

    private func requireTimes(of claims: AccessClaims, at now: Int64) throws(TokenError) {
        let (lifetime, overflow) = claims.expiresAt.subtractingReportingOverflow(claims.issuedAt)
        guard !overflow, (1...Self.longestLifetimeSeconds).contains(lifetime) else { throw .invalid }
        let (lead, leadOverflow) = claims.issuedAt.subtractingReportingOverflow(now)
        guard !leadOverflow, lead <= Self.leewaySeconds else { throw .invalid }
        guard claims.expiresAt > now else { throw .expired(claims) }
    }
}
