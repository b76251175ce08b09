import FinHubAPI
import FinHubCore
import Testing

extension StoreRule {
    static let rotations = [
        StoreRule("a refresh moves a session to its next generation and pushes its expiry out") { stores in
            try await stores.installSamples()
            var expected = Sample.acme.session()
            expected.generation = 2
            expected.refreshedAt = .noon(plus: 60)
            expected.expiresAt = .noon(plus: 3_660)
            #expect(try await stores.sessions.rotate(Sample.acme.rotation()) == .rotated(expected))
            #expect(try await stores.session(in: .acme) == expected)
            #expect(try await stores.session(in: .globex) == Sample.globex.session())
        },
        StoreRule("of many that present one generation at once exactly one wins") { stores in
            try await stores.installSamples()
            let wins = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<16 {
                    group.addTask { try await stores.sessions.rotate(Sample.acme.rotation()).isRotated }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(wins == 1)
            #expect(try await stores.session(in: .acme)?.generation == 2)
        },
        StoreRule("a token that is not the session's own changes nothing") { stores in
            try await stores.installSamples()
            #expect(try await stores.sessions.rotate(Sample.acme.rotation(isProven: false)) == .unproven)
            #expect(try await stores.session(in: .acme) == Sample.acme.session())
        },
        StoreRule("a token that is not the session's own learns nothing of a session at another generation") { stores in
            try await stores.installSamples()
            _ = try await stores.sessions.rotate(Sample.acme.rotation())
            let rotation = Sample.acme.rotation(presenting: 1, isProven: false)
            #expect(try await stores.sessions.rotate(rotation) == .unproven)
        },
        StoreRule("an absent session is unproven, and so is another tenant's") { stores in
            try await stores.installSamples()
            #expect(try await stores.sessions.rotate(Sample.acme.rotation(7)) == .unproven)
            let crossed = Rotation(
                session: Sample.globex.sessionID(),
                tenant: Sample.acme.tenant,
                presented: 1,
                now: .noon(plus: 60),
                expiresAt: .noon(plus: 3_660)
            ) { _ in true }
            #expect(try await stores.sessions.rotate(crossed) == .unproven)
            #expect(try await stores.session(in: .globex) == Sample.globex.session())
        },
        StoreRule("another generation than the current one is stale", check: otherGenerationIsStale),
        StoreRule("an expired session is stale from its expiry on") { stores in
            try await stores.installSamples()
            let late = Sample.acme.rotation(at: .noon(plus: 3_600))
            #expect(try await stores.sessions.rotate(late) == .stale(Sample.acme.session()))
            let inTime = Sample.globex.rotation(at: .noon(plus: 3_600) - .microseconds(1))
            #expect(try await stores.sessions.rotate(inTime).isRotated)
        },
        StoreRule("an ended session is stale and says so") { stores in
            try await stores.installSamples()
            let (id, tenant) = (Sample.acme.sessionID(), Sample.acme.tenant)
            _ = try await stores.sessions.end(id, in: tenant, for: .endedByAdministrator, at: .noon(plus: 30))
            let ended = try #require(try await stores.session(in: .acme))
            #expect(ended.ending == Ending(at: .noon(plus: 30), reason: .endedByAdministrator))
            #expect(try await stores.sessions.rotate(Sample.acme.rotation()) == .stale(ended))
            #expect(try await stores.sessions.rotate(Sample.globex.rotation()).isRotated)
        },
        StoreRule("a session that a cut-off ended is stale and says so") { stores in
            try await stores.installSamples()
            _ = try await stores.endAll(in: .acme, at: .noon(plus: 30))
            var cutOff = Sample.acme.session()
            cutOff.ending = Ending(at: .noon(plus: 30), reason: .allSessionsEnded)
            #expect(try await stores.sessions.rotate(Sample.acme.rotation()) == .stale(cutOff))
            #expect(try await stores.sessions.rotate(Sample.globex.rotation()).isRotated)
        },
        StoreRule("no refresh passes the absolute end", check: absoluteEndHolds),
        StoreRule("a refresh never brings the expiry forward, though the clock was set back") { stores in
            try await stores.installSamples()
            _ = try await stores.sessions.rotate(Sample.acme.rotation(at: .noon(plus: 1_800)))
            let early = Sample.acme.rotation(presenting: 2, at: .noon(plus: 60))
            #expect(try await stores.sessions.rotate(early).isRotated)
            #expect(try await stores.session(in: .acme)?.expiresAt == .noon(plus: 5_400))
        },
        StoreRule("the last generation has no successor", check: lastGenerationHasNoSuccessor),
    ]

    @Sendable
    private static func otherGenerationIsStale(_ stores: Stores) async throws {
        try await stores.installSamples()
        guard case .rotated(let current) = try await stores.sessions.rotate(Sample.acme.rotation()) else {
            Issue.record("the first refresh was refused")
            return
        }
        for generation: Int64 in [-1, 0, 1, 3, .max] {
            let rotation = Sample.acme.rotation(presenting: generation, at: .noon(plus: 90))
            #expect(try await stores.sessions.rotate(rotation) == .stale(current))
        }
        #expect(try await stores.session(in: .acme) == current)
    }

    @Sendable
    private static func absoluteEndHolds(_ stores: Stores) async throws {
        try await stores.installSamples()
        for hour: Int64 in 1...12 {
            // Each a second before the expiry that the one before it set.
            let now = Timestamp.noon(plus: hour * 3_600 - hour)
            let rotation = Sample.acme.rotation(presenting: hour, at: now)
            #expect(try await stores.sessions.rotate(rotation).isRotated)
        }
        #expect(try await stores.session(in: .acme)?.expiresAt == Sample.acme.session().absoluteEnd)
        let late = Sample.acme.rotation(presenting: 13, at: Sample.acme.session().absoluteEnd)
        #expect(try await stores.sessions.rotate(late).isRotated == false)
    }

    @Sendable
    private static func lastGenerationHasNoSuccessor(_ stores: Stores) async throws {
        try await stores.installSamples()
        var session = Sample.acme.session(2)
        session.generation = Int64(UInt32.max)
        try await stores.sessions.insert(session)
        let rotation = Sample.acme.rotation(2, presenting: Int64(UInt32.max))
        #expect(try await stores.sessions.rotate(rotation) == .stale(session))
        #expect(try await stores.session(2, in: .acme) == session)
    }
}

extension RotationOutcome {
    fileprivate var isRotated: Bool {
        if case .rotated = self { true } else { false }
    }
}
