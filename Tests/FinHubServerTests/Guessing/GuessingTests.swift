import FinHubAPI
import FinHubTestSupport
import Synchronization
import Testing

@testable import FinHubCore
@testable import FinHubServer

@Suite("Guessing passwords")
struct GuessingTests {
    static let waits: [Int64] = [60, 120, 240, 480, 960, 1_920, 3_600, 3_600]

    @Test(
        "five tries, then waits from a minute doubling to an hour, for strangers and known clients",
        arguments: [false, true]
    )
    func schedule(isKnown: Bool) async throws {
        try await withServer { server in
            if isKnown { #expect(await server.attempt(.right(from: "203.0.113.9")) == .isIn) }
            #expect(await server.attempts(5, .wrong()) == Array(repeating: .isWrong, count: 5))
            for wait in Self.waits {
                #expect(await server.attempt(.wrong()) == .mustWait(wait))
                server.clock.advance(by: wait - 1)
                #expect(await server.attempt(.right(from: "203.0.113.9")) == .mustWait(1))
                server.clock.advance(by: 1)
                #expect(await server.attempt(.wrong()) == .isWrong)
            }
        }
    }

    @Test("a user that is not there is guarded like one that is")
    func unknownUser() async throws {
        try await withServer { server in
            let unknown = Attempt(address: "203.0.113.9", user: .random(), username: "nobody@example.org")
            #expect(await server.attempts(7, unknown) == (await server.attempts(7, .wrong())))
            server.clock.advance(by: 60)
            #expect(await server.attempts(2, unknown) == (await server.attempts(2, .wrong())))
        }
    }

    @Test("no spelling, identifier, device or address gives a stranger more tries", arguments: Evasion.all)
    func evasion(_ evasion: Evasion) async throws {
        try await withServer { server in
            for index in 0..<5 { #expect(await server.attempt(evasion.attempt(index)) == .isWrong) }
            #expect(await server.attempt(evasion.attempt(5)) == .mustWait(60))
        }
    }

    @Test("a stranger who hammers a user's name keeps out strangers, not the clients that the user had")
    func hammering() async throws {
        try await withServer { server in
            #expect(await server.attempt(.right(device: "laptop")) == .isIn)
            _ = await server.attempts(5, .wrong())
            #expect(await server.attempt(.right(from: "198.51.100.7")) == .mustWait(60))
            #expect(await server.attempt(.right(device: "other")) == .mustWait(60))
            #expect(await server.attempts(3, .right(device: "laptop")) == [.isIn, .isIn, .isIn])
            #expect(await server.attempt(.right(.grace, from: "203.0.113.9")) == .isIn)
        }
    }

    @Test("a known client's failures are its own, and a right password takes them back")
    func ownAllowance() async throws {
        try await withServer { server in
            _ = await server.attempt(.right())
            #expect(await server.attempts(4, .wrong(from: "192.0.2.1")).allSatisfy { $0 == .isWrong })
            #expect(await server.attempt(.right()) == .isIn)
            #expect(await server.attempts(5, .wrong(from: "192.0.2.1")).allSatisfy { $0 == .isWrong })
            #expect(await server.attempt(.right()) == .mustWait(60))
            #expect(await server.attempt(.right(from: "198.51.100.7")) == .isIn)
        }
    }

    @Test("a user's success gives strangers no fresh tries")
    func success() async throws {
        try await withServer { server in
            _ = await server.attempt(.right())
            _ = await server.attempts(4, .wrong())
            #expect(await server.attempt(.right(from: "198.51.100.7")) == .isIn)
            #expect(await server.attempt(.right()) == .isIn)
            #expect(await server.attempt(.wrong()) == .isWrong)
            #expect(await server.attempt(.wrong()) == .mustWait(60))
        }
    }

    @Test("failures are forgotten after a quiet day, and a client after ninety")
    func forgetting() async throws {
        try await withServer { server in
            _ = await server.attempt(.right())
            _ = await server.attempts(4, .wrong())
            server.clock.advance(by: 86_399)
            #expect(await server.attempt(.wrong()) == .isWrong)
            server.clock.advance(by: 86_400)
            #expect(await server.attempts(5, .wrong()).allSatisfy { $0 == .isWrong })
            #expect(await server.attempt(.right()) == .isIn)
            server.clock.advance(by: 90 * 86_400)
            _ = await server.attempts(5, .wrong())
            #expect(await server.attempt(.right()) == .mustWait(60))
        }
    }

    @Test("what was counted outlasts a restart, and counts on every server")
    func restart() async throws {
        try await withServer { server in
            _ = await server.attempt(.right())
            _ = await server.attempts(3, .wrong())
            try await server.another { other in
                #expect(await other.attempts(2, .wrong()) == [.isWrong, .isWrong])
            }
            #expect(await server.attempt(.wrong()) == .mustWait(60))
            try await server.another { other in
                #expect(await other.attempt(.wrong()) == .mustWait(60))
                #expect(await other.attempt(.right()) == .isIn)
            }
        }
    }

    @Test("only a guess is counted: not what a right password is refused for")
    func otherRefusals() async throws {
        try await withServer(Oddity(userStatus: .disabled)) { server in
            let disabled = Outcome.refused(.accountDisabled)
            #expect(await server.attempts(8, .right()) == Array(repeating: disabled, count: 8))
        }
    }

    @Test("a clock set back keeps nobody out")
    func clock() async throws {
        try await withServer { server in
            for _ in 0..<6 {
                _ = await server.attempts(5, .wrong())
                server.clock.advance(by: 3_600)
            }
            _ = await server.attempts(2, .wrong())
            server.clock.advance(by: -7_200)
            #expect(await server.attempt(.right()) == .isIn)
            server.clock.advance(by: 1)
            #expect(await server.attempt(.wrong()) == .isWrong)
            #expect(await server.attempt(.wrong()) == .mustWait(3_600))
        }
    }

    @Test("a wait is told of once, when it begins")
    func log() async throws {
        try await withServer { server in
            let locks = Mutex<[GuessLock]>([])
            for _ in 0..<8 { _ = await server.attempt(.wrong()) { lock in locks.withLock { $0.append(lock) } } }
            let expected = GuessLock(
                scope: .user,
                tenant: Account.ada.tenant,
                user: Account.ada.user,
                client: NetworkAddress("203.0.113.9"),
                wait: .seconds(60)
            )
            #expect(locks.withLock { $0 } == [expected])
        }
    }
}

/// Something to vary from guess to guess.
struct Evasion: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let attempt: @Sendable (Int) -> Attempt

    private static let names = [
        Account.ada.username, Account.ada.username.uppercased(), "E." + Account.ada.username,
        "e." + Account.ada.username, "nobody", "ａdmin1@example.org",
    ]

    static let all = [
        Evasion("the user name's spelling") { index in
            Attempt(address: "203.0.113.9", username: names[index], password: "a wrong guess")
        },
        Evasion("the user's identifier") { index in
            Attempt(
                address: "203.0.113.9",
                user: index == 5 ? .random() : UserID(high: 1, low: UInt64(index)),
                username: index.isMultiple(of: 2) ? "nobody" : "NOBODY"
            )
        },
        Evasion("the device") { .wrong(device: "device \($0)") },
        Evasion("the address") { .wrong(from: "203.0.113.\($0)") },
        Evasion("the network and the tenant's spelling") { index in
            var attempt = Attempt.wrong(from: "2001:db8:\(index)::1")
            attempt.tenant = index.isMultiple(of: 2) ? nil : Account.ada.tenant.description.uppercased()
            return attempt
        },
    ]

    private init(_ description: String, attempt: @escaping @Sendable (Int) -> Attempt) {
        testDescription = description
        self.attempt = attempt
    }
}
