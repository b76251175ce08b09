import FinHubCore
import Testing

extension StoreRule {
    static let endings = [
        StoreRule("ending a session says so at once, and tells the feed until its expiry") { stores in
            try await stores.installSamples()
            let (id, tenant) = (Sample.acme.sessionID(), Sample.acme.tenant)
            var ended = Sample.acme.session()
            ended.ending = Ending(at: .noon(plus: 60), reason: .refreshTokenReused)
            let outcome = try await stores.sessions.end(id, in: tenant, for: .refreshTokenReused, at: .noon(plus: 60))
            #expect(outcome == .ended(ended))
            #expect(try await stores.session(in: .acme) == ended)
            #expect(try await stores.session(in: .globex) == Sample.globex.session())
            let change = try await stores.changes.changes(after: 0, limit: 100).last
            #expect(change?.kind == .sessionEnded(id))
            #expect(change?.tenant == tenant)
            #expect(change?.relevantUntil == ended.expiresAt)
        },
        StoreRule("ending a session twice keeps the first time and reason, and tells the feed once") { stores in
            try await stores.installSamples()
            let (id, tenant) = (Sample.acme.sessionID(), Sample.acme.tenant)
            _ = try await stores.sessions.end(id, in: tenant, for: .endedByAdministrator, at: .noon(plus: 60))
            let again = try await stores.sessions.end(id, in: tenant, for: .refreshTokenReused, at: .noon(plus: 90))
            var ended = Sample.acme.session()
            ended.ending = Ending(at: .noon(plus: 60), reason: .endedByAdministrator)
            #expect(again == .alreadyEnded(ended))
            #expect(try await stores.session(in: .acme) == ended)
            #expect(try await stores.changeKinds() == [.sessionEnded(id)])
        },
        StoreRule("of many that end one session at once exactly one ends it") { stores in
            try await stores.installSamples()
            let wins = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        let (id, tenant) = (Sample.acme.sessionID(), Sample.acme.tenant)
                        let outcome = try await stores.sessions.end(
                            id,
                            in: tenant,
                            for: .endedByAdministrator,
                            at: .noon
                        )
                        if case .ended = outcome { return true }
                        return false
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(wins == 1)
            #expect(try await stores.changeKinds() == [.sessionEnded(Sample.acme.sessionID())])
        },
        StoreRule("an absent session cannot be ended, nor can another tenant's") { stores in
            try await stores.installSamples()
            let (id, tenant) = (Sample.globex.sessionID(), Sample.acme.tenant)
            #expect(try await stores.sessions.end(id, in: tenant, for: .endedByAdministrator, at: .noon) == .absent)
            let absent = Sample.acme.sessionID(7)
            #expect(try await stores.sessions.end(absent, in: tenant, for: .endedByAdministrator, at: .noon) == .absent)
            #expect(try await stores.session(in: .globex) == Sample.globex.session())
            #expect(try await stores.changeKinds() == [])
        },
        StoreRule("an expired session can be ended") { stores in
            try await stores.installSamples()
            let (id, tenant) = (Sample.acme.sessionID(), Sample.acme.tenant)
            let late = Sample.acme.session().expiresAt
            var ended = Sample.acme.session()
            ended.ending = Ending(at: late, reason: .endedByAdministrator)
            let outcome = try await stores.sessions.end(id, in: tenant, for: .endedByAdministrator, at: late)
            #expect(outcome == .ended(ended))
        },
        StoreRule("a session that a cut-off ended keeps the cut-off's time and reason") { stores in
            try await stores.installSamples()
            _ = try await stores.endAll(in: .acme, at: .noon(plus: 60))
            let (id, tenant) = (Sample.acme.sessionID(), Sample.acme.tenant)
            let outcome = try await stores.sessions.end(id, in: tenant, for: .refreshTokenReused, at: .noon(plus: 90))
            var ended = Sample.acme.session()
            ended.ending = Ending(at: .noon(plus: 60), reason: .allSessionsEnded)
            #expect(outcome == .alreadyEnded(ended))
            #expect(try await stores.session(in: .acme) == ended)
        },
    ]
}
