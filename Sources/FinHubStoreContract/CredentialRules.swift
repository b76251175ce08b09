import FinHubAPI
import FinHubCore
import Testing

extension StoreRule {
    static let credentials = [
        StoreRule("a credential is added beside one other, which ends then and no later") { stores in
            try await stores.installSamples()
            let added = try await stores.add("new", overlap: 600)
            let others = [try Sample.acme.credential("key", expiresAt: .noon(plus: 600))]
            #expect(added == .added(others: others))
            #expect(try await stores.keys() == ["key": .noon(plus: 600), "new": nil])
            #expect(try await stores.keys(of: .globex) == ["key": nil])
        },
        StoreRule("a third credential in force is refused, and nothing is changed") { stores in
            try await stores.installSamples()
            _ = try await stores.add("new", overlap: 600)
            let refused = CredentialAddition.limitReached(until: .noon(plus: 600))
            #expect(try await stores.add("third", overlap: 60) == refused)
            #expect(try await stores.add("third", overlap: 60, at: .noon(plus: 599)) == refused)
            #expect(try await stores.keys() == ["key": .noon(plus: 600), "new": nil])
            let then = Timestamp.noon(plus: 600)
            let others = [try Sample.acme.credential("new", createdAt: .noon, expiresAt: then + .seconds(60))]
            #expect(try await stores.add("third", overlap: 60, at: then) == .added(others: others))
        },
        StoreRule("a credential that would end sooner is given no more time") { stores in
            try await stores.installSamples()
            _ = try await stores.add("new", overlap: 600)
            #expect(try await stores.end("new") == .ended)
            _ = try await stores.add("third", overlap: 6_000)
            #expect(try await stores.keys()["key"] == .noon(plus: 600))
        },
        StoreRule("a credential ends at once and once; the last in force may be spared", check: endings),
        StoreRule("of many ended credentials the youngest are kept") { stores in
            try await stores.installSamples()
            for index: Int64 in 1...25 {
                _ = try await stores.add("key \(index)", overlap: 0, at: .noon(plus: index))
            }
            let keys = try await stores.keys()
            #expect(keys.count == TenantCredential.endedOnesKept + 1)
            #expect(keys["key 25"] == .some(nil))
            #expect(keys["key 24"] == .noon(plus: 25))
            #expect(keys["key 4"] == nil)
        },
        StoreRule("credentials that ended long ago are removed in steps, with their uses") { stores in
            try await stores.installSamples()
            for index: Int64 in 1...3 { _ = try await stores.add("key \(index)", overlap: 0, at: .noon(plus: index)) }
            try await stores.credentials.record([.sample(key: "key 1")])
            func remove(before seconds: Int64) async throws -> Int {
                try await stores.credentials.removeCredentials(endedBefore: .noon(plus: seconds), limit: 2)
            }
            #expect(try await remove(before: 1) == 0)
            #expect(try await remove(before: 2) == 1)
            #expect(try await remove(before: 100) == 2)
            #expect(try await remove(before: 100) == 0)
            #expect(try await stores.keys() == ["key 3": nil])
            #expect(try await stores.credentials.clients(of: "key 1", in: Sample.acme.tenant) == nil)
        },
        StoreRule("a secret's digest comes back as it was, for its key alone") { stores in
            try await stores.installSamples()
            _ = try await stores.add("new", overlap: 600)
            let found = try await stores.directory.credential("new", in: Sample.acme.tenant)
            #expect(found == (try Sample.acme.credential("new")))
            #expect(try await stores.directory.credential("new", in: Sample.globex.tenant) == nil)
        },
    ]

    @Sendable
    private static func endings(_ stores: Stores) async throws {
        try await stores.installSamples()
        #expect(try await stores.end("KEY") == .notFound)
        #expect(try await stores.end("key\0") == .notFound)
        #expect(try await stores.end("key", sparingLast: true) == .isLast)
        #expect(try await stores.keys() == ["key": nil])
        _ = try await stores.add("new", overlap: 600)
        #expect(try await stores.end("new", of: .globex) == .notFound)
        #expect(try await stores.end("key", at: .noon(plus: 60), sparingLast: true) == .ended)
        #expect(try await stores.end("key", at: .noon(plus: 90), sparingLast: true) == .ended)
        #expect(try await stores.keys() == ["key": .noon(plus: 60), "new": nil])
        #expect(try await stores.end("new", at: .noon(plus: 60), sparingLast: true) == .isLast)
        #expect(try await stores.end("new", at: .noon(plus: 60)) == .ended)
        #expect(try await stores.keys(of: .globex) == ["key": nil])
    }
}

