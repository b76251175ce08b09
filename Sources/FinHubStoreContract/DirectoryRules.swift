import FinHubAPI
import FinHubCore
import Testing

extension StoreRule {
    static let tenants = [
        StoreRule("an installed tenant comes back with all its parts, and none of another's", check: partsComeBack),
        StoreRule("a tenant is installed once, by identifier and by slug, and nothing is changed") { stores in
            try await stores.installSamples()
            #expect(try await stores.directory.install(Sample.acme.installation) == false)
            let sameSlug = Sample(number: 3, slug: "acme")
            #expect(try await stores.directory.install(sameSlug.installation) == false)
            #expect(try await stores.directory.tenant(sameSlug.tenant) == nil)
            #expect(try await stores.directory.user(sameSlug.ada, in: sameSlug.tenant) == nil)
            #expect(try await stores.directory.tenants().count == 2)
        },
        StoreRule("slugs differ by case") { stores in
            try await stores.installSamples()
            #expect(try await stores.directory.install(Sample(number: 3, slug: "Acme").installation))
        },
        StoreRule("an installation that fails leaves nothing", check: failedInstallationLeavesNothing),
        StoreRule("a credential is found by its key, byte for byte") { stores in
            try await stores.installSamples()
            for key in ["KEY", "ke", "key\0", "key\0junk", "k\u{212a}y", "key ", ""] {
                #expect(try await stores.directory.credential(key, in: Sample.acme.tenant) == nil)
            }
            #expect(try await stores.directory.credential("key", in: TenantID(high: 9, low: 9)) == nil)
        },
    ]

    @Sendable
    private static func partsComeBack(_ stores: Stores) async throws {
        try await stores.installSamples()
        for (sample, other) in [(Sample.acme, Sample.globex), (.globex, .acme)] {
            let expected = try sample.installation
            let directory = stores.directory
            #expect(try await directory.tenant(sample.tenant) == expected.tenant)
            #expect(try await directory.signingKeys(of: sample.tenant) == [expected.signingKey])
            #expect(try await directory.credential("key", in: sample.tenant) == expected.credential)
            #expect(
                try await directory.organization(sample.organization, in: sample.tenant) == expected.organizations[0]
            )
            #expect(try await directory.user(sample.ada, in: sample.tenant) == expected.users[0])
            #expect(try await directory.user(sample.bob, in: sample.tenant) == expected.users[1])
            let hierarchy = Versioned(1, expected.hierarchy)
            #expect(try await directory.hierarchy(of: sample.tenant) == hierarchy)
            #expect(try await directory.organization(sample.organization, in: other.tenant) == nil)
            #expect(try await directory.user(sample.ada, in: other.tenant) == nil)
        }
        #expect(try await Set(stores.directory.tenants().map(\.id)) == [Sample.acme.tenant, Sample.globex.tenant])
        let keys = try await stores.directory.signingKeys()
        #expect(try Set(keys) == [Sample.acme.installation.signingKey, Sample.globex.installation.signingKey])
    }

    @Sendable
    private static func failedInstallationLeavesNothing(_ stores: Stores) async throws {
        try await stores.installSamples()
        let third = Sample(number: 3, slug: "third")
        let whole = try third.installation
        let broken = TenantInstallation(
            tenant: whole.tenant,
            signingKey: whole.signingKey,
            credential: whole.credential,
            organizations: whole.organizations,
            users: [third.user(third.ada, named: "Kelvin"), third.user(third.bob, named: "\u{212a}ELVIN")],
            hierarchy: whole.hierarchy
        )
        await #expect(throws: (any Error).self) { try await stores.directory.install(broken) }
        #expect(try await stores.directory.tenant(third.tenant) == nil)
        #expect(try await stores.directory.hierarchy(of: third.tenant) == nil)
        #expect(try await stores.changes.changes(after: 0, limit: 100).count == 2)
        #expect(try await stores.directory.install(whole))
    }
}

extension StoreRule {
    static let users = [
        StoreRule("a password hash is replaced once, where it is still the old one", check: hashIsReplacedOnce),
        StoreRule("of many that replace one password hash at once exactly one does") { stores in
            try await stores.installSamples()
            let old = Sample.acme.user(Sample.acme.ada, named: "Ada").passwordHash
            let wins = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<16 {
                    group.addTask {
                        try await stores.directory.replacePasswordHash(
                            of: Sample.acme.ada,
                            in: Sample.acme.tenant,
                            from: old,
                            to: Secret("$argon2id$\(number)")
                        )
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(wins == 1)
        },
    ]

    @Sendable
    private static func hashIsReplacedOnce(_ stores: Stores) async throws {
        try await stores.installSamples()
        let (ada, tenant) = (Sample.acme.ada, Sample.acme.tenant)
        let old = Sample.acme.user(ada, named: "Ada").passwordHash
        let new = Secret("$argon2id$new")
        let directory = stores.directory
        #expect(try await directory.replacePasswordHash(of: ada, in: Sample.globex.tenant, from: old, to: new) == false)
        #expect(try await directory.replacePasswordHash(of: ada, in: tenant, from: new, to: old) == false)
        #expect(try await directory.replacePasswordHash(of: ada, in: tenant, from: old, to: new))
        #expect(try await directory.replacePasswordHash(of: ada, in: tenant, from: old, to: new) == false)
        #expect(try await directory.user(ada, in: tenant)?.passwordHash.matches(new) == true)
        let bob = Sample.acme.user(Sample.acme.bob, named: "Bob")
        #expect(try await directory.user(bob.id, in: tenant) == bob)
        let twin = Sample.globex.user(Sample.globex.ada, named: "Ada")
        #expect(try await directory.user(twin.id, in: Sample.globex.tenant) == twin)
    }
}

extension StoreRule {
    static let hierarchies = [
        StoreRule("a hierarchy is replaced where it still has the version, and counts one up") { stores in
            try await stores.installSamples()
            let (new, tenant) = (Sample.acme.hierarchy(named: "NEW"), Sample.acme.tenant)
            let directory = stores.directory
            #expect(try await directory.replaceHierarchy(of: tenant, version: 0, with: new) == false)
            #expect(try await directory.replaceHierarchy(of: tenant, version: 2, with: new) == false)
            #expect(try await directory.replaceHierarchy(of: tenant, version: 1, with: new))
            #expect(try await directory.replaceHierarchy(of: tenant, version: 1, with: new) == false)
            #expect(try await directory.hierarchy(of: tenant) == Versioned(2, new))
            let twin = Versioned(1, Sample.globex.hierarchy(named: "BASIC"))
            #expect(try await directory.hierarchy(of: Sample.globex.tenant) == twin)
        },
        StoreRule("an unknown tenant has no hierarchy, and none is put there") { stores in
            try await stores.installSamples()
            let unknown = TenantID(high: 9, low: 9)
            #expect(try await stores.directory.hierarchy(of: unknown) == nil)
            let body = Sample.acme.hierarchy(named: "NEW")
            #expect(try await stores.directory.replaceHierarchy(of: unknown, version: 0, with: body) == false)
        },
    ]
}
