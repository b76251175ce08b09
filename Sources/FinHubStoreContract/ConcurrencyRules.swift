import FinHubAPI
import FinHubCore
import Testing

extension StoreRule {
    static let concurrency = [
        StoreRule("within the limit nobody has to go, and nobody else's sessions count") { stores in
            try await stores.installSamples()
            for index: UInt64 in 2...4 {
                try await stores.sessions.insert(Sample.acme.session(index, of: Sample.acme.bob))
            }
            #expect(try await stores.open(9, within: .two(.refuse)) == .inserted(superseded: []))
            #expect(try await stores.session(in: .acme)?.ending == nil)
        },
        StoreRule("the oldest sessions make room, and the others learn of it") { stores in
            try await stores.installSamples()
            _ = try await stores.open(5, at: 10, within: nil)
            _ = try await stores.sessions.rotate(Sample.acme.rotation(1, at: .noon(plus: 40)))
            let outcome = try await stores.open(6, at: 60, within: .two(.evictOldest))
            let evicted = try await stores.session(1, in: .acme)
            #expect(outcome == .inserted(superseded: [evicted].compactMap { $0 }))
            #expect(evicted?.ending == Ending(at: .noon(plus: 60), reason: .superseded))
            #expect(try await stores.session(5, in: .acme)?.ending == nil)
            #expect(try await stores.session(in: .globex)?.ending == nil)
            #expect(try await stores.changeKinds() == [.sessionEnded(Sample.acme.sessionID(1), superseded: true)])
        },
        StoreRule("the sessions that idled longest make room, a refresh being no idling") { stores in
            try await stores.installSamples()
            _ = try await stores.open(5, at: 10, within: nil)
            _ = try await stores.sessions.rotate(Sample.acme.rotation(1, at: .noon(plus: 40)))
            _ = try await stores.open(6, at: 60, within: .two(.evictLongestIdle))
            #expect(try await stores.session(5, in: .acme)?.ending?.reason == .superseded)
            #expect(try await stores.session(1, in: .acme)?.ending == nil)
        },
        StoreRule("who is refused leaves nothing behind") { stores in
            try await stores.installSamples()
            _ = try await stores.open(5, within: nil)
            #expect(try await stores.open(6, within: .two(.refuse)) == .refused)
            #expect(try await stores.session(6, in: .acme) == nil)
            #expect(try await stores.session(1, in: .acme)?.ending == nil)
            #expect(try await stores.changeKinds() == [])
        },
        StoreRule("sessions that have ended, expired or were cut off do not count") { stores in
            try await stores.installSamples()
            _ = try await stores.endAll(in: .acme)
            for (index, createdAt) in [(5, -7_200), (6, -3_540), (7, 0)] as [(UInt64, Int64)] {
                try await stores.sessions.insert(
                    Sample.acme.session(index, createdAt: .noon(plus: createdAt), userEpoch: 1)
                )
            }
            _ = try await stores.sessions.end(
                Sample.acme.sessionID(7),
                in: Sample.acme.tenant,
                for: .endedByAdministrator,
                at: .noon(plus: 61)
            )
            #expect(try await stores.open(8, at: 62, userEpoch: 1, within: .two(.refuse)) == .inserted(superseded: []))
            #expect(try await stores.open(9, at: 63, userEpoch: 1, within: .two(.refuse)) == .inserted(superseded: []))
            #expect(try await stores.open(10, at: 64, userEpoch: 1, within: .two(.refuse)) == .refused)
        },
        StoreRule("after the limit was lowered, a login ends as many as are too many") { stores in
            try await stores.installSamples()
            for index: UInt64 in 2...9 { _ = try await stores.open(index, at: Int64(index), within: nil) }
            guard case .inserted(let superseded) = try await stores.open(10, at: 60, within: .two(.evictOldest)) else {
                return #expect(Bool(false), "the login was refused")
            }
            #expect(Set(superseded.map(\.id)) == Set((1...8).map { Sample.acme.sessionID($0) }))
            #expect(try await stores.changeKinds().count == 8)
        },
        StoreRule("a login that was cut off while it was under way drives out nobody") { stores in
            try await stores.installSamples()
            _ = try await stores.endAll(in: .acme)
            _ = try await stores.open(5, at: 70, userEpoch: 1, within: nil)
            _ = try await stores.open(6, at: 71, userEpoch: 1, within: nil)
            #expect(try await stores.open(7, at: 72, within: .two(.evictOldest)) == .inserted(superseded: []))
            #expect(try await stores.session(7, in: .acme)?.ending != nil)
            #expect(try await stores.session(5, in: .acme)?.ending == nil)
        },
        StoreRule("of any number of logins at once no more than the limit stays") { stores in
            try await stores.installSamples()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index: UInt64 in 2...33 {
                    group.addTask { _ = try await stores.open(index, at: Int64(index), within: .two(.evictOldest)) }
                }
                try await group.waitForAll()
            }
            let active = try await stores.sessions.sessions(
                matching: Sample.acme.query(.active, at: .noon(plus: 60)),
                in: Sample.acme.tenant
            )
            #expect(active?.count == 2)
        },
    ]
}

extension ConcurrentSessions {
    fileprivate static func two(_ whenFull: WhenFull) -> ConcurrentSessions {
        ConcurrentSessions(maximum: 2, whenFull: whenFull)
    }
}

extension Stores {
    /// Opens Ada's `index`th session.
    fileprivate func open(
        _ index: UInt64,
        at seconds: Int64 = 60,
        userEpoch: Int64 = 0,
        within limit: ConcurrentSessions?
    ) async throws -> InsertOutcome {
        let session = Sample.acme.session(index, createdAt: .noon(plus: seconds), userEpoch: userEpoch)
        return try await sessions.insert(session, within: limit)
    }
}
