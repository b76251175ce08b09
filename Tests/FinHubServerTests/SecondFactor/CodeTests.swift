import Crypto
import FinHubAPI
import Testing

@testable import FinHubCore

@Suite("Codes and seeds")
struct CodeTests {
    private static let (ada, bob) = (UserID(high: 1, low: 1), UserID(high: 1, low: 2))
    private static let (acme, globex) = (TenantID(high: 2, low: 1), TenantID(high: 2, low: 2))

    @Test("a seed opens for the user it was sealed for, and for no other, altered or not")
    func seal() throws {
        let seal = SeedSeal(try MasterKey(Secret(Array(0..<32))))
        let seed = Secret(systemRandomBytes(TOTP.seedLength))
        let sealed = try seal.seal(seed, for: Self.ada, in: Self.acme)
        #expect(try seal.open(sealed, for: Self.ada, in: Self.acme).matches(seed))
        #expect(throws: UnreadableSeed.self) { try seal.open(sealed, for: Self.bob, in: Self.acme) }
        #expect(throws: UnreadableSeed.self) { try seal.open(sealed, for: Self.ada, in: Self.globex) }
        let otherKey = SeedSeal(try MasterKey(Secret(Array(1..<33))))
        #expect(throws: UnreadableSeed.self) { try otherKey.open(sealed, for: Self.ada, in: Self.acme) }
        for index in sealed.indices {
            var altered = sealed
            altered[index] ^= 1
            #expect(throws: UnreadableSeed.self) { try seal.open(altered, for: Self.ada, in: Self.acme) }
        }
        for length in [0, 1, 12, 28, sealed.count - 1] {
            let cut = Array(sealed.prefix(length))
            #expect(throws: UnreadableSeed.self) { try seal.open(cut, for: Self.ada, in: Self.acme) }
        }
    }

    @Test("one seed sealed twice does not look the same, and shows nothing of itself")
    func freshNonce() throws {
        let seal = SeedSeal(try MasterKey(Secret(Array(0..<32))))
        let seed = Secret([UInt8](repeating: 0x41, count: TOTP.seedLength))
        let sealed = try (0..<2).map { _ in try seal.seal(seed, for: Self.ada, in: Self.acme) }
        #expect(sealed[0] != sealed[1])
        #expect(!sealed[0].contains([UInt8](repeating: 0x41, count: 5)))
    }

    @Test("recovery codes are ten, distinct, of 80 bits, and in groups of four")
    func recoveryCodes() throws {
        let codes = (0..<20).flatMap { _ in RecoveryCode.newSet().map { $0.grouped.reveal() } }
        #expect(RecoveryCode.newSet().count == 10)
        #expect(Set(codes).count == 200)
        #expect(codes.allSatisfy { $0.wholeMatch(of: /[A-Z2-7]{4}(-[A-Z2-7]{4}){3}/) != nil })
        // Every one of the 32 characters turns up: nothing of the range is lost.
        #expect(Set(codes.joined()).subtracting("-").count == 32)
    }

    @Test("a recovery code's digest is of one user, one tenant and one key")
    func digests() throws {
        let code = try #require(RecoveryCode.newSet().first)
        let keys = [SymmetricKey(data: [UInt8](repeating: 1, count: 32)), SymmetricKey(size: .bits256)]
        let digests = keys.flatMap { key in
            [Self.ada, Self.bob].flatMap { user in
                [Self.acme, Self.globex].map { code.digest(for: user, in: $0, key: key) }
            }
        }
        #expect(Set(digests).count == 8)
        #expect(digests.allSatisfy { $0.count == 32 })
    }

    @Test("spaces, dashes and case mean nothing", arguments: ["123456", "123 456", " 1-2-3 4 5 6 ", "------123456"])
    func typedDigits(_ text: String) throws {
        guard case .timed(let digits)? = PresentedCode(Secret(text)) else {
            Issue.record("not read: \(text)")
            return
        }
        #expect(digits.reveal() == Array("123456".utf8))
    }

    @Test("a recovery code is read however it is typed")
    func typedLetters() throws {
        let key = SymmetricKey(size: .bits256)
        let digests = try ["ABCD-EFGH-2345-67ZZ", "abcdefgh234567zz", "abcd efgh 2345 67ZZ"].map { text in
            guard case .recovery(let code)? = PresentedCode(Secret(text)) else { throw NotRead() }
            return code.digest(for: Self.ada, in: Self.acme, key: key)
        }
        #expect(Set(digests).count == 1)
    }

    @Test(
        "nothing else is a code",
        arguments: [
            "", "12345", "1234567", "12345a", "１２３４５６", "٣٤٥٦٧٨", "12\u{0}3456", "123\t456", "ABCD-EFGH-2345-67Z",
            "ABCD-EFGH-2345-67ZZZ", "ABCD-EFGH-2345-0189", "ABCD–EFGH–2345–67ZZ", "\u{130}BCDEFGH234567ZZ",
        ]
    )
    func noCode(_ text: String) {
        #expect(PresentedCode(Secret(text)) == nil)
    }
}

private struct NotRead: Error {}
