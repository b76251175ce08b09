import Crypto
import FinHubAPI
import FinHubTokens

/// What a check may say of a token.
enum TokenVerdict: Equatable {
    case inForce
    case malformed
    case invalid
    case expired
    case revoked
    case superseded

    /// The verdict before anybody asks whether the session was ended.
    var withoutRevocation: TokenVerdict {
        self == .revoked || self == .superseded ? .inForce : self
    }

    init(_ check: () throws(TokenError) -> AccessClaims) {
        do throws(TokenError) {
            _ = try check()
            self = .inForce
        } catch {
            switch error {
            case .malformed: self = .malformed
            case .invalid: self = .invalid
            case .expired: self = .expired
            case .revoked: self = .revoked
            case .superseded: self = .superseded
            }
        }
    }
}

/// A small world of tokens that never changes: keys of two tenants, and a token of each kind.
struct IssuedTokens: Sendable {
    static let now: Int64 = 1_800_000_000
    static let tenant = TenantID(high: 0x1111_1111_1111_4111, low: 0x8111_1111_1111_1111)
    static let shared: IssuedTokens = {
        guard let issued = IssuedTokens() else { preconditionFailure("the keys are weak") }
        return issued
    }()

    private static let secret = Array("the fuzzing key: thirty-two bytes, no less".utf8)

    /// The check in which one session was ended and one superseded.
    let check: TokenCheck
    /// Header, payload and code of the token in force.
    let header: String
    let payload: String
    let code: String
    private let format = TokenFormat(issuer: "https://finhub.example", audience: "finhub")
    private let keys = KeyRing()
    private let key: SigningKey
    private let kinds: [[UInt8]: TokenVerdict]
    /// The tokens of ours, in an order that is the same in every run.
    private let tokens: [[UInt8]]

    private init?() {
        let foreignTenant = TenantID(high: 0x2222_2222_2222_4222, low: 0x8222_2222_2222_2222)
        guard let key = Self.key("key-1", of: Self.tenant, secret: Self.secret),
            let foreign = Self.key("key-2", of: foreignTenant, secret: Self.secret.reversed())
        else { return nil }
        self.key = key
        keys.add(key)
        keys.add(foreign)
        let revocations = RevocationList()
        let end = Timestamp(seconds: Self.now + 3_600)
        revocations.end(SessionID(high: 2, low: 2), superseded: false, tokensExpireBy: end)
        revocations.end(SessionID(high: 3, low: 3), superseded: true, tokensExpireBy: end)
        check = TokenCheck(format: format, keys: keys, revocations: revocations)
        let format = format
        func token(_ session: UInt64, of tenant: TenantID = Self.tenant, expiringIn seconds: Int64 = 60) -> [UInt8] {
            let claims = AccessClaims.sample(session: session, of: tenant, expiringIn: seconds)
            return Array(format.sign(claims, with: tenant == Self.tenant ? key : foreign).reveal().utf8)
        }
        let issued: [([UInt8], TokenVerdict)] = [
            (token(1), .inForce), (token(4, of: foreignTenant), .inForce), (token(1, expiringIn: 0), .expired),
            (token(2), .revoked), (token(3), .superseded),
        ]
        tokens = issued.map(\.0)
        kinds = Dictionary(uniqueKeysWithValues: issued)
        let parts = String(decoding: token(1), as: UTF8.self).split(separator: ".").map(String.init)
        header = parts[0]
        payload = parts[1]
        code = parts[2]
    }

    private static func key(_ name: String, of tenant: TenantID, secret: [UInt8]) -> SigningKey? {
        KeyID(rawValue: name).flatMap { try? SigningKey(id: $0, tenant: tenant, secret: Secret(secret)) }
    }

    /// What a check has to say of a token of ours; `nil` for anything that is none.
    func kind(of token: [UInt8]) -> TokenVerdict? {
        kinds[token]
    }

    /// What the format says of a token.
    func verdict(on token: [UInt8]) -> TokenVerdict {
        TokenVerdict { () throws(TokenError) in try format.verify(token, keys: keys, now: Self.now) }
    }

    /// What a token of ours says, be it expired; `nil` for anything else.
    func claims(of token: [UInt8]) -> AccessClaims? {
        do throws(TokenError) {
            return try format.verify(token, keys: keys, now: Self.now)
        } catch {
            if case .expired(let claims) = error { return claims }
            return nil
        }
    }

    func sign(_ claims: AccessClaims) -> [UInt8] {
        Array(format.sign(claims, with: key).reveal().utf8)
    }

    /// A signing input and its code, which is right.
    func closed(_ input: String) -> [UInt8] {
        let key = SymmetricKey(data: Self.secret)
        let code = HMAC<SHA256>.authenticationCode(for: Array(input.utf8), using: key)
        return Array(input.utf8) + [UInt8(ascii: ".")] + Base64URL.encode(Array(code)).utf8
    }

    /// One of the tokens of ours.
    func randomToken(using generator: inout SeededGenerator) -> [UInt8] {
        generator.pick(tokens)
    }

    /// The claims' JSON of some token that could be ours, around the edges of its time.
    func randomClaims(using generator: inout SeededGenerator) -> [UInt8] {
        let claims = AccessClaims.sample(
            session: generator.next(),
            of: Self.tenant,
            issuedIn: generator.pick([-3_600, -60, 0, 30, 31]),
            expiringIn: generator.pick([-1, 0, 1, 60, 3_540, 3_541, 3_600, 3_630, 3_631])
        )
        let payload = sign(claims).split(separator: UInt8(ascii: "."))[1]
        return Base64URL.decode(payload) ?? []
    }
}

extension AccessClaims {
    fileprivate static func sample(
        session: UInt64,
        of tenant: TenantID,
        issuedIn lead: Int64 = -60,
        expiringIn seconds: Int64
    ) -> AccessClaims {
        AccessClaims(
            user: UserID(high: 0x3333_3333_3333_4333, low: 0x8333_3333_3333_3333),
            organization: OrganizationID(high: 0x4444_4444_4444_4444, low: 0x8444_4444_4444_4444),
            tenant: tenant,
            roles: session.isMultiple(of: 2) ? [] : ["ADMIN", "MASTER_ADMIN"],
            issuedAt: IssuedTokens.now + lead,
            expiresAt: IssuedTokens.now + seconds,
            tokenID: "AAECAwQFBgcICQoLDA0ODw",
            session: SessionID(high: session, low: session),
            userEpoch: 7,
            tenantEpoch: 3
        )
    }
}
