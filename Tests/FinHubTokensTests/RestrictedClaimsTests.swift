import FinHubAPI
import Testing

@testable import FinHubTokens

@Suite("Restricted claims")
struct RestrictedClaimsTests {
    private let fixture: TokenFixture
    private let restricted: AccessClaims

    init() throws {
        fixture = try TokenFixture()
        restricted = AccessClaims.sample(restriction: .password, client: "AAECAwQFBgcICQoLDA0ODw")
    }

    @Test("are spelled behind the others, and come back")
    func roundTrip() throws {
        let token = fixture.sign(restricted)
        let parts = token.split(separator: UInt8(ascii: "."))
        let text = String(decoding: try #require(Base64URL.decode(parts[1])), as: UTF8.self)
        let tail = #""tenantEpoch":3,"scope":"password","cnf":{"client":"AAECAwQFBgcICQoLDA0ODw"}}"#
        #expect(text.hasSuffix(tail))
        #expect(try fixture.format.verify(token, keys: fixture.keys, now: TokenFixture.now) == restricted)
    }

    @Test(
        "are refused in any other spelling",
        arguments: [
            #","scope":"""#, #","scope":"admin""#, #","scope":"password","scope":"password""#, #","scope":null"#,
            #","scope": "password""#, #","cnf":{}"#, #","cnf":{"client":"AAECAwQFBgcICQoLDA0ODw"},"scope":"password""#,
            #","cnf":{"client":"AAECAwQFBgcICQoLDA0OD"}"#, #","cnf":{"client":"AAECAwQFBgcICQoLDA0ODx"}"#,
            #","cnf":"AAECAwQFBgcICQoLDA0ODw""#, #","cnf":{"client":"AAECAwQFBgcICQoLDA0ODw","client":""}"#,
        ]
    )
    func otherSpellings(addition: String) throws {
        let claims = try fixture.claimsText(replacing: #""tenantEpoch":3}"#, with: #""tenantEpoch":3"# + addition + "}")
        #expect(fixture.problem(try fixture.forge(claims: Array(claims.utf8))) == .invalid)
    }
}
