import FinHubAPI
import FinHubCore
import Testing

extension StoreRule {
    static let cutOffs = [
        StoreRule("ending all of a user's sessions ends those that are active, and no one else's") { stores in
            try await stores.installSamples()
            try await stores.sessions.insert(Sample.acme.session(2))
            try await stores.sessions.insert(Sample.acme.session(3, of: Sample.acme.bob))
            try await stores.sessions.insert(Sample.acme.session(4, createdAt: .noon(plus: -3_600)))
            #expect(try await stores.endAll(in: .acme) == CutOffOutcome(epoch: 1, ended: 2))
            for index: UInt64 in [1, 2] {
                let ending = try await stores.session(index, in: .acme)?.ending
                #expect(ending == Ending(at: .noon(plus: 60), reason: .allSessionsEnded))
            }
            #expect(try await stores.session(3, in: .acme)?.ending == nil)
            #expect(try await stores.session(in: .globex) == Sample.globex.session())
            let user = try await stores.directory.user(Sample.acme.ada, in: Sample.acme.tenant)
            #expect(user?.epoch == 1)
            #expect(try await stores.directory.user(Sample.globex.ada, in: Sample.globex.tenant)?.epoch == 0)
        },
        StoreRule("a cut-off tells the feed, until the last token has expired") { stores in
            try await stores.installSamples()
            _ = try await stores.endAll(in: .acme, sparing: Sample.acme.sessionID())
            let change = try await stores.changes.changes(after: 0, limit: 100).last
            #expect(change?.kind == .userCutOff(Sample.acme.ada, epoch: 1, spared: Sample.acme.sessionID()))
            #expect(change?.tenant == Sample.acme.tenant)
            #expect(change?.relevantUntil == .noon(plus: 3_660))
        },
        StoreRule("a spared session goes on with the new epoch") { stores in
            try await stores.installSamples()
            try await stores.sessions.insert(Sample.acme.session(2))
            let outcome = try await stores.endAll(in: .acme, sparing: Sample.acme.sessionID(2))
            #expect(outcome == CutOffOutcome(epoch: 1, ended: 1, spared: Sample.acme.sessionID(2)))
            var spared = Sample.acme.session(2)
            spared.userEpoch = 1
            #expect(try await stores.session(2, in: .acme) == spared)
            #expect(try await stores.session(in: .acme)?.ending != nil)
        },
        StoreRule("only an active session of that user is spared", check: onlyOwnActiveSessionIsSpared),
        StoreRule("a second cut-off ends what the first spared, and keeps the first one's time") { stores in
            try await stores.installSamples()
            try await stores.sessions.insert(Sample.acme.session(2))
            _ = try await stores.endAll(in: .acme, sparing: Sample.acme.sessionID(2), at: .noon(plus: 60))
            let second = try await stores.endAll(in: .acme, at: .noon(plus: 90))
            #expect(second == CutOffOutcome(epoch: 2, ended: 1))
            #expect(try await stores.session(in: .acme)?.ending?.at == .noon(plus: 60))
            #expect(try await stores.session(2, in: .acme)?.ending?.at == .noon(plus: 90))
        },
        StoreRule("a user that is absent, of another organization or of another tenant is nil") { stores in
            try await stores.installSamples()
            let strangers: [(UserID, OrganizationID)] = [
                (UserID(high: 9, low: 9), Sample.acme.organization),
                (Sample.acme.ada, OrganizationID(high: 9, low: 9)),
                (Sample.globex.ada, Sample.globex.organization),
                (Sample.globex.ada, Sample.acme.organization),
            ]
            for (user, organization) in strangers {
                let outcome = try await stores.sessions.endAll(
                    of: user,
                    organization: organization,
                    in: Sample.acme.tenant,
                    sparing: Sample.acme.sessionID(),
                    at: .noon(plus: 60),
                    tokensExpireBy: .noon(plus: 3_660)
                )
                #expect(outcome == nil)
            }
            #expect(try await stores.session(in: .acme) == Sample.acme.session())
            #expect(try await stores.session(in: .globex) == Sample.globex.session())
            #expect(try await stores.changeKinds() == [])
        },
    ]

    @Sendable
    private static func onlyOwnActiveSessionIsSpared(_ stores: Stores) async throws {
        try await stores.installSamples()
        try await stores.sessions.insert(Sample.acme.session(2, of: Sample.acme.bob))
        try await stores.sessions.insert(Sample.acme.session(3, createdAt: .noon(plus: -3_600)))
        let before = try await stores.session(2, in: .acme)
        for (number, stranger) in [
            Sample.acme.sessionID(2), Sample.acme.sessionID(3), Sample.acme.sessionID(7), Sample.globex.sessionID(),
        ].enumerated() {
            let outcome = try await stores.endAll(in: .acme, sparing: stranger)
            #expect(outcome == CutOffOutcome(epoch: Int64(number) + 1, ended: number == 0 ? 1 : 0))
            let told = try await stores.changeKinds().last
            #expect(told == .userCutOff(Sample.acme.ada, epoch: Int64(number) + 1, spared: nil))
        }
        #expect(try await stores.session(2, in: .acme) == before)
        #expect(try await stores.session(3, in: .acme)?.userEpoch == 0)
        #expect(try await stores.session(in: .globex) == Sample.globex.session())
    }
}
