import Crypto
import FinHubAPI
import FinHubTokens
import JWTKit
import Testing

@Suite("Token format")
struct TokenFormatTests {
    @Test("the code of RFC 7515 A.1 is ours too")
    func rfc7515() throws {
        let key = try #require(
            Base64URL.decode(
                "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow".utf8
            )
        )
        let input = """
            eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
            eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ
            """
        #expect(try code(of: input, key) == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    }

    /// RFC 7520, section 4.4: the cookbook's HS256 example.
    @Test("the code of the JOSE cookbook's example is ours too")
    func cookbook() throws {
        let key = try #require(Base64URL.decode("hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg".utf8))
        let input = """
            eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9.\
            SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm\
            9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlI\
            HN3ZXB0IG9mZiB0by4
            """
        #expect(try code(of: input, key) == "s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0")
    }

    @Test("what is signed is verified, to the last claim")
    func roundTrip() throws {
        let fixture = try Fixture()
        let token = fixture.format.sign(fixture.claims, with: fixture.key)
        #expect(try fixture.verify(token.reveal()) == fixture.claims)
    }

    @Test("JWTKit reads the tokens that we sign, with the same claims")
    func readByJWTKit() async throws {
        let fixture = try Fixture()
        let keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: Fixture.secret), digestAlgorithm: .sha256)
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<1_000 {
            let claims = Fixture.randomClaims(using: &generator)
            let token = fixture.format.sign(claims, with: fixture.key).reveal()
            let payload = try await keys.verify(token, as: ForeignClaims.self)
            #expect(payload.sub == claims.user.description)
            #expect(payload.sid == claims.session.description)
            #expect(payload.exp == claims.expiresAt)
            #expect(payload.roles == claims.roles)
            #expect(try fixture.verify(token, now: claims.issuedAt) == claims)
        }
    }

    @Test("whatever is changed in a token, it is not valid")
    func mutations() throws {
        let fixture = try Fixture()
        let token = Array(fixture.format.sign(fixture.claims, with: fixture.key).reveal().utf8)
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<20_000 {
            let mutated = Mutation.random(of: token, using: &generator)
            guard mutated != token else { continue }
            let error = #expect(throws: TokenError.self) {
                try fixture.format.verify(mutated, keys: fixture.keys, now: Fixture.now)
            }
            #expect(error == .invalid, "\(String(decoding: mutated, as: UTF8.self))")
        }
    }

    @Test("a non-canonical last character is another spelling, and not valid")
    func lastCharacter() throws {
        let fixture = try Fixture()
        let token = fixture.format.sign(fixture.claims, with: fixture.key).reveal()
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        let accepted = alphabet.filter { (try? fixture.verify(String(token.dropLast()) + String($0))) != nil }
        #expect(accepted.count == 1)
    }

    @Test("a header of any other shape is refused though its code be right", arguments: Fixture.foreignHeaders)
    func headers(header: String) throws {
        let fixture = try Fixture()
        #expect(throws: TokenError.invalid) { try fixture.verify(fixture.signed(header: header)) }
    }

    @Test("claims of any other shape are refused though their code be right", arguments: Fixture.foreignClaims)
    func claims(change: Fixture.Change) throws {
        let fixture = try Fixture()
        let payload = fixture.payload.replacing(change.from, with: change.to)
        #expect(payload != fixture.payload)
        #expect(throws: TokenError.invalid) { try fixture.verify(fixture.signed(payload: payload)) }
    }

    @Test("the expiry is exact, and iat may be 30 s ahead")
    func times() throws {
        let fixture = try Fixture()
        let token = fixture.format.sign(fixture.claims, with: fixture.key).reveal()
        let claims = fixture.claims
        #expect(try fixture.verify(token, now: claims.expiresAt - 1) == claims)
        #expect(throws: TokenError.expired(claims)) { try fixture.verify(token, now: claims.expiresAt) }
        #expect(try fixture.verify(token, now: claims.issuedAt - 30) == claims)
        #expect(throws: TokenError.invalid) { try fixture.verify(token, now: claims.issuedAt - 31) }
    }

    @Test("another tenant's key, and a removed one, verify nothing")
    func keys() throws {
        let fixture = try Fixture()
        let other = try SigningKey(
            id: try #require(KeyID(rawValue: "other")),
            tenant: TenantID(high: 9, low: 9),
            secret: Secret(Fixture.secretBytes.reversed())
        )
        fixture.keys.add(other)
        let foreign = fixture.format.sign(fixture.claims, with: other).reveal()
        #expect(throws: TokenError.invalid) { try fixture.verify(foreign) }
        let token = fixture.format.sign(fixture.claims, with: fixture.key).reveal()
        fixture.keys.remove(fixture.key.id)
        #expect(throws: TokenError.invalid) { try fixture.verify(token) }
    }

    @Test("a weak key is no key", arguments: [[UInt8](0..<31), [UInt8](repeating: 7, count: 64)])
    func weakKey(secret: [UInt8]) throws {
        let id = try #require(KeyID(rawValue: "k"))
        #expect(throws: WeakSigningKey.self) {
            try SigningKey(id: id, tenant: TenantID(high: 1, low: 1), secret: Secret(secret))
        }
    }

    private func code(of input: String, _ secret: [UInt8]) throws -> String {
        let id = try #require(KeyID(rawValue: "k"))
        let key = try SigningKey(id: id, tenant: TenantID(high: 1, low: 1), secret: Secret(secret))
        return Base64URL.encode(Array(Array(input.utf8).withUnsafeBytes { key.code(for: $0) }))
    }
}

/// The claims as a library that knows nothing of ours reads them.
private struct ForeignClaims: JWTPayload {
    let sub: String
    let sid: String
    let exp: Int64
    let roles: [String]

    func verify(using algorithm: some JWTAlgorithm) async throws {}
}
