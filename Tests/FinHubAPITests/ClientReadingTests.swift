import FinHubAPI
import Foundation
import Testing

/// What a client reads may come from any FinHub host.
@Suite("Reading as a client")
struct ClientReadingTests {
    @Test("each body that is written can be read again, and is the same")
    func fixtures() throws {
        try expectSame("tokens", TokensBody.self)
        try expectSame("page", PageBody<SessionBody>.self)
        try expectSame("ended", EndedBody.self)
        try expectSame("introspection-inactive", IntrospectionBody.self)
        try expectSame("hierarchy", HierarchyBody.self)
        try expectSame("refusal", RefusalBody.self)
    }

    @Test("the reference's own answer is read, though it names no duration")
    func reference() throws {
        let text = """
            {"sessionId":"ED8E1EF7-d885-4753-88ad-afc5aedfac7b","userId":"e2f3a4b5-c6d7-48e9-0f1a-2b3c4d5e6f7a",
            "token":"a.b.c","refreshToken":"r","expiresAt":"2026-01-13T22:21:48.9745432","success":true,"new":[{}]}
            """
        let tokens = try JSONDecoder().decode(TokensBody.self, from: Data(text.utf8))
        #expect(tokens.expiresInSeconds == nil)
        #expect(tokens.expiresAt == Timestamp(microseconds: 1_768_342_908_974_543))
        #expect(tokens.token.reveal() == "a.b.c")
    }

    @Test(
        "a date is read with and without zone, and with 0 to 9 digits of a fraction",
        arguments: zip(
            [
                "2026-01-13T22:21:48", "2026-01-13T22:21:48Z", "2026-01-13T22:21:48.9", "2026-01-13T22:21:48.974Z",
                "2026-01-13T22:21:48.9745432", "2026-01-13T22:21:48.974543299", "2026-01-13T22:21:48.974543299Z",
                "2026-01-13T23:21:48+01:00", "2026-01-13T16:51:48.5-05:30", "2026-01-13T23:21:48+0100",
                "2026-01-13T23:21:48+01", "2026-01-13t22:21:48z", "2024-02-29T00:00:00", "2016-12-31T23:59:60Z",
                "1969-12-31T23:59:59.9999999", "2026-01-13T22:21:48.",
            ],
            [
                0, 0, 900_000, 974_000, 974_543, 974_543, 974_543, 0, 500_000, 0, 0, 0,
                1_709_164_800_000_000 - Self.second, 1_483_228_800_000_000 - Self.second, -1 - Self.second, 0,
            ] as [Int64]
        )
    )
    func dates(text: String, microseconds: Int64) {
        #expect(Timestamp(reading: text) == Timestamp(microseconds: Self.second + microseconds))
    }

    @Test(
        "what is no date is refused",
        arguments: [
            "", "now", "2026-01-13", "2026-13-01T00:00:00", "2026-02-29T00:00:00", "2026-01-00T00:00:00",
            "2026-01-13T24:00:00", "2026-01-13T23:60:00", "2026-01-13T22:21:48 ", "2026-01-13T22:21:48X",
            "2026-01-13T22:21:48+1", "2026-01-13T22:21:48+25:00", "26-01-13T22:21:48", "2026-1-13T22:21:48",
            "0000-01-01T00:00:00", "２026-01-13T22:21:48", "2026-01-13T22:21:48+01:", "1768342908",
        ]
    )
    func noDates(text: String) {
        #expect(Timestamp(reading: text) == nil)
    }

    @Test(
        "every date that is written is read back",
        arguments: [-62_135_596_800, -1, 0, 951_782_400, 4_102_444_799] as [Int64]
    )
    func roundTrip(seconds: Int64) {
        let moment = Timestamp(microseconds: seconds * 1_000_000 + 123_456)
        #expect(Timestamp(reading: moment.description) == moment)
    }

    private static let second: Int64 = 1_768_342_908_000_000

    private func expectSame<Body: Decodable & JSONWritable>(_ name: String, _ type: Body.Type) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name).json")
        let bytes = try Data(contentsOf: file)
        let read = try JSONDecoder().decode(Answer<Body>.self, from: bytes).data
        #expect(try JSON(read.jsonBytes) == JSON(bytes).object?["data"])
    }
}

private struct Answer<Body: Decodable>: Decodable {
    let data: Body
}
