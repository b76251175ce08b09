import Crypto
import FinHubAPI
import FinHubTestSupport
import Testing

@testable import FinHubTokens

/// A format, the keys of two tenants in one ring, and claims that are in force at ``now``.
struct TokenFixture {
    static let secret = [UInt8]("a secret of thirty-two bytes, or so".utf8)
    static let now: Int64 = 1_800_000_000

    let format = TokenFormat(issuer: "https://finhub.example", audience: "finhub")
    let keys = KeyRing()
    let key: SigningKey
    let foreignKey: SigningKey
    let claims: AccessClaims

    init() throws {
        let tenant = TenantID(high: 0x1111_1111_1111_4111, low: 0x8111_1111_1111_1111)
        let foreignTenant = TenantID(high: 0x2222_2222_2222_4222, low: 0x8222_2222_2222_2222)
        key = try Self.key("key-1", of: tenant, secret: Self.secret)
        foreignKey = try Self.key("key-2", of: foreignTenant, secret: Self.secret.reversed())
        for key in [key, foreignKey] {
            keys.add(key)
            keys.makeCurrent(key.id)
        }
        claims = AccessClaims.sample(tenant: tenant)
    }

    static func key(_ id: String, of tenant: TenantID, secret: [UInt8] = secret) throws -> SigningKey {
        try SigningKey(id: #require(KeyID(rawValue: id)), tenant: tenant, secret: Secret(secret))
    }

    /// The token of ``claims`` as we sign it.
    var token: [UInt8] { sign(claims) }

    func sign(_ claims: AccessClaims) -> [UInt8] {
        Array(format.sign(claims, with: key).reveal().utf8)
    }

    /// The JSON of the header, then of the claims, of our token.
    var texts: (header: String, claims: String) {
        get throws {
            let parts = token.split(separator: UInt8(ascii: "."))
            let texts = try parts.prefix(2).map { String(decoding: try #require(Base64URL.decode($0)), as: UTF8.self) }
            return (texts[0], texts[1])
        }
    }

    /// The claims' JSON with one part of it replaced, which has to be there once.
    func claimsText(replacing old: String, with new: String) throws -> String {
        let pieces = try texts.claims.split(separator: old, omittingEmptySubsequences: false)
        try #require(pieces.count == 2, "\(old) is there \(pieces.count - 1) times")
        return pieces.joined(separator: new)
    }

    /// A token with a right code, made by somebody who has the key.
    func forge(header: String? = nil, claims: [UInt8]) throws -> [UInt8] {
        let header = try header ?? texts.header
        return Self.close(Base64URL.encode(header.utf8) + "." + Base64URL.encode(claims))
    }

    /// A signing input and its right code.
    static func close(_ input: String, secret: [UInt8] = secret) -> [UInt8] {
        let input = [UInt8](input.utf8)
        let code = HMAC<SHA256>.authenticationCode(for: input, using: SymmetricKey(data: secret))
        return input + [UInt8(ascii: ".")] + Base64URL.encode(Array(code)).utf8
    }

    /// What is wrong with a token; `nil` when it is accepted.
    func problem(_ token: [UInt8], now: Int64 = now) -> TokenError? {
        do throws(TokenError) {
            _ = try format.verify(token, keys: keys, now: now)
            return nil
        } catch {
            return error
        }
    }
}

extension AccessClaims {
    static func sample(
        user: UserID = UserID(high: 0x3333_3333_3333_4333, low: 0x8333_3333_3333_3333),
        tenant: TenantID = TenantID(high: 0x1111_1111_1111_4111, low: 0x8111_1111_1111_1111),
        roles: [String] = ["ADMIN", "MASTER_ADMIN"],
        issuedAt: Int64 = TokenFixture.now - 60,
        expiresAt: Int64 = TokenFixture.now + 60,
        session: SessionID = SessionID(high: 0x5555_5555_5555_4555, low: 0x8555_5555_5555_5555),
        userEpoch: Int64 = 7,
        tenantEpoch: Int64 = 3,
        restriction: TokenRestriction? = nil,
        client: String? = nil
    ) -> AccessClaims {
        AccessClaims(
            user: user,
            organization: OrganizationID(high: 0x4444_4444_4444_4444, low: 0x8444_4444_4444_4444),
            tenant: tenant,
            roles: roles,
            issuedAt: issuedAt,
            expiresAt: expiresAt,
            tokenID: "AAECAwQFBgcICQoLDA0ODw",
            session: session,
            userEpoch: userEpoch,
            tenantEpoch: tenantEpoch,
            restriction: restriction,
            client: client
        )
    }

    /// Random claims that are in force.
    static func random(tenant: TenantID, using generator: inout SeededGenerator) -> AccessClaims {
        let roles = ["ADMIN", "MASTER_ADMIN", "a", "a-role_with-a-rather-long-name"]
        let issuedAt = TokenFixture.now + .random(in: -3_599...30, using: &generator)
        let lifetimes = max(1, TokenFixture.now - issuedAt + 1)...3_600
        return AccessClaims(
            user: .random(using: &generator),
            organization: .random(using: &generator),
            tenant: tenant,
            roles: Array(roles.shuffled(using: &generator).prefix(.random(in: 0...4, using: &generator))),
            issuedAt: issuedAt,
            expiresAt: issuedAt + .random(in: lifetimes, using: &generator),
            tokenID: Base64URL.encode(SessionID.random(using: &generator).bytes),
            session: .random(using: &generator),
            userEpoch: Int64.random(in: 0...(.max), using: &generator) >> Int.random(in: 0...63, using: &generator),
            tenantEpoch: Int64.random(in: 0...(.max), using: &generator) >> Int.random(in: 0...63, using: &generator),
            restriction: [nil, .password, .secondFactor].randomElement(using: &generator) ?? nil,
            client: Bool.random(using: &generator)
                ? Base64URL.encode(SessionID.random(using: &generator).bytes) : nil
        )
    }
}

extension SeededGenerator {
    /// Three seeds that never change and a new one; a failing test prints the one it had.
    static let seeds: [UInt64] = [1, 2, 3, .random(in: 4...(.max))]
}
