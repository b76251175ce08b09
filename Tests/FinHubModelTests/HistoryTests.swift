import FinHubTestSupport
import Foundation
import Testing

/// The proof: random histories of several callers at once, on the real services and store.
///
/// `FINHUB_HISTORY_SEED` and `FINHUB_HISTORY_COUNT` repeat or lengthen it.
@Suite("Histories", .timeLimit(.minutes(30)))
struct HistoryTests {
    private static let seed = setting("SEED").flatMap(UInt64.init) ?? .random(in: 0...UInt64(UInt32.max))
    private static let count = setting("COUNT").flatMap(Int.init) ?? 10_000

    private static func setting(_ name: String) -> String? {
        ProcessInfo.processInfo.environment["FINHUB_HISTORY_\(name)"]
    }

    @Test("every answer is one that the rules allow in some order of the overlapping calls")
    func allowed() async throws {
        let campaign = Campaign(seed: Self.seed, count: Self.count)
        print("Histories: \(campaign.count), FINHUB_HISTORY_SEED=\(campaign.seed)")
        let begun = ContinuousClock.now
        let (outcome, shortest) = try await withTemporaryFolder { folder in
            let outcome = try await campaign.outcome(in: folder)
            let shrinking = Shrinking(fault: nil, folder: folder)
            return (outcome, try await outcome.failure.asyncMap { try await shrinking.shortest($0) })
        }
        print("Histories: \(outcome.histories), \(outcome.calls) calls, in \(ContinuousClock.now - begun)")
        if let shortest {
            Issue.record(
                """
                History \(shortest.number) of FINHUB_HISTORY_SEED=\(campaign.seed) has no allowed order. Its shortest form:
                \(HistoryText(history: shortest.history).description)
                """
            )
        } else {
            #expect(outcome.histories == campaign.count)
        }
    }
}

/// The histories themselves, tested: what breaks the rules must be found, and soon.
@Suite("Histories on faulty stores", .timeLimit(.minutes(30)))
struct FaultTests {
    @Test("a store that breaks a rule is found out within a thousand histories", arguments: Fault.allCases)
    func found(_ fault: Fault) async throws {
        let campaign = Campaign(seed: 20_260_101, count: 1_000, fault: fault)
        try await withTemporaryFolder { folder in
            let outcome = try await campaign.outcome(in: folder)
            let failure = try #require(outcome.failure)
            let shortest = try await Shrinking(fault: fault, folder: folder).shortest(failure)
            let text = HistoryText(history: shortest.history).description
            print("\(fault): in history \(failure.number); its shortest form:\n\(text)")
            #expect(shortest.history.count <= 8, "\(text)")
        }
    }
}

extension Optional {
    fileprivate func asyncMap<Output>(_ transform: (Wrapped) async throws -> Output) async rethrows -> Output? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
