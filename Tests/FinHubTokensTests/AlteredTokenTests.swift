import FinHubAPI
import FinHubTestSupport
import Testing

@testable import FinHubTokens

/// What somebody without the key can do to a token; and the promise that holds even with it.
@Suite("Altered tokens")
struct AlteredTokenTests {
    private let fixture: TokenFixture

    init() throws {
        fixture = try TokenFixture()
        try #require(fixture.problem(fixture.token) == nil)
    }

    @Test("any other byte in any place is refused")
    func replaced() {
        let token = fixture.token
        for index in token.indices {
            for bit in UInt8(0)..<8 {
                var other = token
                other[index] ^= 1 << bit
                #expect(fixture.problem(other) == .invalid, "byte \(index), bit \(bit)")
            }
        }
    }

    @Test("every beginning and every end of a token is refused")
    func truncated() {
        let token = fixture.token
        for count in 0..<token.count {
            #expect(fixture.problem(Array(token.prefix(count))) == .invalid)
            #expect(fixture.problem(Array(token.suffix(count))) == .invalid)
        }
    }

    @Test("an added byte in any place is refused", arguments: Array("=+/ .-_A\u{0}\r\n%,\"".utf8))
    func added(byte: UInt8) {
        for index in 0...fixture.token.count {
            var token = fixture.token
            token.insert(byte, at: index)
            #expect(fixture.problem(token) == .invalid, "at \(index)")
        }
    }

    @Test("parts in another order or number are refused")
    func swapped() {
        let parts = fixture.token.split(separator: UInt8(ascii: "."))
        for order in [
            [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0], [0, 1], [0], [0, 0, 2], [0, 1, 2, 2],
        ] {
            let token = Array(order.map { parts[$0] }.joined(separator: [UInt8(ascii: ".")]))
            #expect(fixture.problem(token) == .invalid, "\(order)")
        }
        #expect(fixture.problem([]) == .invalid)
        #expect(fixture.problem(Array(repeating: UInt8(ascii: "."), count: 100)) == .invalid)
    }

    @Test("a payload with stray bits in its last character is refused, though its code is right")
    func strayBits() throws {
        for epoch in [Int64(1), 10, 100] {
            let token = fixture.sign(.sample(userEpoch: epoch))
            let input = token.dropLast(44)
            let last = try #require(input.last)
            let rest = (input.count - (input.firstIndex(of: UInt8(ascii: ".")) ?? 0) - 1) % 4
            let strays: [UInt8] = rest == 0 ? [] : rest == 2 ? Array(1...15) : Array(1...3)
            for stray in strays {
                let other = try #require(Base64URL.values.firstIndex(of: Base64URL.values[Int(last)] | stray))
                let altered = String(decoding: input.dropLast() + [UInt8(other)], as: UTF8.self)
                #expect(fixture.problem(TokenFixture.close(altered)) == .invalid)
            }
        }
    }

    @Test("a token longer than 4 KiB is refused, though its code is right")
    func long() throws {
        let roles = Array(repeating: "ADMIN", count: 400)
        #expect(fixture.problem(fixture.sign(.sample(roles: roles))) == .invalid)
        #expect(fixture.problem(fixture.sign(.sample(roles: Array(roles.prefix(200))))) == nil)
    }

    @Test("with the key too, what is accepted is exactly what we would have signed", arguments: SeededGenerator.seeds)
    func onlySpelling(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let text = Array(try fixture.texts.claims.utf8)
        let pieces = Array("{}[]\",:0123456789-+.eE\\nulltrue \u{0}\u{ff}".utf8)
        for _ in 0..<2_000 {
            var altered = text
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = Int.random(in: 0..<altered.count, using: &generator)
                let piece = pieces.randomElement(using: &generator) ?? 0
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: altered[index] = piece
                case 1: altered.insert(piece, at: index)
                case 2: altered.remove(at: index)
                default: altered[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                }
            }
            try expectOurSpellingOrRefusal(of: fixture.forge(claims: altered))
        }
    }

    @Test("with the key too, claims that stop anywhere are refused")
    func truncatedClaims() throws {
        let text = Array(try fixture.texts.claims.utf8)
        for count in 0..<text.count {
            #expect(fixture.problem(try fixture.forge(claims: Array(text.prefix(count)))) == .invalid)
        }
    }

    private func expectOurSpellingOrRefusal(of token: [UInt8]) throws {
        do throws(TokenError) {
            let claims = try fixture.format.verify(token, keys: fixture.keys, now: TokenFixture.now)
            #expect(fixture.sign(claims) == token)
        } catch .expired(let claims) {
            #expect(fixture.sign(claims) == token)
        } catch {
            #expect(error == .invalid)
        }
    }
}
