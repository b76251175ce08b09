import ArgumentParser
import FinHubPasswords
import Foundation
import Synchronization

/// How many Argon2id verifications all cores together do: what no login can be faster than.
struct HashingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "argon2id",
        abstract: "Verify a password on every core, without a server."
    )

    @Option(help: "How long.")
    var seconds = 5

    func run() async throws {
        try Argon2id.prepare()
        let parameters = Argon2idParameters.standard
        let password = "a password for benchmarks"
        let stored = try Argon2id.hash(password, parameters)
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let done = Tally()
        let begun = ContinuousClock.now
        let end = begun + .seconds(seconds)
        let threads = (0..<cores).map { _ in
            Thread {
                while ContinuousClock.now < end { done.add(Argon2id.verify(password, against: stored)) }
                done.leave()
            }
        }
        for thread in threads { thread.start() }
        while done.left < cores { usleep(1_000) }
        let rate = Double(done.count) / (ContinuousClock.now - begun).seconds
        print(
            """
            {"per_second":\(rate),"cores":\(cores),"memory_kib":\(parameters.memoryKibibytes),\
            "passes":\(parameters.passes),"lanes":\(parameters.parallelism)}
            """
        )
    }
}

/// What the threads have done together.
private final class Tally: Sendable {
    private let counts = Mutex((verified: 0, left: 0))

    var count: Int { counts.withLock { $0.verified } }
    var left: Int { counts.withLock { $0.left } }

    func add(_ isMatch: Bool) {
        precondition(isMatch, "the password is the right one")
        counts.withLock { $0.verified += 1 }
    }

    func leave() {
        counts.withLock { $0.left += 1 }
    }
}
