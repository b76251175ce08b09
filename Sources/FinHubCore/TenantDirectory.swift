public import FinHubAPI
import Synchronization

/// Every tenant, in memory: a token check asks which tenant a header names, and no database.
public final class TenantDirectory: Sendable {
    private struct Entries {
        var byID: [TenantID: Tenant] = [:]
        var bySlug: [TenantSlug: TenantID] = [:]
    }

    private let entries = Mutex(Entries())

    public init() {}

    /// The tenant that an `X-Tenant-ID` names: by its UUID, or by its slug, case-sensitive.
    public func tenant(named name: String) -> Tenant? {
        entries.withLock { entries in
            if let id = TenantID(name) { return entries.byID[id] }
            return TenantSlug(rawValue: name).flatMap { entries.bySlug[$0] }.flatMap { entries.byID[$0] }
        }
    }

    /// The tenant of that identifier.
    public func tenant(_ id: TenantID) -> Tenant? {
        entries.withLock { $0.byID[id] }
    }

    /// Adds a tenant, or puts a newer reading of it in place.
    func update(_ tenant: Tenant) {
        entries.withLock { entries in
            if let known = entries.byID[tenant.id] { entries.bySlug[known.slug] = nil }
            entries.byID[tenant.id] = tenant
            entries.bySlug[tenant.slug] = tenant.id
        }
    }
}
