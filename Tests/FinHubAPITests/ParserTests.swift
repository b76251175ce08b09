import FinHubAPI
import Testing

@Suite("Strict parsers")
struct ParserTests {
    @Test(
        "JSON to the letter is read",
        arguments: [
            "null", " true ", "-0", "0.5e-3", "1E+9", #""é\u00e9\ud83d\ude00\/""#, "[]", "[1,[2]]",
            #"{"a":{"b":[{}]}}"#,
            #"{"a":1,"A":2}"#, "\"\u{7f}\"",
        ]
    )
    func accepted(text: String) throws {
        #expect(throws: Never.self) { try JSON(text.utf8) }
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", " ", "nul", "tru", "[1,]", "{\"a\":1,}", "{\"a\"}", "{a:1}", "{'a':1}", "[1 2]", "01", "1.", ".5", "+1",
            "-", "1e", "0x1", "NaN", "Infinity", "\"", "\"\\x\"", "\"\\u12\"", "\"\t\"", "\"\\ud800\"", "\"\\udc00\"",
            "\"\\ud800\\u0041\"", "{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":1}", "[]]", "{}{}", "\u{feff}{}",
            "// x\n1",
            "[", "{\"a\":", "\u{a0}1",
        ]
    )
    func refused(text: String) throws {
        #expect(throws: MalformedJSON.self) { try JSON(text.utf8) }
    }

    @Test(
        "invalid UTF-8 is refused",
        arguments: [[0x22, 0xff, 0x22], [0x22, 0xc0, 0xaf, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22]]
    )
    func invalidUTF8(bytes: [Int]) throws {
        #expect(throws: MalformedJSON.self) { try JSON(bytes.map { UInt8($0) }) }
    }

    @Test("names that only look alike are two names; the bytes decide")
    func names() throws {
        let object = try #require(try JSON(#"{"é":1,"e\u0301":2}"#.utf8).object)
        #expect(object["é"] == .number("1"))
        #expect(object.members.count == 2)
    }

    @Test("nesting has a limit")
    func depth() throws {
        let deep = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        #expect(throws: Never.self) { try JSON(deep.utf8) }
        #expect(throws: MalformedJSON.self) { try JSON("[\(deep)]".utf8) }
    }

    @Test("an identifier is read in any case and printed in one")
    func identifier() throws {
        let id = try #require(SessionID("ED8E1EF7-d885-4753-88AD-afc5aedfac7b"))
        #expect(id.description == "ed8e1ef7-d885-4753-88ad-afc5aedfac7b")
        #expect(SessionID(bytes: id.bytes) == id)
    }

    @Test(
        "what is no identifier",
        arguments: [
            "", "ed8e1ef7-d885-4753-88ad-afc5aedfac7", "ed8e1ef7-d885-4753-88ad-afc5aedfac7b0",
            "ed8e1ef7-d885-4753-88ad-afc5aedfac7b\u{0}", "{ed8e1ef7-d885-4753-88ad-afc5aedfac7b}",
            "ed8e1ef7d885475388adafc5aedfac7b", "ed8e1ef7-d885-4753-88ad-afc5aedfac7g",
            "ed8e1ef7-d8854-753-88ad-afc5aedfac7b",
            "%65d8e1ef7-d885-4753-88ad-afc5aedfac", "ed8e1ef7-d885-4753-88ad-afc5aedfac7٣",
        ]
    )
    func noIdentifier(text: String) {
        #expect(SessionID(text) == nil)
    }

    @Test("base64url has one spelling", arguments: ["A", "AB", "AA=", "A+", "A/", "A A", "AAB", "é"])
    func base64url(text: String) {
        #expect(Base64URL.decode(text.utf8) == nil)
    }

    @Test("base64url round trip", arguments: 0...67)
    func base64urlRoundTrip(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        #expect(Base64URL.decode(Base64URL.encode(bytes).utf8) == bytes)
    }

    @Test(
        "a moment prints as the reference does",
        arguments: zip(
            [0, 1_768_342_908_974_543, 951_782_400_000_000, -1, 4_107_542_399_999_999] as [Int64],
            [
                "1970-01-01T00:00:00.0000000", "2026-01-13T22:21:48.9745430", "2000-02-29T00:00:00.0000000",
                "1969-12-31T23:59:59.9999990", "2100-02-28T23:59:59.9999990",
            ]
        )
    )
    func timestamp(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).description == text)
    }

    @Test("no arithmetic on moments can end the process")
    func saturation() {
        let last = Timestamp(microseconds: .max)
        #expect(last + .seconds(Int64.max) == last)
        #expect(Timestamp(microseconds: .min) - .seconds(1) == Timestamp(microseconds: .min))
        #expect(Timestamp(seconds: .max) == last)
    }

    @Test("a secret shows nothing, however it is printed")
    func secret() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), String(describing: [secret]), dumped] {
            #expect(!text.contains("hunter2"))
        }
        #expect(secret.matches(Secret("hunter2")))
        #expect(!secret.matches(Secret("hunter3")))
    }
}
