import FinHubAPI
import FinHubTestSupport
import Testing

@testable import FinHubCore
@testable import FinHubServer

@Suite("Attempts at once")
struct SimultaneousTests {
    @Test("of many valid logins of one user from one new client all succeed")
    func valid() async throws {
        try await withServer { server in
            #expect(await server.atOnce(Array(repeating: .right(), count: 64)) == [.isIn: 64])
        }
    }

    @Test("so do hundreds of users at once from one client")
    func users() async throws {
        let lanes = GuessLanes()
        let all = GuessLanes.Claim(subject: FailureSubject(tenant: .random(), digest: .random()), allowance: 30)
        try await withThrowingTaskGroup { group in
            for _ in 0..<500 {
                group.addTask {
                    let own = GuessLanes.Claim(
                        subject: FailureSubject(tenant: .random(), digest: .random()),
                        allowance: 5
                    )
                    var woken: FailureSubject?
                    while case .woken(let lane) = try await lanes.enter([own, all], edition: 0, wokenIn: woken) {
                        woken = lane
                    }
                    await Task.yield()
                    lanes.leave([own, all], .right)
                }
            }
            try await group.waitForAll()
        }
        #expect(lanes.count == 0)
    }

    @Test("of many wrong guesses five are looked at", arguments: [false, true])
    func wrong(isKnown: Bool) async throws {
        try await withServer { server in
            if isKnown { _ = await server.attempt(.right(from: "203.0.113.9")) }
            let outcomes = await server.atOnce(Array(repeating: .wrong(), count: 64))
            #expect(outcomes == [.isWrong: 5, .mustWait(60): 59])
        }
    }

    @Test("from many addresses they are five too, and when a wait is over it is one")
    func addresses() async throws {
        try await withServer { server in
            let many = (0..<64).map { Attempt.wrong(from: "203.0.113.\($0)") }
            #expect(await server.atOnce(many) == [.isWrong: 5, .mustWait(60): 59])
            server.clock.advance(by: 60)
            #expect(await server.atOnce(many) == [.isWrong: 1, .mustWait(120): 63])
        }
    }

    @Test("of guesses at many users from one client thirty are looked at")
    func spraying() async throws {
        try await withServer { server in
            let many = (0..<60).map { index in
                Attempt(address: "203.0.113.9", user: UserID(high: 9, low: UInt64(index)), username: "user\(index)")
            }
            #expect(await server.atOnce(many) == [.isWrong: 30, .mustWait(60): 30])
        }
    }

    @Test("wrong guesses beside valid logins refuse none of a known client's")
    func mixed() async throws {
        try await withServer { server in
            _ = await server.attempt(.right())
            let both = (0..<64).map { $0.isMultiple(of: 2) ? Attempt.right() : .wrong() }
            #expect(await server.atOnce(both) == [.isIn: 32, .isWrong: 5, .mustWait(60): 27])
        }
    }

    @Test("nothing is left of the lanes when all attempts are over", arguments: 0..<4)
    func lanes(seed: UInt64) async throws {
        try await withServer { server in
            var generator = SeededGenerator(seed: seed)
            let many = (0..<60).map { _ in
                let address = "203.0.113.\(Int.random(in: 0..<3, using: &generator))"
                let account = Bool.random(using: &generator) ? Account.ada : .grace
                return Bool.random(using: &generator)
                    ? Attempt.right(account, from: address) : .wrong(account, from: address)
            }
            let outcomes = await server.atOnce(many)
            #expect(outcomes.values.reduce(0, +) == 60)
            #expect(server.services.guesses.laneCount == 0)
        }
    }
}
