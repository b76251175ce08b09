import FinHubAPI
import FinHubTestSupport
import JWTKit
import Testing

@testable import FinHubTokens

@Suite("Beside JWTKit")
struct JWTKitTests {
    @Test("a token of ours says the same there and here", arguments: SeededGenerator.seeds)
    func ours(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let fixture = try TokenFixture()
        let jwtKit = await fixture.jwtKitKeys()
        for _ in 0..<750 {
            let claims = AccessClaims.random(tenant: fixture.claims.tenant, using: &generator)
            let token = fixture.sign(claims)
            #expect(try await jwtKit.verify(token, as: WirePayload.self) == WirePayload(claims))
            #expect(try fixture.format.verify(token, keys: fixture.keys, now: TokenFixture.now) == claims)
        }
    }

    @Test("a token that JWTKit signs is accepted in our spelling", arguments: SeededGenerator.seeds)
    func theirs(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let fixture = try TokenFixture()
        let signer = try await fixture.jwtKitKeys().getKey(for: "key-1")
        for _ in 0..<250 {
            let claims = AccessClaims.random(tenant: fixture.claims.tenant, using: &generator)
            let input = fixture.sign(claims).prefix { $0 != UInt8(ascii: ".") } + [UInt8(ascii: ".")]
            let whole = input + Base64URL.encode(ClaimsText(fixture).encode(claims)).utf8
            let token = Array(whole) + [UInt8(ascii: ".")] + Base64URL.encode(try signer.sign(whole)).utf8
            #expect(try fixture.format.verify(token, keys: fixture.keys, now: TokenFixture.now) == claims)
        }
    }

    @Test("a token in JWTKit's own spelling is refused, though its code is right")
    func theirSpelling() async throws {
        let fixture = try TokenFixture()
        let jwtKit = await fixture.jwtKitKeys()
        let token = try await jwtKit.sign(WirePayload(fixture.claims), kid: "key-1")
        #expect(try await jwtKit.verify(token, as: WirePayload.self) == WirePayload(fixture.claims))
        #expect(fixture.problem(Array(token.utf8)) == .invalid)
    }

    @Test("what JWTKit refuses after a random change, we refuse", arguments: SeededGenerator.seeds)
    func mutated(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let fixture = try TokenFixture()
        let jwtKit = await fixture.jwtKitKeys()
        for _ in 0..<500 {
            let token = fixture.token.mutated(using: &generator)
            let theirs = try? await jwtKit.verify(token, as: WirePayload.self)
            let ours = fixture.problem(token)
            #expect(
                ours == .invalid,
                "\(String(decoding: token, as: UTF8.self)), which JWTKit reads as \(theirs as Any)"
            )
        }
    }
}

/// The claims as JWTKit reads them.
struct WirePayload: JWTPayload, Equatable {
    let iss: String
    let aud: String
    let sub: String
    let orgId: String
    let tenantId: String
    let roles: [String]
    let iat: Int64
    let exp: Int64
    let jti: String
    let sid: String
    let userType: String
    let tokenUse: String
    let userEpoch: Int64
    let tenantEpoch: Int64

    enum CodingKeys: String, CodingKey {
        case iss, aud, sub, orgId, tenantId, roles, iat, exp, jti, sid, userType, userEpoch, tenantEpoch
        case tokenUse = "token_use"
    }

    init(_ claims: AccessClaims) {
        iss = "https://finhub.example"
        aud = "finhub"
        sub = claims.user.description
        orgId = claims.organization.description
        tenantId = claims.tenant.description
        roles = claims.roles
        iat = claims.issuedAt
        exp = claims.expiresAt
        jti = claims.tokenID
        sid = claims.session.description
        userType = "ADMIN"
        tokenUse = "access"
        userEpoch = claims.userEpoch
        tenantEpoch = claims.tenantEpoch
    }

    func verify(using algorithm: some JWTAlgorithm) {}
}

extension ClaimsText {
    fileprivate init(_ fixture: TokenFixture) {
        self.init(issuer: "https://finhub.example", audience: "finhub")
    }
}

extension TokenFixture {
    fileprivate func jwtKitKeys() async -> JWTKeyCollection {
        await JWTKeyCollection().add(hmac: HMACKey(from: Self.secret), digestAlgorithm: .sha256, kid: "key-1")
    }
}

extension [UInt8] {
    /// The same bytes with one to three of them changed, lost, added or moved; never the same.
    fileprivate func mutated(using generator: inout SeededGenerator) -> [UInt8] {
        var bytes = self
        let additions = Array("=+/ .-_A\u{0}\r\n".utf8)
        repeat {
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: bytes[index] = .random(in: 0...255, using: &generator)
            case 2: bytes.remove(at: index)
            case 3: bytes.insert(additions.randomElement(using: &generator) ?? 0, at: index)
            case 4: bytes.removeLast(.random(in: 1...(bytes.count - 1), using: &generator))
            default: bytes.swapAt(index, .random(in: 0..<bytes.count, using: &generator))
            }
        } while bytes == self || bytes.count > 1 && Bool.random(using: &generator)
        return bytes
    }
}
