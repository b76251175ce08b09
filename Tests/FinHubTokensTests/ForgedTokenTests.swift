import Crypto
import FinHubAPI
import Testing

@testable import FinHubTokens

/// Tokens whose code is right: made by somebody who has the key, or by a careless signer.
@Suite("Tokens with a right code")
struct ForgedTokenTests {
    private let fixture: TokenFixture

    init() throws {
        fixture = try TokenFixture()
        let texts = try fixture.texts
        try #require(fixture.problem(fixture.forge(header: texts.header, claims: Array(texts.claims.utf8))) == nil)
    }

    @Test(
        "are refused with any header but ours",
        arguments: [
            #"{"typ":"JWT","alg":"none","kid":"key-1"}"#, #"{"typ":"JWT","alg":"None","kid":"key-1"}"#,
            #"{"typ":"JWT","alg":"NONE","kid":"key-1"}"#, #"{"typ":"JWT","alg":"nOnE","kid":"key-1"}"#,
            #"{"typ":"JWT","alg":"hs256","kid":"key-1"}"#, #"{"typ":"JWT","alg":"HS384","kid":"key-1"}"#,
            #"{"typ":"JWT","alg":"HS512","kid":"key-1"}"#, #"{"typ":"JWT","alg":"RS256","kid":"key-1"}"#,
            #"{"typ":"JWT","alg":"ES256","kid":"key-1"}"#, #"{"typ":"JWT","alg":"EdDSA","kid":"key-1"}"#,
            #"{"typ":"JWT","alg":"HS256","kid":"key-1","jku":"https://evil.example/keys"}"#,
            #"{"typ":"JWT","alg":"HS256","kid":"key-1","jwk":{"kty":"oct","k":"AAAA"}}"#,
            #"{"typ":"JWT","alg":"HS256","kid":"key-1","x5u":"https://evil.example/cert"}"#,
            #"{"typ":"JWT","alg":"HS256","kid":"key-1","x5c":["AAAA"]}"#,
            #"{"typ":"JWT","alg":"HS256","kid":"key-1","crit":["exp"]}"#,
            #"{"typ":"JWT","alg":"HS256","kid":"key-1","zip":"DEF"}"#,
            #"{"jku":"https://evil.example/keys","typ":"JWT","alg":"HS256","kid":"key-1"}"#,
            #"{"alg":"HS256","typ":"JWT","kid":"key-1"}"#, #"{"kid":"key-1","typ":"JWT","alg":"HS256"}"#,
            #"{"typ":"JWT","alg":"HS256"}"#, #"{"alg":"HS256","kid":"key-1"}"#, #"{"typ":"JWT","kid":"key-1"}"#,
            #"{"typ":"jwt","alg":"HS256","kid":"key-1"}"#, #"{"typ":"at+jwt","alg":"HS256","kid":"key-1"}"#,
            #"{"typ":"JWT", "alg":"HS256","kid":"key-1"}"#, #"{"typ":"JWT","alg":"HS256","kid":"key-1"} "#,
            #"{"typ":"JWT","alg":"none","alg":"HS256","kid":"key-1"}"#,
            #"{"typ":"JWT","alg":"HS256","kid":"key-2","kid":"key-1"}"#,
            #"{"typ":"JWT","alg":"HS256","kid":"key-1","kid":"key-1"}"#,
            #"{"typ":"JWT","alg":"HS256","kid":"key-2"}"#, #"{"typ":"JWT","alg":"HS256","kid":"key-3"}"#,
            #"{"typ":"JWT","alg":"HS256","kid":""}"#, #"{"typ":"JWT","alg":"HS256","kid":"../../dev/null"}"#,
            #"{"typ":"JWT","alg":"HS256","kid":"x' OR '1'='1"}"#, #"{"typ":"JWT","alg":"HS256","kid":"key-1\u0000"}"#,
            #"{"typ":"JWT","alg":"HS256","kid":"\u006bey-1"}"#, #"{"typ":"JWT","alg":"HS256","kid":1}"#,
            #"{"typ":"JWT","alg":"HS256","kid":null}"#, "{}", "", "null", "\u{feff}{}",
        ]
    )
    func header(header: String) throws {
        #expect(
            fixture.problem(try fixture.forge(header: header, claims: Array(fixture.texts.claims.utf8))) == .invalid
        )
    }

    @Test("of another algorithm are refused: none, HS384, HS512")
    func algorithm() throws {
        let claims = Base64URL.encode(try fixture.texts.claims.utf8)
        let key = SymmetricKey(data: TokenFixture.secret)
        func input(_ algorithm: String) -> [UInt8] {
            Array("\(Base64URL.encode(#"{"typ":"JWT","alg":"\#(algorithm)","kid":"key-1"}"#.utf8)).\(claims)".utf8)
        }
        let dot = [UInt8(ascii: ".")]
        for none in ["none", "None", "NONE", "nOnE"] {
            #expect(fixture.problem(input(none) + dot) == .invalid)
            #expect(fixture.problem(input(none)) == .invalid)
        }
        let code384 = HMAC<SHA384>.authenticationCode(for: input("HS384"), using: key)
        let code512 = HMAC<SHA512>.authenticationCode(for: input("HS512"), using: key)
        #expect(fixture.problem(input("HS384") + dot + Base64URL.encode(Array(code384)).utf8) == .invalid)
        #expect(fixture.problem(input("HS512") + dot + Base64URL.encode(Array(code512)).utf8) == .invalid)
        #expect(fixture.problem(input("HS256") + dot) == .invalid)
    }

    @Test("of another tenant's key are refused")
    func foreignKey() {
        let token = fixture.format.sign(fixture.claims, with: fixture.foreignKey)
        #expect(fixture.problem(Array(token.reveal().utf8)) == .invalid)
        let theirs = fixture.format.sign(.sample(tenant: fixture.foreignKey.tenant), with: fixture.foreignKey)
        #expect(fixture.problem(Array(theirs.reveal().utf8)) == nil)
    }

    @Test("of another issuer or audience are refused")
    func foreignFormat() {
        for (issuer, audience) in [("https://finhub.example", "other"), ("other", "finhub"), ("", "")] {
            let format = TokenFormat(issuer: issuer, audience: audience)
            #expect(fixture.problem(Array(format.sign(fixture.claims, with: fixture.key).reveal().utf8)) == .invalid)
        }
    }

    @Test(
        "are refused with an absurd number",
        arguments: ["\"iat\":1799999940", "\"exp\":1800000060", "\"userEpoch\":7", "\"tenantEpoch\":3"],
        [
            "1e308", "-1", "-0", "1.0", "1800000000.0", "1.8e9", "\"1\"", "\"1800000000\"", "null", "true", "[]", "{}",
            "",
        ]
            + [
                "9223372036854775808", "18446744073709551616", "1\(String(repeating: "0", count: 400))", "01", "00",
                "+1",
            ]
            + ["0x7", "1e3", " 7", "7 ", "Infinity", "NaN"]
    )
    func number(member: String, value: String) throws {
        let name = member.prefix { $0 != ":" }
        let text = try fixture.claimsText(replacing: member, with: "\(name):\(value)")
        #expect(fixture.problem(try fixture.forge(claims: Array(text.utf8))) == .invalid)
    }

    @Test("with the greatest number in any numeric place do no harm")
    func greatest() throws {
        for member in ["\"iat\":1799999940", "\"exp\":1800000060"] {
            let text = try fixture.claimsText(replacing: member, with: "\(member.prefix { $0 != ":" }):\(Int64.max)")
            #expect(fixture.problem(try fixture.forge(claims: Array(text.utf8))) == .invalid)
        }
        for now in [Int64.min, .max] {
            #expect(fixture.problem(fixture.token, now: now) == (now < 0 ? .invalid : .expired(fixture.claims)))
        }
        #expect(fixture.problem(fixture.sign(.sample(issuedAt: .max - 1, expiresAt: .max)), now: .min) == .invalid)
        #expect(fixture.problem(fixture.sign(.sample(userEpoch: .max, tenantEpoch: .max))) == nil)
        #expect(fixture.problem(fixture.sign(.sample(userEpoch: .min))) == .invalid)
    }
}
