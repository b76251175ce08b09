import FinHubAPI
import FinHubTestSupport
import Foundation
import Testing

extension EndToEnd {
    /// Design, *Promises*: what was acknowledged survives; what was not is wholly there or absent.
    ///
    /// `make crash` runs more rounds: `CRASH_ROUNDS` and `CRASH_SEED` are the settings.
    @Suite("kill -9 amid traffic", .enabled(if: FailingDisk.isSupported))
    struct CrashTests {
        static let rounds = max(1, setting("CRASH_ROUNDS") ?? 5)
        private static let seed = setting("CRASH_SEED") ?? UInt64.random(in: 1...999_999)

        @Test("loses nothing that was acknowledged, round after round on the same data")
        func acknowledged() async throws {
            let begun = ContinuousClock.now
            var random = SeededGenerator(seed: Self.seed)
            var crashes = try await Crashes(disk: FailingDisk(.dying))
            say("\(Self.rounds) rounds of kill -9, seed \(Self.seed)")
            for number in 1...Self.rounds {
                do {
                    let report = try await crashes.round(seed: random.next())
                    say("round \(number) of \(Self.rounds): \(report)")
                } catch {
                    say("round \(number) of \(Self.rounds), seed \(Self.seed): \(error)")
                    throw error
                }
            }
            try await crashes.finish()
            let took = (ContinuousClock.now - begun).formatted(.units(allowed: [.minutes, .seconds]))
            say("\(Self.rounds) crashes, \(crashes.answers) answers, none lost; every database sound; \(took)")
        }

        private static func setting<Number: FixedWidthInteger>(_ name: String) -> Number? {
            ProcessInfo.processInfo.environment[name].flatMap { Number($0) }
        }

        private func say(_ line: String) {
            FileHandle.standardOutput.write(Data("crash: \(line)\n".utf8))
        }
    }
}

/// When a server is ended.
private enum Moment: CustomStringConvertible {
    /// From outside, with the answer of that number.
    case answer(Int)
    /// From within, halfway through the change to its disk of that number.
    case change(Int)

    init(_ random: inout SeededGenerator) {
        self =
            Bool.random(using: &random)
            ? .answer(.random(in: 1...800, using: &random))
            : .change(.random(in: 1...2_000, using: &random))
    }

    var description: String {
        switch self {
        case .answer(let number): "killed at answer \(number)"
        case .change(let number): "killed in disk change \(number)"
        }
    }
}

/// Servers on one data folder, one after the other, each killed amid traffic.
private struct Crashes {
    private let disk: FailingDisk
    private let ledger = SharedLedger()
    private var server: RunningServer
    /// How many answers all the traffic got.
    private(set) var answers = 0

    init(disk: FailingDisk) async throws {
        self.disk = disk
        server = try await disk.sandbox()
    }

    /// Kills the server amid traffic, starts the next one, and compares it with what was acknowledged.
    ///
    /// - Returns: What happened, for a reader.
    mutating func round(seed: UInt64) async throws -> String {
        var random = SeededGenerator(seed: seed)
        let moment = Moment(&random)
        let clients = Int.random(in: 2...16, using: &random)
        let traffic: Traffic
        switch moment {
        case .answer(let number):
            traffic = Traffic(server, ledger, killAfter: number)
        case .change(let number):
            traffic = Traffic(server, ledger)
            try disk.die(inChange: number)
        }
        try await traffic.run(clients: clients, seed: random.next())
        answers += traffic.answers
        guard try await server.process.status() == -SIGKILL else {
            throw Violation("the server ended by itself: \(server.process.standardError)")
        }
        try disk.heal()
        try await SoundDatabase.expectSoundCopy(of: disk.reachableFolder)
        let again = Int.random(in: 0..<4, using: &random) == 0
        if again { try await dieAtStart(inChange: .random(in: 1...15, using: &random)) }

        server = try await disk.sandbox()
        var audit = Audit(server, ledger, seed: random.next())
        let found = try await audit.run()
        try await SoundDatabase.expectSound(in: disk.dataFolder)
        return """
            \(moment)\(again ? " and at its start" : ""), \(clients) clients, \(traffic.answers) answers; \
            found \(found.alive) sessions alive, \(found.ended) ended
            """
    }

    /// Lets a server die while it recovers the data, if it makes that many changes by then.
    private func dieAtStart(inChange number: Int) async throws {
        try disk.die(inChange: number)
        do {
            try await disk.sandbox().kill()
        } catch let end as ProcessTimeout {
            guard end.errors.isEmpty else { throw Violation("a server can't start on recovered data: \(end.errors)") }
        }
        try disk.heal()
        try await SoundDatabase.expectSoundCopy(of: disk.reachableFolder)
    }

    func finish() async throws {
        guard try await server.stop() == 0 else { throw Violation("the last server does not stop") }
        try await SoundDatabase.expectSoundCopy(of: disk.reachableFolder)
    }
}
