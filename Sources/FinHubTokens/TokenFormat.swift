import Crypto
public import FinHubAPI

/// The one format of our access tokens: JWS compact (RFC 7515, section 7.1), signed and verified.
///
/// The format is closed: we sign every token ourselves, members in one order and without white
/// space, so after a right signature any other spelling is refused, and reading the claims is
/// one pass without a JSON parser.
public struct TokenFormat: Sendable {
    /// How far ahead of our clock `iat` may be, in seconds.
    static let leewaySeconds: Int64 = 30
    /// The longest `exp - iat`, in seconds.
    static let longestLifetimeSeconds: Int64 = 3_600

    private let prefix: [UInt8]

    /// - Parameters:
    ///   - issuer: `iss`; printable ASCII without `"` and `\`.
    ///   - audience: `aud`; likewise.
    public init(issuer: String, audience: String) {
        let isPlain: (UInt8) -> Bool = { (0x20...0x7e).contains($0) && $0 != 0x22 && $0 != 0x5c }
        precondition(issuer.utf8.allSatisfy(isPlain) && audience.utf8.allSatisfy(isPlain))
        prefix = Array(#"{"iss":"\#(issuer)","aud":"\#(audience)","sub":""#.utf8)
    }

    /// The signed token of these claims.
    public func sign(_ claims: AccessClaims, with key: SigningKey) -> Secret<String> {
        var token = key.header
        token.reserveCapacity(1_024)
        token.append(UInt8(ascii: "."))
        Base64URL.append(encode(claims), to: &token)
        let code = token.withUnsafeBytes { key.code(for: $0) }
        token.append(UInt8(ascii: "."))
        Base64URL.append(Array(code), to: &token)
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
        guard let first = token.firstIndex(of: UInt8(ascii: ".")),
            let second = token[(first + 1)...].firstIndex(of: UInt8(ascii: ".")),
            token.count - second - 1 == 43,
            let key = keys.key(forHeader: Array(token[..<first])),
            let code = Base64URL.decode(token[(second + 1)...])
        else { throw .invalid }
        let expected = token.withUnsafeBytes { key.code(for: UnsafeRawBufferPointer(rebasing: $0[..<second])) }
        guard constantTimeEqual(Array(expected), code), let payload = Base64URL.decode(token[(first + 1)..<second])
        else {
            throw .invalid
        }
        guard let claims = decode(payload), claims.tenant == key.tenant else { throw .invalid }
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

// MARK: Claims

extension TokenFormat {
    private func encode(_ claims: AccessClaims) -> [UInt8] {
        var text = prefix
        text.reserveCapacity(512)
        claims.user.write(to: &text)
        text.append(contentsOf: #"","orgId":""#.utf8)
        claims.organization.write(to: &text)
        text.append(contentsOf: #"","tenantId":""#.utf8)
        claims.tenant.write(to: &text)
        text.append(contentsOf: #"","roles":["#.utf8)
        for (index, role) in claims.roles.enumerated() {
            text.append(contentsOf: (index == 0 ? "\"" : ",\"").utf8)
            text.append(contentsOf: role.utf8)
            text.append(UInt8(ascii: "\""))
        }
        text.append(contentsOf: #"],"iat":\#(claims.issuedAt),"exp":\#(claims.expiresAt),"jti":""#.utf8)
        text.append(contentsOf: claims.tokenID.utf8)
        text.append(contentsOf: #"","sid":""#.utf8)
        claims.session.write(to: &text)
        text.append(contentsOf: #"","userType":"ADMIN","token_use":"access","userEpoch":"#.utf8)
        text.append(contentsOf: String(claims.userEpoch).utf8)
        text.append(contentsOf: #","tenantEpoch":\#(claims.tenantEpoch)}"#.utf8)
        return text
    }

    /// The claims of a payload in exactly the spelling of ``encode(_:)``; any other is `nil`.
    private func decode(_ payload: [UInt8]) -> AccessClaims? {
        var reader = ClaimReader(bytes: payload)
        guard reader.take(prefix), let user: UserID = reader.identifier(),
            reader.take(#"","orgId":""#), let organization: OrganizationID = reader.identifier(),
            reader.take(#"","tenantId":""#), let tenant: TenantID = reader.identifier(),
            reader.take(#"","roles":["#), let roles = reader.words(),
            reader.take(#","iat":"#), let issuedAt = reader.integer(),
            reader.take(#","exp":"#), let expiresAt = reader.integer(),
            reader.take(#","jti":""#), let tokenID = reader.word(), tokenID.utf8.count == 22,
            reader.take(#","sid":""#), let session: SessionID = reader.identifier(),
            reader.take(#"","userType":"ADMIN","token_use":"access","userEpoch":"#),
            let userEpoch = reader.integer(),
            reader.take(#","tenantEpoch":"#), let tenantEpoch = reader.integer(),
            reader.take("}"), reader.isAtEnd
        else { return nil }
        return AccessClaims(
            user: user,
            organization: organization,
            tenant: tenant,
            roles: roles,
            issuedAt: issuedAt,
            expiresAt: expiresAt,
            tokenID: tokenID,
            session: session,
            userEpoch: userEpoch,
            tenantEpoch: tenantEpoch
        )
    }
}

/// Reads claims from left to right; each step says whether what it wants is there.
private struct ClaimReader {
    private let bytes: [UInt8]
    private var index = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { index == bytes.count }

    mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - index >= count else { return false }
        for offset in 0..<count where bytes[index + offset] != text.utf8Start[offset] { return false }
        index += count
        return true
    }

    mutating func take(_ text: [UInt8]) -> Bool {
        guard bytes[index...].starts(with: text) else { return false }
        index += text.count
        return true
    }

    /// A UUID in the canonical lower case that we write.
    mutating func identifier<Named>() -> ID<Named>? {
        guard bytes.count - index >= ID<Named>.textLength else { return nil }
        let text = bytes[index..<(index + ID<Named>.textLength)]
        guard !text.contains(where: { (0x41...0x5a).contains($0) }), let id = ID<Named>(utf8: text) else { return nil }
        index += ID<Named>.textLength
        return id
    }

    /// Digits without a sign or a leading zero, within `Int64`.
    mutating func integer() -> Int64? {
        let start = index
        var value: Int64 = 0
        while index < bytes.count, (0x30...0x39).contains(bytes[index]) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int64(bytes[index] - 0x30))
            guard !overflow, !carry else { return nil }
            value = sum
            index += 1
        }
        guard index > start, bytes[start] != 0x30 || index == start + 1 else { return nil }
        return value
    }

    /// Characters of base64url up to a quote, and the quote.
    mutating func word() -> String? {
        let start = index
        while index < bytes.count, Base64URL.values[Int(bytes[index])] < 64 { index += 1 }
        guard index > start, index < bytes.count, bytes[index] == 0x22 else { return nil }
        defer { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    /// Quoted words between commas, and the closing bracket.
    mutating func words() -> [String]? {
        var words: [String] = []
        if take("]") { return words }
        repeat {
            guard take("\""), let word = word() else { return nil }
            words.append(word)
        } while take(",")
        return take("]") ? words : nil
    }
}
