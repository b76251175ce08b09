import FinHubAPI
import FinHubCore
import Testing

extension StoreRule {
    static let housekeeping = [
        StoreRule("settling cut-offs goes in steps and changes nothing that is read") { stores in
            try await stores.installSamples()
            for index: UInt64 in 2...5 { try await stores.sessions.insert(Sample.acme.session(index)) }
            _ = try await stores.endAll(in: .acme, sparing: Sample.acme.sessionID(5))
            let before = try await stores.sessions.sessions(matching: Sample.acme.query(), in: Sample.acme.tenant)
            var steps: [Int] = []
            for _ in 0..<4 { steps.append(try await stores.sessions.settleCutOffs(limit: 3, at: .noon(plus: 90))) }
            #expect(steps == [3, 1, 0, 0])
            let after = try await stores.sessions.sessions(matching: Sample.acme.query(), in: Sample.acme.tenant)
            #expect(after == before)
            #expect(try await stores.session(in: .globex) == Sample.globex.session())
        },
        StoreRule("settling keeps each cut-off's own time, and the ending of who was ended before") { stores in
            try await stores.installSamples()
            for index: UInt64 in 2...3 { try await stores.sessions.insert(Sample.acme.session(index)) }
            let (ended, tenant) = (Sample.acme.sessionID(3), Sample.acme.tenant)
            _ = try await stores.sessions.end(ended, in: tenant, for: .refreshTokenReused, at: .noon(plus: 5))
            _ = try await stores.endAll(in: .acme, sparing: Sample.acme.sessionID(2), at: .noon(plus: 10))
            _ = try await stores.endAll(in: .acme, at: .noon(plus: 20))
            #expect(try await stores.sessions.settleCutOffs(limit: 10, at: .noon(plus: 30)) == 2)
            #expect(try await stores.session(1, in: .acme)?.ending?.at == .noon(plus: 10))
            #expect(try await stores.session(2, in: .acme)?.ending?.at == .noon(plus: 20))
            let third = try await stores.session(3, in: .acme)?.ending
            #expect(third == Ending(at: .noon(plus: 5), reason: .refreshTokenReused))
        },
        StoreRule("sessions are removed in steps, when they ended or expired before the moment") { stores in
            try await stores.installSamples()
            for index: UInt64 in 2...4 {
                try await stores.sessions.insert(Sample.acme.session(index, createdAt: .noon(plus: -7_200)))
            }
            var steps: [Int] = []
            for _ in 0..<3 { steps.append(try await stores.sessions.removeSessions(over: .noon, limit: 2)) }
            #expect(steps == [2, 1, 0])
            for index: UInt64 in 2...4 { #expect(try await stores.session(index, in: .acme) == nil) }
            #expect(try await stores.session(in: .acme) == Sample.acme.session())
            #expect(try await stores.session(in: .globex) == Sample.globex.session())
        },
        StoreRule("a session is removed after the moment of its end, not before, settled or not") { stores in
            try await stores.installSamples()
            let (id, tenant) = (Sample.acme.sessionID(), Sample.acme.tenant)
            _ = try await stores.sessions.end(id, in: tenant, for: .endedByAdministrator, at: .noon(plus: 60))
            _ = try await stores.endAll(in: .globex, at: .noon(plus: 60))
            _ = try await stores.sessions.settleCutOffs(limit: 10, at: .noon(plus: 60))
            #expect(try await stores.sessions.removeSessions(over: .noon(plus: 60), limit: 10) == 0)
            #expect(try await stores.sessions.removeSessions(over: .noon(plus: 61), limit: 10) == 2)
        },
        StoreRule("what was over before the moment is put aside in steps, once, and reads as before") { stores in
            try await stores.installSamples()
            for index: UInt64 in 2...4 {
                try await stores.sessions.insert(Sample.acme.session(index, createdAt: .noon(plus: -7_200)))
            }
            let tenant = Sample.acme.tenant
            let before = try await stores.sessions.sessions(matching: Sample.acme.query(), in: tenant)
            var steps: [Int] = []
            for _ in 0..<3 { steps.append(try await stores.sessions.retireSessions(over: .noon, limit: 2)) }
            #expect(steps == [2, 1, 0])
            #expect(try await stores.sessions.sessions(matching: Sample.acme.query(), in: tenant) == before)
            let active = try await stores.sessions.sessions(matching: Sample.acme.query(.active), in: tenant)
            #expect(active == [Sample.acme.session()])
            #expect(try await stores.endAll(in: .acme)?.ended == 1)
            _ = try await stores.sessions.settleCutOffs(limit: 10, at: .noon(plus: 90))
            #expect(try await stores.session(4, in: .acme)?.ending?.reason == .allSessionsEnded)
            #expect(try await stores.sessions.removeSessions(over: .noon, limit: 10) == 3)
        },
        StoreRule("a session that was refreshed is not put aside before its new expiry") { stores in
            try await stores.installSamples()
            _ = try await stores.sessions.rotate(Sample.acme.rotation(1, at: .noon(plus: 1_800)))
            #expect(try await stores.sessions.retireSessions(over: .noon(plus: 5_400), limit: 10) == 1)
            let query = Sample.acme.query(.active)
            #expect(try await stores.sessions.sessions(matching: query, in: Sample.acme.tenant)?.count == 1)
            #expect(try await stores.sessions.retireSessions(over: .noon(plus: 5_401), limit: 10) == 1)
        },
        StoreRule("a refreshed session is not removed before its new expiry", check: refreshedSessionStays),
    ]

    @Sendable
    private static func refreshedSessionStays(_ stores: Stores) async throws {
        try await stores.installSamples()
        for index: UInt64 in 2...4 { try await stores.sessions.insert(Sample.acme.session(index)) }
        for index: UInt64 in 1...3 {
            _ = try await stores.sessions.rotate(Sample.acme.rotation(index, at: .noon(plus: 1_800)))
        }
        // The fourth of acme's and the first of globex's expired at one o'clock.
        #expect(try await stores.sessions.removeSessions(over: .noon(plus: 3_601), limit: 2) == 2)
        #expect(try await stores.sessions.removeSessions(over: .noon(plus: 5_400), limit: 2) == 0)
        #expect(try await stores.session(in: .acme)?.generation == 2)
        #expect(try await stores.sessions.removeSessions(over: .noon(plus: 5_401), limit: 10) == 3)
    }
}
