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
        tag(number, session.id, session.tenant, session.salt).withUnsafeBytes { Base64URL.append($0, to: &text) }
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
        tag(generation, session, tenant, salt) == token.tag
    }

    private func tag(
        _ number: UInt32,
        _ session: SessionID,
        _ tenant: TenantID,
        _ salt: Secret<[UInt8]>
    ) -> HMAC<SHA256>.MAC {
        var input = MACInput("tag")
        input.append(session)
        input.append(tenant)
        input.bytes += salt.reveal()
        withUnsafeBytes(of: number.bigEndian) { input.bytes += $0 }
        return input.code(with: mac)
    }

    private func family(of session: SessionID, in tenant: TenantID) -> RefreshTokenFamily {
        var input = MACInput("family")
        input.append(session)
        input.append(tenant)
        return input.code(with: mac).withUnsafeBytes { RefreshTokenFamily($0) }
    }
}

/// What a code is computed over, in one piece: the MAC takes one buffer far quicker than several.
private struct MACInput {
    var bytes: [UInt8] = []

    /// Begins with `purpose`, so that no code of one purpose is one of another.
    init(_ purpose: StaticString) {
        bytes.reserveCapacity(64)
        bytes += UnsafeBufferPointer(start: purpose.utf8Start, count: purpose.utf8CodeUnitCount)
    }

    mutating func append<Named>(_ id: ID<Named>) {
        withUnsafeBytes(of: id.high.bigEndian) { bytes += $0 }
        withUnsafeBytes(of: id.low.bigEndian) { bytes += $0 }
    }

    func code(with mac: HMAC<SHA256>) -> HMAC<SHA256>.MAC {
        var mac = mac
        bytes.withUnsafeBytes { mac.update(data: $0) }
        return mac.finalize()
    }
}

/// What the UUIDs of a session's refresh tokens have in common.
private struct RefreshTokenFamily {
    private let high: UInt64
    private let low: UInt64

    /// Takes the first 16 bytes of a code.
    init(_ code: UnsafeRawBufferPointer) {
        let id =
            ID<PresentedRefreshToken>(buffer: UnsafeRawBufferPointer(rebasing: code[..<16]))
            ?? ID(high: 0, low: 0)
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
