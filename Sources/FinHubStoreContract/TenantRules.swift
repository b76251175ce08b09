import FinHubAPI
import FinHubCore
import Testing

extension StoreRule {
    static let tenantChanges = [
        StoreRule("a policy is replaced where it still has the version, counts one up and tells the feed") { stores in
            try await stores.installSamples()
            let (tenant, policy) = (Sample.acme.tenant, SessionPolicy.standard.withTokenLifetime(.seconds(600)))
            func replace(_ version: Int64) async throws -> Versioned<SessionPolicy>? {
                try await stores.tenants.replacePolicy(of: tenant, version: version, with: policy, at: .noon)
            }
            #expect(try await replace(0) == nil)
            #expect(try await replace(2) == nil)
            #expect(try await replace(1) == Versioned(2, policy))
            #expect(try await replace(1) == nil)
            #expect(try await stores.directory.tenant(tenant)?.policy == Versioned(2, policy))
            #expect(try await stores.directory.tenant(tenant)?.allowlist.version == 1)
            #expect(try await stores.directory.tenant(Sample.globex.tenant)?.policy == Versioned(1, .standard))
            #expect(try await stores.tenantsTold() == [Sample.acme.tenant])
        },
        StoreRule("an allowlist is replaced where it still has the version, counts one up and tells the feed") {
            stores in
            try await stores.installSamples()
            let (tenant, ranges) = (
                Sample.acme.tenant, ["192.0.2.0/24", "2001:db8::/32"].compactMap(NetworkRange.init)
            )
            func replace(_ version: Int64) async throws -> Versioned<[NetworkRange]>? {
                try await stores.tenants.replaceAllowlist(of: tenant, version: version, with: ranges, at: .noon)
            }
            #expect(try await replace(0) == nil)
            #expect(try await replace(1) == Versioned(2, ranges))
            #expect(try await replace(1) == nil)
            #expect(try await stores.directory.tenant(tenant)?.allowlist == Versioned(2, ranges))
            #expect(try await stores.directory.tenant(tenant)?.policy.version == 1)
            #expect(try await stores.directory.tenant(Sample.globex.tenant)?.allowlist == Versioned(1, []))
            #expect(try await stores.tenantsTold() == [Sample.acme.tenant])
        },
        StoreRule("a tenant is suspended and let in again, and no other is") { stores in
            try await stores.installSamples()
            let tenant = Sample.acme.tenant
            #expect(try await stores.tenants.setStatus(of: tenant, to: .suspended, at: .noon))
            #expect(try await stores.directory.tenant(tenant)?.status == .suspended)
            #expect(try await stores.directory.tenant(Sample.globex.tenant)?.status == .active)
            #expect(try await stores.tenants.setStatus(of: tenant, to: .active, at: .noon))
            #expect(try await stores.directory.tenant(tenant)?.status == .active)
            #expect(try await stores.tenantsTold() == [tenant, tenant])
            let unknown = TenantID(high: 9, low: 9)
            #expect(try await stores.tenants.setStatus(of: unknown, to: .suspended, at: .noon) == false)
        },
        StoreRule("logins are told by address, the latest first, of the tenant alone", check: loginsByAddress),
    ]

    @Sendable
    private static func loginsByAddress(_ stores: Stores) async throws {
        try await stores.installSamples()
        let (acme, tenant) = (Sample.acme, Sample.acme.tenant)
        try await stores.sessions.insert(acme.session(2, createdAt: .noon(plus: 20)))
        try await stores.sessions.insert(acme.session(3, of: acme.bob, createdAt: .noon(plus: 10)))
        _ = try await stores.sessions.end(
            acme.sessionID(3),
            in: tenant,
            for: .endedByAdministrator,
            at: .noon(plus: 30)
        )
        let address = acme.session().client.address
        let all = AddressLogins(address: address, logins: 3, users: 2, lastAt: .noon(plus: 20))
        let logins = stores.tenants.logins
        #expect(try await logins(tenant, .noon, 4) == RecentLogins(addresses: [all], isComplete: true))
        let two = AddressLogins(address: address, logins: 2, users: 2, lastAt: .noon(plus: 20))
        #expect(try await logins(tenant, .noon, 2) == RecentLogins(addresses: [two], isComplete: false))
        #expect(try await logins(tenant, .noon(plus: 10), 4) == RecentLogins(addresses: [two], isComplete: true))
        #expect(try await logins(tenant, .noon(plus: 21), 4) == RecentLogins(addresses: [], isComplete: true))
    }
}

extension Stores {
    /// Of which tenants the feed told after the installation.
    fileprivate func tenantsTold() async throws -> [TenantID] {
        try await changes.changes(after: 0, limit: 1_000).dropFirst(2).filter { $0.kind == .tenantChanged }.map(
            \.tenant
        )
    }
}
