import Crypto
public import FinHubAPI

/// Refresh tokens: computed, not stored.
///
/// Token *n* of a session is `<uuid>-<43 base64url characters>`. The 43 characters are an
/// HMAC-SHA256 over session, tenant, salt and *n*; the UUID carries *n*, masked, and what is the
/// same in all tokens of the session, so that a replaced token can be told from an invented one
/// (RFC 9700, section 4.14.2). The row holds *n* alone: a stolen database yields no token.
public struct RefreshTokens: Sendable {
    private let mac: HMAC<SHA256>

    public init(_ masterKey: MasterKey) {
        mac = HMAC<SHA256>(key: masterKey.refreshTokenKey)
    }

    /// The refresh token of `session` at its current generation.
    public func current(of session: Session) -> Secret<String> {
        let number = UInt32(clamping: session.generation)
        let family = family(of: session.id, in: session.tenant)
        var text: [UInt8] = []
        text.reserveCapacity(PresentedRefreshToken.length)
        family.masking(number).write(to: &text)
        text.append(UInt8(ascii: "-"))
        Base64URL.append(tag(number, session.id, session.tenant, session.salt), to: &text)
        return Secret(String(decoding: text, as: UTF8.self))
    }

    /// The generation that `token` claims to be of; `nil` when it can't be of that session.
    ///
    /// A claim is proven by ``proves(_:generation:of:in:salt:)`` alone.
    func claimedGeneration(_ token: PresentedRefreshToken, of session: SessionID, in tenant: TenantID) -> UInt32? {
        family(of: session, in: tenant).unmasking(token.name)
    }

    /// Whether `token` is the session's token of that generation; compares in constant time.
    func proves(
        _ token: PresentedRefreshToken,
        generation: UInt32,
        of session: SessionID,
        in tenant: TenantID,
        salt: Secret<[UInt8]>
    ) -> Bool {
        Secret(token.tag).matches(Secret(tag(generation, session, tenant, salt)))
    }

    private func tag(_ number: UInt32, _ session: SessionID, _ tenant: TenantID, _ salt: Secret<[UInt8]>) -> [UInt8] {
        var input = Array("tag".utf8)
        input.reserveCapacity(64)
        input += session.bytes
        input += tenant.bytes
        input += salt.reveal()
        input += withUnsafeBytes(of: number.bigEndian) { Array($0) }
        var mac = mac
        mac.update(data: input)
        return Array(mac.finalize())
    }

    private func family(of session: SessionID, in tenant: TenantID) -> RefreshTokenFamily {
        var mac = mac
        mac.update(data: Array("family".utf8) + session.bytes + tenant.bytes)
        return RefreshTokenFamily(bytes: Array(mac.finalize().prefix(16)))
    }
}

/// What the UUIDs of a session's refresh tokens have in common.
private struct RefreshTokenFamily {
    private let high: UInt64
    private let low: UInt64

    init(bytes: [UInt8]) {
        let id = ID<PresentedRefreshToken>(bytes: bytes) ?? ID(high: 0, low: 0)
        high = id.high & 0xffff_ffff_ffff_0fff | 0x0000_0000_0000_4000
        low = id.low & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
    }

    func masking(_ number: UInt32) -> ID<PresentedRefreshToken> {
        ID(high: high ^ UInt64(number) << 32, low: low)
    }

    func unmasking(_ name: ID<PresentedRefreshToken>) -> UInt32? {
        guard name.low == low, (name.high ^ high) & 0xffff_ffff == 0 else { return nil }
        return UInt32((name.high ^ high) >> 32)
    }
}

/// A refresh token as it came in: of the right shape, and not yet believed.
public struct PresentedRefreshToken: Sendable {
    static let length = 80

    let name: ID<PresentedRefreshToken>
    let tag: [UInt8]

    /// Reads `<uuid>-<43 base64url characters>`; `nil` for any other shape.
    public init?(_ text: Secret<String>) {
        let bytes = Array(text.reveal().utf8)
        guard bytes.count == Self.length, bytes[36] == UInt8(ascii: "-"),
            let name = ID<PresentedRefreshToken>(utf8: bytes[..<36]),
            let tag = Base64URL.decode(bytes[37...])
        else { return nil }
        self.name = name
        self.tag = tag
    }
}
