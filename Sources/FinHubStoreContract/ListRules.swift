import FinHubAPI
import FinHubCore
import Testing

extension StoreRule {
    static let lists = [
        StoreRule("a user's sessions are listed newest first, then by identifier, and no one else's") { stores in
            try await stores.installSamples()
            try await stores.sessions.insert(Sample.acme.session(2, createdAt: .noon(plus: 10)))
            try await stores.sessions.insert(Sample.acme.session(4, createdAt: .noon(plus: 5)))
            try await stores.sessions.insert(Sample.acme.session(3, createdAt: .noon(plus: 5)))
            try await stores.sessions.insert(Sample.acme.session(5, of: Sample.acme.bob))
            #expect(try await stores.listed(Sample.acme.query(), in: .acme) == [2, 4, 3, 1])
            #expect(try await stores.listed(Sample.globex.query(), in: .globex) == [1])
        },
        StoreRule("pages follow one another without a gap or a repetition", check: pagesFollow),
        StoreRule("each status lists its own sessions", check: statusesDivide),
        StoreRule("a session that a cut-off ended is listed as ended, settled or not") { stores in
            try await stores.installSamples()
            _ = try await stores.endAll(in: .acme)
            for _ in 0..<2 {
                let sessions = try await stores.sessions.sessions(
                    matching: Sample.acme.query(.ended),
                    in: Sample.acme.tenant
                )
                #expect(sessions?.map(\.ending) == [Ending(at: .noon(plus: 60), reason: .allSessionsEnded)])
                #expect(try await stores.listed(Sample.acme.query(.active), in: .acme) == [])
                _ = try await stores.sessions.settleCutOffs(limit: 100, at: .noon(plus: 70))
            }
            #expect(try await stores.listed(Sample.globex.query(.active), in: .globex) == [1])
        },
        StoreRule("a user without sessions has an empty list; another tenant's user has none") { stores in
            try await stores.installSamples()
            let bob = SessionQuery(
                user: Sample.acme.bob,
                organization: Sample.acme.organization,
                status: .all,
                now: .noon,
                limit: 10
            )
            #expect(try await stores.listed(bob, in: .acme) == [])
            #expect(try await stores.listed(Sample.globex.query(), in: .acme) == nil)
            let crossed = SessionQuery(
                user: Sample.acme.ada,
                organization: Sample.globex.organization,
                status: .all,
                now: .noon,
                limit: 10
            )
            #expect(try await stores.listed(crossed, in: .acme) == nil)
        },
    ]

    @Sendable
    private static func pagesFollow(_ stores: Stores) async throws {
        try await stores.installSamples()
        for index: UInt64 in 2...7 {
            let createdAt = Timestamp.noon(plus: Int64(index / 2))
            try await stores.sessions.insert(Sample.acme.session(index, createdAt: createdAt))
        }
        var seen: [UInt64] = []
        var last: Session?
        for _ in 0..<4 {
            let query = Sample.acme.query(.active, after: last, limit: 2)
            let page = try #require(try await stores.sessions.sessions(matching: query, in: Sample.acme.tenant))
            #expect(page.count <= 2)
            seen += page.map(\.id.low)
            last = page.last
        }
        #expect(seen == [7, 6, 5, 4, 3, 2, 1])
    }

    @Sendable
    private static func statusesDivide(_ stores: Stores) async throws {
        try await stores.installSamples()
        try await stores.sessions.insert(Sample.acme.session(2, createdAt: .noon(plus: -3_540)))
        try await stores.sessions.insert(Sample.acme.session(3, createdAt: .noon(plus: -3_539)))
        try await stores.sessions.insert(Sample.acme.session(4))
        let (id, tenant) = (Sample.acme.sessionID(4), Sample.acme.tenant)
        _ = try await stores.sessions.end(id, in: tenant, for: .endedByAdministrator, at: .noon(plus: 1))
        #expect(try await stores.listed(Sample.acme.query(.active), in: .acme) == [1, 3])
        #expect(try await stores.listed(Sample.acme.query(.ended), in: .acme) == [4, 2])
        #expect(try await stores.listed(Sample.acme.query(.all), in: .acme) == [4, 1, 3, 2])
    }
}

extension Stores {
    fileprivate func listed(_ query: SessionQuery, in sample: Sample) async throws -> [UInt64]? {
        try await sessions.sessions(matching: query, in: sample.tenant)?.map(\.id.low)
    }
}
