import FinHubAPI
import Testing

@testable import FinHubTokens

@Suite("Claims with a right code")
struct ForgedClaimsTests {
    private let fixture: TokenFixture

    init() throws {
        fixture = try TokenFixture()
    }

    @Test("are spelled in one way")
    func golden() throws {
        let texts = try fixture.texts
        #expect(texts.header == #"{"typ":"JWT","alg":"HS256","kid":"key-1"}"#)
        let expected =
            #"{"iss":"https://finhub.example","aud":"finhub","sub":"33333333-3333-4333-8333-333333333333","#
            + #""orgId":"44444444-4444-4444-8444-444444444444","tenantId":"11111111-1111-4111-8111-111111111111","#
            + #""roles":["ADMIN","MASTER_ADMIN"],"iat":1799999940,"exp":1800000060,"jti":"AAECAwQFBgcICQoLDA0ODw","#
            + #""sid":"55555555-5555-4555-8555-555555555555","userType":"ADMIN","token_use":"access","#
            + #""userEpoch":7,"tenantEpoch":3}"#
        #expect(texts.claims == expected)
        #expect(fixture.problem(try fixture.forge(claims: Array(expected.utf8))) == nil)
    }

    @Test("are refused when one is missing, in another place, or there twice")
    func members() throws {
        let members = try #require(Self.members(of: fixture.texts.claims))
        #expect(members.count == 14)
        func expectRefused(_ members: [String]) throws {
            let text = "{\(members.joined(separator: ","))}"
            #expect(fixture.problem(try fixture.forge(claims: Array(text.utf8))) == .invalid, "\(text)")
        }
        for (index, member) in members.enumerated() {
            try expectRefused(Array(members[..<index] + members[(index + 1)...]))
            try expectRefused(members + [member])
            try expectRefused([member] + members)
            try expectRefused(Array(members[...index] + members[index...]))
            var swapped = members
            swapped.swapAt(index, (index + 1) % members.count)
            try expectRefused(swapped)
        }
        for extra in [#""nbf":1"#, #""scope":"admin""#, #""isAdmin":true"#, #""":1"#] {
            try expectRefused(members + [extra])
            try expectRefused([extra] + members)
        }
    }

    @Test(
        "are refused when one is not exactly as it should be",
        arguments: [
            (#""iss":"https://finhub.example""#, #""iss":"https://finhub.example/""#),
            (#""iss":"https://finhub.example""#, #""iss":"https:\/\/finhub.example""#),
            (#""aud":"finhub""#, #""aud":["finhub"]"#), (#""aud":"finhub""#, #""aud":"Finhub""#),
            (#""userType":"ADMIN""#, #""userType":"USER""#), (#""userType":"ADMIN""#, #""userType":"admin""#),
            (#""token_use":"access""#, #""token_use":"refresh""#), (#""token_use":"access""#, #""token_use":null"#),
            ("33333333-3333-4333-8333-333333333333", "33333333-3333-4333-8333-33333333333"),
            ("33333333-3333-4333-8333-333333333333", "33333333-3333-4333-8333-33333333333A"),
            ("33333333-3333-4333-8333-333333333333", "33333333-3333-4333-8333-33333333333g"),
            ("33333333-3333-4333-8333-333333333333", "333333333333343338333333333333333333"),
            ("33333333-3333-4333-8333-333333333333", "{33333333-3333-4333-8333-333333333333}"),
            ("44444444-4444-4444-8444-444444444444", #"44444444-4444-4444-8444-444444444444\u0000"#),
            ("44444444-4444-4444-8444-444444444444", "44444444-4444-4444-8444-444444444444\u{0}"),
            ("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"),
            ("11111111-1111-4111-8111-111111111111", ""), ("55555555-5555-4555-8555-555555555555", "é"),
            ("AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0OD"), ("AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0ODwA"),
            ("AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0ODx"), ("AAECAwQFBgcICQoLDA0ODw", ""),
            ("AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0+Dw"), (#"["ADMIN","MASTER_ADMIN"]"#, #""ADMIN""#),
            (#"["ADMIN","MASTER_ADMIN"]"#, #"["ADMIN",]"#), (#"["ADMIN","MASTER_ADMIN"]"#, #"[,"ADMIN"]"#),
            (#"["ADMIN","MASTER_ADMIN"]"#, #"["ADMIN""MASTER_ADMIN"]"#), (#"["ADMIN","MASTER_ADMIN"]"#, #"[1]"#),
            (#"["ADMIN","MASTER_ADMIN"]"#, #"[["ADMIN"]]"#), (#"["ADMIN","MASTER_ADMIN"]"#, #"[""]"#),
            (#"["ADMIN","MASTER_ADMIN"]"#, #"["\u0041DMIN"]"#), (#"["ADMIN","MASTER_ADMIN"]"#, "[null]"),
            (#"{"iss""#, #"{ "iss""#), (#"{"iss""#, "\u{feff}{\"iss\""), (#","exp""#, ",\n\"exp\""),
            (#""tenantEpoch":3}"#, #""tenantEpoch":3,}"#), (#""tenantEpoch":3}"#, #""tenantEpoch":3}}"#),
            (#""tenantEpoch":3}"#, "\"tenantEpoch\":3}\n"), (#""tenantEpoch":3}"#, #""tenantEpoch":3"#),
        ]
    )
    func claim(old: String, new: String) throws {
        let text = try fixture.claimsText(replacing: old, with: new)
        #expect(fixture.problem(try fixture.forge(claims: Array(text.utf8))) == .invalid)
    }

    @Test(
        "are refused when they are something else altogether",
        arguments: ["", "{}", "[]", "null", "0", "\"\"", String(repeating: "[", count: 2_000), "\u{0}"]
    )
    func other(text: String) throws {
        #expect(fixture.problem(try fixture.forge(claims: Array(text.utf8))) == .invalid)
    }

    @Test(
        "that a word should not make are not made: such a token is refused",
        arguments: ["A\",\"B", "", "a b", "é", "a\\"]
    )
    func word(role: String) throws {
        #expect(fixture.problem(fixture.sign(.sample(roles: [role]))) == .invalid)
    }

    @Test("may name no role")
    func noRoles() throws {
        let token = fixture.sign(.sample(roles: []))
        #expect(try fixture.format.verify(token, keys: fixture.keys, now: TokenFixture.now).roles == [])
    }

    /// The members of an object without a comma inside any but its one array.
    private static func members(of text: String) -> [String]? {
        guard text.first == "{", text.last == "}" else { return nil }
        var members: [String] = []
        for piece in text.dropFirst().dropLast().split(separator: ",") {
            if piece.contains(":") { members.append(String(piece)) } else { members[members.count - 1] += ",\(piece)" }
        }
        return members
    }
}
