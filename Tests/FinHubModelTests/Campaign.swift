import FinHubTestSupport
import Foundation

/// Plays random histories until one has no order that the rules allow, or all were played.
struct Campaign: Sendable {
    /// How many histories share a server: enough to share its commits, few enough for many weathers.
    static let perRun = 40

    let seed: UInt64
    let count: Int
    var fault: Fault?

    /// A history that the rules don't allow, with what it was made from.
    struct Failure: Sendable {
        /// Counted from 1.
        let number: Int
        let plan: Plan
        let weather: Weather
        let history: [Call]
    }

    /// What a campaign came to.
    struct Outcome: Sendable {
        var histories = 0
        var calls = 0
        var failure: Failure?
    }

    /// Plays the histories, so many runs at a time.
    func outcome(in folder: String, atATime: Int = 4) async throws -> Outcome {
        let runs = (count + Self.perRun - 1) / Self.perRun
        return try await withThrowingTaskGroup(of: Outcome.self) { group in
            var (outcome, next) = (Outcome(), 0)
            func add() {
                guard next < runs, outcome.failure == nil else { return }
                let run = next
                next += 1
                group.addTask { try await self.outcome(ofRun: run, in: folder) }
            }
            for _ in 0..<atATime { add() }
            while let one = try await group.next() {
                outcome.histories += one.histories
                outcome.calls += one.calls
                let failures = [outcome.failure, one.failure].compactMap { $0 }
                outcome.failure = failures.min { $0.number < $1.number }
                add()
            }
            return outcome
        }
    }

    private func outcome(ofRun number: Int, in folder: String) async throws -> Outcome {
        let first = number * Self.perRun
        var sky = Generator(seed: seed, stream: UInt64(number) << 32)
        let weather = sky.weather()
        let plans = (first..<min(first + Self.perRun, count)).map { index in
            var generator = Generator(seed: seed, stream: UInt64(index) + 1)
            return generator.plan(for: weather)
        }
        let histories = try await Run(plans: plans, weather: weather, fault: fault).histories(in: folder)
        var outcome = Outcome(histories: histories.count, calls: histories.reduce(0) { $0 + $1.count })
        let failed = histories.indices.first { Linearizability.impasse(in: histories[$0]) != nil }
        outcome.failure = failed.map { index in
            Failure(number: first + index + 1, plan: plans[index], weather: weather, history: histories[index])
        }
        return outcome
    }
}
