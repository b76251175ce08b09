import Crypto
import FinHubAPI
import FinHubTokens
import Testing

/// A tenant's key, claims of it, and ways to sign what our signer never would.
struct Fixture {
    /// A change to the text of the claims.
    struct Change: Sendable, CustomTestStringConvertible {
        let from: String
        let to: String
        var testDescription: String { "\(from) → \(to)" }

        init(_ from: String, _ to: String) {
            self.from = from
            self.to = to
        }
    }

    static let now: Int64 = 1_767_268_800
    static let secret = "0123456789abcdef0123456789ABCDEF"
    static let secretBytes = Array(secret.utf8)

    let format = TokenFormat(issuer: "finhub", audience: "finhub-api")
    let keys = KeyRing()
    let key: SigningKey
    let claims: AccessClaims

    init() throws {
        let tenant = TenantID(high: 0xaaaa, low: 1)
        key = try SigningKey(
            id: try #require(KeyID(rawValue: "key-1")),
            tenant: tenant,
            secret: Secret(Self.secretBytes)
        )
        keys.add(key)
        keys.makeCurrent(key.id)
        claims = AccessClaims(
            user: UserID(high: 0xbbbb, low: 2),
            organization: OrganizationID(high: 0xcccc, low: 3),
            tenant: tenant,
            roles: ["ADMIN"],
            issuedAt: Self.now,
            expiresAt: Self.now + 3_600,
            tokenID: "AAAAAAAAAAAAAAAAAAAAAA",
            session: SessionID(high: 0xdddd, low: 4),
            userEpoch: 7,
            tenantEpoch: 0
        )
    }

    func verify(_ token: String, now: Int64 = Fixture.now) throws -> AccessClaims {
        try format.verify(Array(token.utf8), keys: keys, now: now)
    }

    static func randomClaims(using generator: inout SeededGenerator) -> AccessClaims {
        let issuedAt = Int64.random(in: 1...4_000_000_000, using: &generator)
        return AccessClaims(
            user: .random(using: &generator),
            organization: .random(using: &generator),
            tenant: TenantID(high: 0xaaaa, low: 1),
            roles: [["ADMIN"], ["MASTER_ADMIN"], ["ADMIN", "MEMBER"]].randomElement(using: &generator) ?? [],
            issuedAt: issuedAt,
            expiresAt: issuedAt + Int64.random(in: 1...3_600, using: &generator),
            tokenID: Base64URL.encode(SessionID.random(using: &generator).bytes),
            session: .random(using: &generator),
            userEpoch: Int64.random(in: 0...Int64.max, using: &generator),
            tenantEpoch: Int64.random(in: 0...Int64.max, using: &generator)
        )
    }

    /// The claims as our signer writes them.
    var payload: String {
        let token = format.sign(claims, with: key).reveal()
        let part = token.split(separator: ".")[1]
        return String(decoding: Base64URL.decode(part.utf8) ?? [], as: UTF8.self)
    }

    static let header = #"{"typ":"JWT","alg":"HS256","kid":"key-1"}"#

    /// A token with a right code over any header and any claims.
    func signed(header: String = Fixture.header, payload: String? = nil) -> String {
        let input =
            Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array((payload ?? self.payload).utf8))
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(input.utf8),
            using: SymmetricKey(data: Self.secretBytes)
        )
        return input + "." + Base64URL.encode(Array(code))
    }

    static let foreignHeaders = [
        #"{"alg":"HS256","typ":"JWT","kid":"key-1"}"#, #"{"typ":"JWT","alg":"none","kid":"key-1"}"#,
        #"{"typ":"JWT","alg":"NONE","kid":"key-1"}"#, #"{"typ":"JWT","alg":"HS384","kid":"key-1"}"#,
        #"{"typ":"JWT","alg":"HS512","kid":"key-1"}"#, #"{"typ":"JWT","alg":"RS256","kid":"key-1"}"#,
        #"{"typ":"JWT","alg":"HS256"}"#, #"{"typ":"JWT","alg":"HS256","kid":"key-2"}"#,
        #"{"typ":"JWT","alg":"HS256","kid":"key-1","jku":"https://example.org"}"#,
        #"{"typ":"JWT","alg":"HS256","kid":"key-1","jwk":{}}"#,
        #"{"typ":"JWT","alg":"HS256","kid":"key-1","x5u":"https://example.org"}"#,
        #"{"typ":"JWT","alg":"HS256","kid":"key-1","crit":["exp"]}"#,
        #"{"typ":"JWT","alg":"HS256","kid":"key-1","kid":"key-1"}"#,
        #"{"typ":"at+jwt","alg":"HS256","kid":"key-1"}"#, #"{"typ":"JWT", "alg":"HS256","kid":"key-1"}"#, "{}", "",
    ]

    static let foreignClaims = [
        Change(#""iss":"finhub""#, #""iss":"other""#), Change(#""aud":"finhub-api""#, #""aud":"other""#),
        Change(#""aud":"finhub-api""#, #""aud":["finhub-api"]"#),
        Change(#""token_use":"access""#, #""token_use":"id""#),
        Change(#""userType":"ADMIN""#, #""userType":"USER""#), Change(#""exp":1767272400"#, #""exp":1e308"#),
        Change(#""exp":1767272400"#, #""exp":-1"#), Change(#""exp":1767272400"#, #""exp":1767272400.0"#),
        Change(#""exp":1767272400"#, #""exp":"1767272400""#), Change(#""exp":1767272400"#, #""exp":null"#),
        Change(#""exp":1767272400"#, #""exp":9223372036854775808"#),
        Change(#""exp":1767272400"#, #""exp":9223372036854775807"#), Change(#""exp":1767272400"#, #""exp":1767272401"#),
        Change(#""exp":1767272400"#, #""exp":01767272400"#), Change(#","exp":1767272400"#, ""),
        Change(#""iat":1767268800"#, #""iat":0"#), Change(#""iat":1767268800"#, #""iat":1767268831"#),
        Change(#""iat":1767268800"#, #""iat":9223372036854775807"#),
        Change(#""iat":1767268800"#, #""iat":1767268800,"iat":1767268800"#),
        Change(#""sub":"00000000-0000-bbbb"#, #""sub":"00000000-0000-BBBB"#), Change(#""sub":""#, #""sub":"x"#),
        Change(#""userEpoch":7"#, #""userEpoch":-7"#), Change(#""userEpoch":7"#, #""userEpoch":+7"#),
        Change("AAAAAAAAAAAAAAAAAAAAAA", "AAAA"), Change(#"["ADMIN"]"#, #""ADMIN""#),
        Change(#"["ADMIN"]"#, #"["ADMIN",]"#), Change(#""tenantEpoch":0}"#, #""tenantEpoch":0,"extra":1}"#),
        Change(
            #""tenantId":"00000000-0000-aaaa-0000-000000000001""#,
            #""tenantId":"00000000-0000-aaaa-0000-000000000002""#
        ),
        Change("}", "} "), Change("{", " {"),
    ]
}

/// A generator that repeats itself for a seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}

/// Ways to spoil a token.
enum Mutation {
    static func random(of token: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var bytes = token
        let index = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: bytes[index] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &generator)
        case 1: bytes.removeSubrange(index...)
        case 2: bytes.insert([0x3d, 0x2b, 0x2f, 0x20, 0x2e, 0x00].randomElement(using: &generator) ?? 0, at: index)
        case 3: bytes.remove(at: index)
        case 4: bytes.swapAt(index, Int.random(in: 0..<bytes.count, using: &generator))
        default: bytes.append(contentsOf: bytes[index...])
        }
        return bytes
    }
}