extension StoreRule {
    static let credentialUses = [
        StoreRule("uses of one client add up, and are of one tenant alone") { stores in
            try await stores.installSamples()
            try await stores.credentials.record([.sample(at: 10...20), .sample(agent: "other", at: 30...30)])
            try await stores.credentials.record([.sample(at: 5...15, uses: 3)])
            let clients = try await stores.credentials.clients(of: "key", in: Sample.acme.tenant)
            #expect(clients == [.sample(agent: "other", at: 30...30), .sample(at: 5...20, uses: 4)])
            #expect(try await stores.credentials.clients(of: "key", in: Sample.globex.tenant) == [])
            #expect(try await stores.credentials.clients(of: "KEY", in: Sample.acme.tenant) == nil)
            let listed = try await stores.credentials.credentials(of: Sample.acme.tenant)
            #expect(listed.map(\.lastUsedAt) == [.noon(plus: 30)])
            #expect(try await stores.credentials.credentials(of: Sample.globex.tenant).map(\.lastUsedAt) == [nil])
        },
        StoreRule("uses of a credential that is no more are left out, and the others stored") { stores in
            try await stores.installSamples()
            try await stores.credentials.record([.sample(key: "gone"), .sample()])
            #expect(try await stores.credentials.clients(of: "key", in: Sample.acme.tenant) == [.sample()])
        },
        StoreRule("of very many clients those that used a credential last are remembered") { stores in
            try await stores.installSamples()
            let uses = (0..<Int64(CredentialUse.clientsKept + 10)).map { index in
                CredentialUse.sample(agent: "\(index)", at: index...index)
            }
            try await stores.credentials.record(uses)
            let clients = try await stores.credentials.clients(of: "key", in: Sample.acme.tenant)
            #expect(clients == uses.suffix(CredentialUse.clientsKept).reversed())
        },
    ]
}

extension Sample {
    fileprivate func credential(
        _ key: String,
        createdAt: Timestamp = .noon,
        expiresAt: Timestamp? = nil
    ) throws -> TenantCredential {
        TenantCredential(
            tenant: tenant,
            key: key,
            secretDigest: Array(repeating: UInt8(number), count: 32),
            createdAt: createdAt,
            expiresAt: expiresAt
        )
    }
}

extension CredentialUse {
    /// A use of a credential of Acme's.
    fileprivate static func sample(
        key: String = "key",
        agent: String = "agent",
        at seconds: ClosedRange<Int64> = 0...0,
        uses: Int = 1
    ) -> CredentialUse {
        CredentialUse(
            tenant: Sample.acme.tenant,
            key: key,
            client: CredentialClient(address: "192.0.2.1", userAgent: agent),
            firstAt: .noon(plus: seconds.lowerBound),
            lastAt: .noon(plus: seconds.upperBound),
            uses: uses
        )
    }
}

extension Stores {
    /// Adds a credential to Acme's.
    fileprivate func add(_ key: String, overlap: Int64, at now: Timestamp = .noon) async throws -> CredentialAddition {
        try await credentials.add(
            Sample.acme.credential(key, createdAt: now),
            endingOthersAt: now + .seconds(overlap),
            at: now
        )
    }

    fileprivate func end(
        _ key: String,
        of sample: Sample = .acme,
        at now: Timestamp = .noon,
        sparingLast: Bool = false
    ) async throws -> CredentialEnding {
        try await credentials.end(key, of: sample.tenant, at: now, sparingLast: sparingLast)
    }

    /// A tenant's keys and when each ends.
    fileprivate func keys(of sample: Sample = .acme) async throws -> [String: Timestamp?] {
        let listed = try await credentials.credentials(of: sample.tenant)
        return Dictionary(uniqueKeysWithValues: listed.map { ($0.credential.key, $0.credential.expiresAt) })
    }
}
