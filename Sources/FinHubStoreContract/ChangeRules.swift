import FinHubAPI
import FinHubCore
import Testing

extension StoreRule {
    static let changes = [
        StoreRule("an installation tells the feed of its tenant") { stores in
            try await stores.installSamples()
            let changes = try await stores.changes.changes(after: 0, limit: 100)
            #expect(changes.map(\.kind) == [.tenantChanged, .tenantChanged])
            #expect(changes.map(\.tenant) == [Sample.acme.tenant, Sample.globex.tenant])
        },
        StoreRule("changes come in the order in which they were made, a limited number at a time") { stores in
            try await stores.installSamples()
            let start = try await stores.changes.changes(after: 0, limit: 100).last?.sequence ?? 0
            _ = try await stores.endAll(in: .globex)
            try await stores.endFirst(in: .acme)
            _ = try await stores.endAll(in: .acme)
            let all = try await stores.changes.changes(after: start, limit: 100)
            #expect(
                all.map(\.kind) == [
                    .userCutOff(Sample.globex.ada, epoch: 1, spared: nil),
                    .sessionEnded(Sample.acme.sessionID()),
                    .userCutOff(Sample.acme.ada, epoch: 1, spared: nil),
                ]
            )
            #expect(all.map(\.tenant) == [Sample.globex.tenant, Sample.acme.tenant, Sample.acme.tenant])
            #expect(zip(all, all.dropFirst()).allSatisfy { $0.sequence < $1.sequence })
            #expect(try await stores.changes.changes(after: start, limit: 2) == Array(all.prefix(2)))
            #expect(try await stores.changes.changes(after: all[1].sequence, limit: 2) == [all[2]])
            #expect(try await stores.changes.changes(after: all[2].sequence, limit: 2) == [])
        },
        StoreRule("a refresh and a refused change tell the feed nothing") { stores in
            try await stores.installSamples()
            _ = try await stores.sessions.rotate(Sample.acme.rotation())
            _ = try await stores.sessions.rotate(Sample.acme.rotation(presenting: 2, isProven: false))
            #expect(try await stores.directory.install(Sample.acme.installation) == false)
            #expect(try await stores.changes.changes(after: 0, limit: 100).count == 2)
        },
        StoreRule("changes that matter to nobody are removed in steps; the others stay") { stores in
            try await stores.installSamples()
            for index: UInt64 in 2...5 {
                try await stores.sessions.insert(Sample.acme.session(index))
                let (id, tenant) = (Sample.acme.sessionID(index), Sample.acme.tenant)
                _ = try await stores.sessions.end(id, in: tenant, for: .endedByAdministrator, at: .noon)
            }
            _ = try await stores.endAll(in: .globex, at: .noon(plus: 60))
            #expect(try await stores.changes.removeChanges(over: .noon(plus: 3_599), limit: 10) == 0)
            var steps: [Int] = []
            for _ in 0..<3 { steps.append(try await stores.changes.removeChanges(over: .noon(plus: 3_601), limit: 3)) }
            #expect(steps == [3, 1, 0])
            #expect(try await stores.changeKinds() == [.userCutOff(Sample.globex.ada, epoch: 1, spared: nil)])
        },
        StoreRule("the newest change stays, and no sequence number is given twice", check: sequencesAreNotReused),
    ]

    @Sendable
    private static func sequencesAreNotReused(_ stores: Stores) async throws {
        try await stores.installSamples()
        try await stores.endFirst(in: .acme)
        let newest = try #require(try await stores.changes.changes(after: 0, limit: 100).last)
        let farOff = Timestamp.noon + .seconds(100 * 86_400)
        _ = try await stores.changes.removeChanges(over: farOff, limit: 100)
        #expect(try await stores.changes.changes(after: 0, limit: 100) == [newest])
        try await stores.endFirst(in: .globex)
        let next = try #require(try await stores.changes.changes(after: newest.sequence, limit: 100).first)
        #expect(next.kind == .sessionEnded(Sample.globex.sessionID()))
    }
}

extension Stores {
    fileprivate func endFirst(in sample: Sample) async throws {
        _ = try await sessions.end(
            sample.sessionID(),
            in: sample.tenant,
            for: .endedByAdministrator,
            at: .noon(plus: 60)
        )
    }
}
