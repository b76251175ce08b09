import FinHubAPI
import JWTKit
import Testing

@testable import FinHubTokens

/// An HS256 token of a published standard.
struct KnownToken: CustomTestStringConvertible, Sendable {
    let name: String
    let key: String
    let token: String

    var testDescription: String { name }

    /// RFC 7515, appendix A.1.1.
    static let jws = KnownToken(
        name: "RFC 7515 A.1",
        key: "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
        token: "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
            + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
            + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    )
    /// RFC 7520, section 4.4.
    static let cookbook = KnownToken(
        name: "RFC 7520 4.4",
        key: "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg",
        token: "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9"
            + ".SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0"
            + "aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG"
            + "1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0"
    )

    var parts: [[UInt8]] { token.utf8.split(separator: UInt8(ascii: ".")).map(Array.init) }
    var input: [UInt8] { parts[0] + [UInt8(ascii: ".")] + parts[1] }

    func signingKey() throws -> SigningKey {
        let tenant = TenantID(high: 1, low: 1)
        return try TokenFixture.key("k", of: tenant, secret: #require(Base64URL.decode(key.utf8)))
    }

    func jwtKitKey() async throws -> any JWTAlgorithm {
        let secret = try #require(Base64URL.decode(key.utf8))
        return try await JWTKeyCollection().add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256).getKey()
    }
}

@Suite("Published HS256 tokens")
struct KnownVectorTests {
    @Test("have the code that we and JWTKit compute", arguments: [KnownToken.jws, .cookbook])
    func code(known: KnownToken) async throws {
        let code = try known.input.withUnsafeBytes { Array(try known.signingKey().code(for: $0)) }
        #expect(Base64URL.encode(code) == String(decoding: known.parts[2], as: UTF8.self))
        #expect(try await known.jwtKitKey().sign(known.input) == code)
        #expect(try known.signingKey().hasSigned(known.input, code: known.parts[2]))
    }

    @Test(
        "have another code after any change of one byte, for us and for JWTKit",
        arguments: [KnownToken.jws, .cookbook]
    )
    func mutated(known: KnownToken) async throws {
        let key = try known.signingKey()
        let jwtKitKey = try await known.jwtKitKey()
        let code = try #require(Base64URL.decode(known.parts[2]))
        for index in known.input.indices {
            var input = known.input
            input[index] ^= 1
            #expect(!key.hasSigned(input, code: known.parts[2]))
            #expect(try !jwtKitKey.verify(code, signs: input))
        }
        for index in known.parts[2].indices {
            var text = known.parts[2]
            text[index] = text[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(!key.hasSigned(known.input, code: text))
        }
    }

    @Test("have one spelling of their code", arguments: [KnownToken.jws, .cookbook])
    func spelling(known: KnownToken) throws {
        let key = try known.signingKey()
        let code = known.parts[2]
        for stray in UInt8(1)...3 {
            let value = Base64URL.values[Int(code[42])] | stray
            let other = try #require(Base64URL.values.firstIndex(of: value))
            #expect(!key.hasSigned(known.input, code: code.dropLast() + [UInt8(other)]))
        }
        for text in [Array(code.dropLast()), code + [UInt8(ascii: "=")], code + [UInt8(ascii: "A")], []] {
            #expect(!key.hasSigned(known.input, code: text))
        }
    }

    @Test("are no tokens of ours", arguments: [KnownToken.jws, .cookbook])
    func notOurs(known: KnownToken) throws {
        let fixture = try TokenFixture()
        fixture.keys.add(try known.signingKey())
        #expect(fixture.problem(Array(known.token.utf8)) == .invalid)
    }
}

extension SigningKey {
    func hasSigned(_ input: [UInt8], code: [UInt8]) -> Bool {
        input.withUnsafeBufferPointer { input in code.withUnsafeBufferPointer { hasSigned(input, code: $0) } }
    }
}
