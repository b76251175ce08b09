import FinHubAPI
import FinHubCore
import Testing

@Suite("One-time passwords by the clock")
struct TOTPTests {
    private static let seed = Secret(Array("12345678901234567890".utf8))

    @Test(
        "are those of RFC 6238, appendix B",
        arguments: zip(
            [59, 1_111_111_109, 1_111_111_111, 1_234_567_890, 2_000_000_000, 20_000_000_000] as [Int64],
            ["94287082", "07081804", "14050471", "89005924", "69279037", "65353130"]
        )
    )
    func rfc6238(second: Int64, code: String) {
        let totp = TOTP(seed: Self.seed, digits: 8)
        #expect(totp.code(ofStep: TOTP.step(at: Timestamp(seconds: second))).reveal() == Array(code.utf8))
    }

    @Test("are, by a counter, those of RFC 4226, appendix D")
    func rfc4226() {
        let expected = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
        ]
        let totp = TOTP(seed: Self.seed)
        #expect((0..<10).map { String(decoding: totp.code(ofStep: $0).reveal(), as: UTF8.self) } == expected)
    }

    @Test("are taken one step early or late, and no more", arguments: -3...3 as ClosedRange<Int64>)
    func window(offset: Int64) {
        let totp = TOTP(seed: Self.seed)
        for second in [0, 29, 59, 1_767_268_800, -1, -61] as [Int64] {
            let now = Timestamp(seconds: second)
            let step = TOTP.step(at: now) + offset
            #expect(totp.step(of: totp.code(ofStep: step), at: now) == (abs(offset) <= 1 ? step : nil))
        }
    }

    @Test("a step is half a minute, before 1970 too")
    func steps() {
        for (second, step) in [(-31, -2), (-30, -1), (-1, -1), (0, 0), (29, 0), (30, 1)] as [(Int64, Int64)] {
            #expect(TOTP.step(at: Timestamp(seconds: second)) == step)
        }
    }
}

@Suite("Base32")
struct Base32Tests {
    @Test(
        "is that of RFC 4648, section 10",
        arguments: zip(
            ["", "f", "fo", "foo", "foob", "fooba", "foobar"],
            ["", "MY======", "MZXQ====", "MZXW6===", "MZXW6YQ=", "MZXW6YTB", "MZXW6YTBOI======"]
        )
    )
    func vectors(plain: String, encoded: String) {
        #expect(Base32.encode(plain.utf8, isPadded: true) == encoded)
        #expect(Base32.encode(plain.utf8) == encoded.filter { $0 != "=" })
    }
}
