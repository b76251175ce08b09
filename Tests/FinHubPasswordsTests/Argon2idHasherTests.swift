import FinHubAPI
import FinHubCore
import Testing

@testable import FinHubPasswords

@Suite("Argon2id")
struct Argon2idHasherTests {
    private let tenant = TenantID(high: 1, low: 1)
    private let password = Secret("correct horse battery staple")

    @Test("new hashes are PHC strings of the default cost, with a 16-byte salt and a 32-byte tag")
    func round() async throws {
        try await withHasher(.standard) { hasher throws in
            let hash = try await hasher.hash(password, for: tenant)
            #expect(hash.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
            #expect(hash.split(separator: "$").suffix(2).map(\.utf8.count) == [22, 43])
            #expect(try await hasher.verify(password, against: hash, for: tenant) == .match)
            #expect(try await hasher.hash(password, for: tenant) != hash)
        }
    }

    @Test(
        "another password does not match, be the difference a byte, a case, a space or a NUL",
        arguments: ["correct horse battery stapl", "Correct horse battery staple", "correct horse battery staple "]
            + ["correct horse battery staple\0", "", "correct horse battery staple\0x"]
    )
    func wrong(other: String) async throws {
        try await withHasher(.quick) { hasher throws in
            let hash = try await hasher.hash(password, for: tenant)
            #expect(try await hasher.verify(Secret(other), against: hash, for: tenant) == .mismatch)
        }
    }

    @Test("what follows a NUL counts")
    func nul() async throws {
        try await withHasher(.quick) { hasher throws in
            let hash = try await hasher.hash(Secret("before\0after"), for: tenant)
            #expect(try await hasher.verify(Secret("before\0after"), against: hash, for: tenant) == .match)
            #expect(try await hasher.verify(Secret("before\0other"), against: hash, for: tenant) == .mismatch)
        }
    }

    @Test("no hash is a mismatch that costs a hash")
    func dummy() async throws {
        try await withHasher(.standard) { hasher throws in
            let hash = try await hasher.hash(password, for: tenant)
            let known = try await quickest { try await hasher.verify(password, against: hash, for: tenant) }
            let unknown = try await quickest { try await hasher.verify(password, against: nil, for: tenant) }
            #expect(try await hasher.verify(password, against: nil, for: tenant) == .mismatch)
            #expect(unknown > known / 4)
        }
    }

    @Test("a hash weaker than those made now matches and is named weak; a stronger one just matches")
    func weak() async throws {
        let weak = try Argon2id.hash(password.reveal(), .quick)
        let strong = try Argon2id.hash(password.reveal(), Argon2idParameters(memoryKibibytes: 19_456, passes: 3))
        try await withHasher(.standard) { hasher throws in
            #expect(try await hasher.verify(password, against: weak, for: tenant) == .matchWithWeakHash)
            #expect(try await hasher.verify(password, against: strong, for: tenant) == .match)
        }
    }

    @Test("a hash above the ceiling is unreadable, though the password be right")
    func ceiling() async throws {
        let costly = try Argon2id.hash(password.reveal(), Argon2idParameters(belowFloorForTests: 16, passes: 11))
        try await withHasher(.quick) { hasher throws in
            #expect(Argon2id.verify(password.reveal(), against: costly))
            #expect(try await hasher.verify(password, against: costly, for: tenant) == .mismatch)
        }
    }

    @Test(
        "only Argon2id 1.3 within the ceiling is read",
        arguments: ["$argon2i$v=19$m=16,t=2,p=1$c2FsdA$dGFn", "$argon2id$v=16$m=16,t=2,p=1$c2FsdA$dGFn"]
            + [
                "$argon2id$v=19$m=262145,t=2,p=1$c2FsdA$dGFn",
                "$argon2id$v=19$m=99999999999999999999,t=2,p=1$c2FsdA$dGFn",
            ]
            + ["$argon2id$v=19$m=016,t=2,p=1$c2FsdA$dGFn", "$argon2id$v=19$m=16,t=11,p=1$c2FsdA$dGFn"]
            + ["$argon2id$v=19$m=16,t=2,p=17$c2FsdA$dGFn", "$argon2id$v=19$m=16,t=2,p=1$c2FsdA$dGFn\0", "", "plain"]
    )
    func unreadable(text: String) {
        #expect(PHCString(text) == nil)
    }

    @Test("parameters out of their range are not accepted")
    func floor() throws {
        #expect(throws: Argon2idParameterError.memoryOutOfRange) { try Argon2idParameters(memoryKibibytes: 19_455) }
        #expect(throws: Argon2idParameterError.memoryOutOfRange) { try Argon2idParameters(memoryKibibytes: 262_145) }
        #expect(throws: Argon2idParameterError.passesOutOfRange) { try Argon2idParameters(passes: 1) }
        #expect(throws: Argon2idParameterError.passesOutOfRange) { try Argon2idParameters(passes: 11) }
        #expect(try Argon2idParameters() == .standard)
    }
}

extension Argon2idParameters {
    fileprivate static let quick = Argon2idParameters(belowFloorForTests: 16, passes: 1)
}

private func withHasher(
    _ parameters: Argon2idParameters,
    _ body: (Argon2idHasher) async throws -> Void
) async throws {
    let hasher = try Argon2idHasher(parameters: parameters)
    let result: Result<Void, any Error>
    do { result = .success(try await body(hasher)) } catch { result = .failure(error) }
    try await hasher.shutdown()
    try result.get()
}

/// The least time of five runs, which is the one that other work disturbed least.
private func quickest(_ work: () async throws -> PasswordVerdict) async throws -> Duration {
    var best = Duration.seconds(3_600)
    for _ in 0..<5 { best = min(best, try await ContinuousClock().measure { _ = try await work() }) }
    return best
}
