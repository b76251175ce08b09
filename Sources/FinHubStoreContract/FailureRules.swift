import FinHubAPI
import FinHubCore
import Testing

extension StoreRule {
    static let failures = [
        StoreRule("failures are counted for each subject of each tenant, all of an attempt at once") { stores in
            try await stores.installSamples()
            let (first, second) = (Sample.acme.subject(1), Sample.acme.subject(2))
            _ = try await stores.fail([first], at: .noon)
            let counts = try await stores.fail([first, second], at: .noon(plus: 10))
            #expect(counts.map(\.failures) == [2, 1])
            #expect(counts.map(\.since) == [.noon, .noon(plus: 10)])
            #expect(counts.map(\.lastAt) == [.noon(plus: 10), .noon(plus: 10)])
            let subjects = [second, Sample.globex.subject(1), first]
            let record = try await stores.failures.record(of: subjects, signInOf: nil)
            #expect(record == FailureRecord(counts: [counts[1], nil, counts[0]], lastSignIn: nil))
        },
        StoreRule("of failures at once none is lost") { stores in
            try await stores.installSamples()
            await withTaskGroup { group in
                for _ in 0..<32 { group.addTask { _ = try? await stores.fail([Sample.acme.subject(1)]) } }
            }
            let record = try await stores.failures.record(of: [Sample.acme.subject(1)], signInOf: nil)
            #expect(record.counts.map { $0?.failures } == [32])
        },
        StoreRule("a count begins anew when its rule has forgotten it") { stores in
            try await stores.installSamples()
            _ = try await stores.fail([Sample.acme.subject(1)], at: .noon)
            _ = try await stores.fail([Sample.acme.subject(1)], at: .noon(plus: 86_399))
            let counts = try await stores.fail([Sample.acme.subject(1)], at: .noon(plus: 86_399 + 86_400))
            #expect(counts.map(\.failures) == [1])
        },
        StoreRule("forgetting takes the subjects named and no other") { stores in
            try await stores.installSamples()
            let subjects = [Sample.acme.subject(1), Sample.acme.subject(2), Sample.globex.subject(1)]
            for subject in subjects { _ = try await stores.fail([subject]) }
            try await stores.failures.forget([subjects[0]])
            let record = try await stores.failures.record(of: subjects, signInOf: nil)
            #expect(record.counts.map { $0?.failures } == [nil, 1, 1])
        },
        StoreRule("failures at no tenant are counted as any others") { stores in
            let subject = FailureSubject(tenant: FailureSubject.noTenant, digest: ID(high: 1, low: 1))
            let counts = [try await stores.fail([subject]), try await stores.fail([subject])]
            #expect(counts.map { $0.map(\.failures) } == [[1], [2]])
        },
        StoreRule("a full tenant's oldest count makes room, a user's own and another tenant's do not", check: room),
        StoreRule("old counts are removed in steps") { stores in
            try await stores.installSamples()
            for index: UInt64 in 1...5 { _ = try await stores.fail([Sample.acme.subject(index)], at: .noon) }
            _ = try await stores.fail([Sample.acme.subject(1)], at: .noon(plus: 60))
            var steps: [Int] = []
            for _ in 0..<3 {
                steps.append(try await stores.failures.removeFailures(before: .noon(plus: 60), limit: 3))
            }
            #expect(steps == [3, 1, 0])
            let record = try await stores.failures.record(of: [Sample.acme.subject(1)], signInOf: nil)
            #expect(record.counts.map { $0?.failures } == [2])
        },
    ]

    @Sendable
    private static func room(_ stores: Stores) async throws {
        try await stores.installSamples()
        let own = CountedFailure(subject: Sample.acme.subject(1), rule: .sample, user: Sample.acme.ada)
        let others = CountedFailure(subject: Sample.acme.subject(2), rule: .sample, user: Sample.globex.ada)
        _ = try await stores.failures.countFailure([own], at: .noon)
        _ = try await stores.failures.countFailure([others], at: .noon)
        _ = try await stores.fail([Sample.globex.subject(1)], at: .noon)
        let most = UInt64(FailureSubject.mostOfTenant)
        for start in stride(from: 3, to: 3 + most, by: 1_000) {
            let many = (start..<min(start + 1_000, 3 + most - 1)).map(Sample.acme.subject)
            _ = try await stores.fail(many, at: .noon(plus: 1))
        }
        let watched = [1, 2, 3].map { Sample.acme.subject($0) } + [Sample.globex.subject(1)]
        let full = try await stores.failures.record(of: watched, signInOf: nil)
        #expect(full.counts.map { $0?.failures } == [1, 1, 1, 1])
        _ = try await stores.fail([Sample.acme.subject(1_000_000)], at: .noon(plus: 2))
        let after = try await stores.failures.record(of: watched, signInOf: nil)
        #expect(after.counts.map { $0?.failures } == [1, nil, 1, 1])
        // What is forgotten or removed is not counted any longer.
        try await stores.failures.forget([Sample.acme.subject(3), Sample.acme.subject(4)])
        _ = try await stores.fail([Sample.acme.subject(1_000_001), Sample.acme.subject(1_000_002)], at: .noon(plus: 2))
        let fifth = try await stores.failures.record(of: [Sample.acme.subject(5)], signInOf: nil)
        #expect(fifth.counts.map { $0?.failures } == [1])
    }

