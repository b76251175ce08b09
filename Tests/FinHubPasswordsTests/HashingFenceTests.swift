import Dispatch
import FinHubAPI
import FinHubCore
import Synchronization
import Testing

@testable import FinHubPasswords

@Suite("The fence around hashing", .timeLimit(.minutes(1)))
struct HashingFenceTests {
    private let tenant = TenantID(high: 1, low: 1)

    @Test("never runs more at once than it has threads")
    func concurrency() async throws {
        try await withFence(threads: 2, waitingLimit: 64) { fence, _ in
            let rendezvous = Rendezvous()
            try await withThrowingTaskGroup { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await fence.run(for: tenant) { rendezvous.meet() }
                    }
                }
                try await group.waitForAll()
            }
            #expect(rendezvous.peak == 2)
        }
    }

    @Test("a full queue refuses at once, and computes nothing")
    func full() async throws {
        try await withFence(threads: 1, waitingLimit: 1) { fence, _ in
            let gate = DispatchSemaphore(value: 0)
            async let first: Void = fence.run(for: tenant) { gate.wait() }
            async let second: Void = fence.run(for: tenant) { gate.wait() }
            while fence.waiting < 1 { await Task.yield() }
            await #expect(throws: PasswordHashingRefusal.busy) {
                try await fence.run(for: tenant) { Issue.record("it ran") }
            }
            gate.signal()
            gate.signal()
            _ = try await (first, second)
            #expect(fence.waiting == 0)
        }
    }

    @Test("whoever has waited too long is refused when a thread is free")
    func patience() async throws {
        try await withFence(threads: 1, waitingLimit: 4) { fence, clock in
            let gate = DispatchSemaphore(value: 0)
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        do {
                            try await fence.run(for: tenant) { gate.wait() }
                            return true
                        } catch {
                            return false
                        }
                    }
                }
                while fence.waiting < 1 { await Task.yield() }
                clock.advance(by: .milliseconds(2_001))
                gate.signal()
                gate.signal()
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 }.count == 1)
        }
    }

    @Test("a fence that was shut down refuses")
    func shutdown() async throws {
        let fence = HashingFence(threads: 1, waitingLimit: 1, patience: .seconds(2), now: { ContinuousClock.now })
        try await fence.shutdown()
        await #expect(throws: PasswordHashingRefusal.busy) { try await fence.run(for: tenant) {} }
    }
}

/// Holds each caller until a second one has come, and counts how many there are at once.
private final class Rendezvous: Sendable {
    private let counts = Mutex((arrived: 0, present: 0, peak: 0))
    private let second = DispatchSemaphore(value: 0)

    var peak: Int { counts.withLock { $0.peak } }

    func meet() {
        let isSecond = counts.withLock { counts in
            counts.arrived += 1
            counts.present += 1
            counts.peak = max(counts.peak, counts.present)
            return counts.arrived.isMultiple(of: 2)
        }
        if isSecond { second.signal() } else { second.wait() }
        counts.withLock { $0.present -= 1 }
    }
}

/// The clock of a fence, in the test's hand.
private final class ManualClock: Sendable {
    private let instant = Mutex(ContinuousClock.now)

    func advance(by duration: Duration) {
        instant.withLock { $0 = $0.advanced(by: duration) }
    }

    var now: ContinuousClock.Instant { instant.withLock { $0 } }
}

private func withFence(
    threads: Int,
    waitingLimit: Int,
    _ body: (HashingFence, ManualClock) async throws -> Void
) async throws {
    let clock = ManualClock()
    let fence = HashingFence(
        threads: threads,
        waitingLimit: waitingLimit,
        patience: .seconds(2),
        now: { clock.now }
    )
    let result: Result<Void, any Error>
    do { result = .success(try await body(fence, clock)) } catch { result = .failure(error) }
    try await fence.shutdown()
    try result.get()
}
