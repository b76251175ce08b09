import FinHubAPI
import Foundation
import Testing

extension EndToEnd {
    /// Design, *Promises*: a disk that fails costs 503 for what must be written, and nothing else.
    @Suite("A failing disk", .enabled(if: FailingDisk.isSupported))
    struct DiskTests {
        /// What is wrong with a disk.
        enum Failure: CaseIterable, CustomTestStringConvertible {
            case full, simulatedFull, readOnly, unsynced

            var testDescription: String {
                switch self {
                case .full: "a full file system"
                case .simulatedFull: "writes that find no space"
                case .readOnly: "a file system that became read-only"
                case .unsynced: "a disk that confirms nothing"
                }
            }

            /// A disk that will fail in this way.
            func disk() async throws -> any FaultyDisk {
                switch self {
                case .full:
                    if let disk = try await SmallDisk.mount() { return disk }
                    print("no file system can be mounted here, so that the full one is simulated too")
                    return try await FailingDisk(.full)
                case .simulatedFull: return try await FailingDisk(.full)
                case .readOnly: return try await FailingDisk(.readOnly)
                case .unsynced: return try await FailingDisk(.unsynced)
                }
            }
        }

        @Test(
            "refuses writes with 503, goes on reading, loses nothing, and recovers without a restart",
            .timeLimit(.minutes(3)),
            arguments: Failure.allCases
        )
        func failure(_ failure: Failure) async throws {
            let disk = try await failure.disk()
            let server = try await disk.sandbox()
            let ledger = SharedLedger()
            let traffic = Traffic(server, ledger)
            try await withThrowingTaskGroup { group in
                group.addTask { try await traffic.run(clients: 6, seed: 1) }
                defer { traffic.stop() }
                var events = Events(stream: traffic.events.makeAsyncIterator())
                for _ in 0..<min(max(3, CrashTests.rounds / 10), 10) {
                    await events.wait(for: Self.taken)
                    try disk.fail()
                    await events.wait(for: Self.refused)
                    await events.wait(for: Self.read)
                    #expect(try await APIClient.get(server.address + "/readyz").status == 200)
                    try disk.heal()
                }
                await events.wait(for: Self.taken)
                traffic.stop()
                try await group.waitForAll()
                #expect(events.seen.contains(Traffic.Event(act: .end, isTaken: false)))
            }
            var audit = Audit(server, ledger, seed: 1)
            let found = try await audit.run()
            #expect(found.alive > 2)
            try await server.kill()
            try await SoundDatabase.expectSoundCopy(of: disk.reachableFolder)

            let restarted = try await disk.sandbox()
            var second = Audit(restarted, ledger, seed: 2)
            _ = try await second.run()
            #expect(try await restarted.stop() == 0)
            try await SoundDatabase.expectSoundCopy(of: disk.reachableFolder)
        }

        /// Everything that can be done, as it is done on a disk that works.
        private static let taken = Set(Traffic.Act.allCases.map { Traffic.Event(act: $0) })

        /// What must be written, and every client can ask for, on a disk that fails.
        private static let refused = Set(
            [.create, .refresh, .endAll].map { Traffic.Event(act: $0, isTaken: false) }
        )

        /// What goes on there: a token's check, from memory, and a session's, from the disk.
        private static let read = Set([.check, .look].map { Traffic.Event(act: $0) })
    }
}

/// What happens in the traffic, in its order.
private struct Events {
    var stream: AsyncStream<Traffic.Event>.Iterator
    private(set) var seen: Set<Traffic.Event> = []

    /// Waits until each of `events` happens from here on, or the traffic is over.
    mutating func wait(for events: Set<Traffic.Event>) async {
        var missing = events
        while !missing.isEmpty, let event = await stream.next() {
            missing.remove(event)
            seen.insert(event)
        }
    }

    init(stream: AsyncStream<Traffic.Event>.Iterator) {
        self.stream = stream
    }
}