    static let knownClients = [
        StoreRule("a client is known to the user of the tenant that signed in from it, and to no other") { stores in
            try await stores.installSamples()
            let ada = Sample.acme.client(1)
            try await stores.signIn(ada, at: .noon)
            let others = [
                Sample.acme.client(2), Sample.globex.client(1),
                KnownClient(tenant: ada.tenant, user: Sample.acme.bob, digest: ada.digest),
            ]
            #expect(try await stores.failures.record(of: [], signInOf: ada).lastSignIn == .noon)
            for other in others {
                #expect(try await stores.failures.record(of: [], signInOf: other).lastSignIn == nil)
            }
            #expect(try await stores.failures.knownClients(of: ada.user, in: ada.tenant) == [ada])
            #expect(try await stores.failures.knownClients(of: ada.user, in: Sample.globex.tenant) == [])
        },
        StoreRule("a sign-in forgets the subject's failures and keeps its time, the latest") { stores in
            try await stores.installSamples()
            let subjects = [Sample.acme.subject(1), Sample.acme.subject(2)]
            _ = try await stores.fail(subjects)
            try await stores.signIn(Sample.acme.client(1), at: .noon(plus: 60))
            try await stores.signIn(Sample.acme.client(1), at: .noon)
            let record = try await stores.failures.record(of: subjects, signInOf: Sample.acme.client(1))
            #expect(record.counts.map { $0?.failures } == [nil, 1])
            #expect(record.lastSignIn == .noon(plus: 60))
        },
        StoreRule("nothing is remembered of a user that the tenant does not have") { stores in
            try await stores.installSamples()
            let digest = Sample.acme.client(1).digest
            let stranger = KnownClient(tenant: Sample.acme.tenant, user: Sample.globex.ada, digest: digest)
            try await stores.signIn(stranger, at: .noon)
            #expect(try await stores.failures.record(of: [], signInOf: stranger).lastSignIn == nil)
        },
        StoreRule("of a user's clients the newest stay") { stores in
            try await stores.installSamples()
            let most = UInt64(KnownClient.mostOfUser)
            for index in 1...(most + 2) {
                try await stores.signIn(Sample.acme.client(index), at: .noon(plus: Int64(index == 1 ? 1_000 : index)))
            }
            let known = try await stores.failures.knownClients(of: Sample.acme.ada, in: Sample.acme.tenant)
            let newest = Set([1] + (4...(most + 2))).map { Sample.acme.client($0) }
            #expect(Set(known) == Set(newest))
        },
        StoreRule("clients that were away for long are removed in steps") { stores in
            try await stores.installSamples()
            for index: UInt64 in 1...4 { try await stores.signIn(Sample.acme.client(index), at: .noon) }
            try await stores.signIn(Sample.acme.client(1), at: .noon(plus: 60))
            var steps: [Int] = []
            for _ in 0..<3 {
                steps.append(try await stores.failures.removeClients(before: .noon(plus: 60), limit: 2))
            }
            #expect(steps == [2, 1, 0])
            let known = try await stores.failures.knownClients(of: Sample.acme.ada, in: Sample.acme.tenant)
            #expect(known == [Sample.acme.client(1)])
        },
    ]
}

extension FailureRule {
    /// Five tries, and a day of quiet.
    fileprivate static let sample = GuessLock.Scope.user.rule
}

extension Sample {
    /// The `index`th of the tenant's subjects; both tenants count alike.
    fileprivate func subject(_ index: UInt64) -> FailureSubject {
        FailureSubject(tenant: tenant, digest: ID(high: 7, low: index))
    }

    /// The `index`th client of Ada's.
    fileprivate func client(_ index: UInt64) -> KnownClient {
        KnownClient(tenant: tenant, user: ada, digest: ID(high: 8, low: index))
    }
}

extension Stores {
    fileprivate func fail(_ subjects: [FailureSubject], at now: Timestamp = .noon) async throws -> [FailureCount] {
        try await failures.countFailure(subjects.map { CountedFailure(subject: $0, rule: .sample) }, at: now)
    }

    /// Ada signs in from the client; the tenant's first subject is forgotten.
    fileprivate func signIn(_ client: KnownClient, at now: Timestamp) async throws {
        let subject = FailureSubject(tenant: client.tenant, digest: ID(high: 7, low: 1))
        try await failures.recordSignIn(of: client, forgetting: subject, at: now)
    }
}
