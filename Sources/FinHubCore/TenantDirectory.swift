public import FinHubAPI
public import FinHubTokens
import Synchronization

/// Every tenant, in memory: a token check asks which tenant a header names, and no database.
public final class TenantDirectory: Sendable {
    /// A class, so that a check hands out one reference instead of a copy of a dozen fields.
    fileprivate final class Entry: Sendable {
        let tenant: Tenant
        let allowlist: AddressAllowlist

        init(_ tenant: Tenant, allowlist: AddressAllowlist? = nil) {
            self.tenant = tenant
            self.allowlist = allowlist ?? AddressAllowlist(tenant.allowlist.value)
        }
    }

    private struct Entries {
        var byID: [TenantID: Entry] = [:]
        var bySlug: [TenantSlug: TenantID] = [:]
    }

    private let entries = Mutex(Entries())

    public init() {}

    /// The tenant that an `X-Tenant-ID` names: by its UUID, or by its slug, case-sensitive.
    public func tenant(named name: String) -> Tenant? {
        entry(named: name)?.tenant
    }

    private func entry(named name: String) -> Entry? {
        entries.withLock { entries in
            if let id = TenantID(name) { return entries.byID[id] }
            return TenantSlug(rawValue: name).flatMap { entries.bySlug[$0] }.flatMap { entries.byID[$0] }
        }
    }

    /// The tenant of that identifier.
    public func tenant(_ id: TenantID) -> Tenant? {
        entry(id)?.tenant
    }

    private func entry(_ id: TenantID) -> Entry? {
        entries.withLock { $0.byID[id] }
    }

    /// The tenant's session policy; the standard one of a tenant that is not known.
    func policy(of tenant: TenantID) -> SessionPolicy {
        entry(tenant)?.tenant.policy.value ?? .standard
    }

    /// Whether the tenant's allowlist admits a client of that address.
    func admits(_ address: NetworkAddress?, to tenant: TenantID) -> Bool {
        entry(tenant)?.allowlist.admits(address) ?? false
    }

    /// What there is to say against a call of a token of `tenant` that names a tenant `name`.
    ///
    /// This is on the path of every request, and asks no database.
    public func objection(toCallOf tenant: TenantID, naming name: String, from address: NetworkAddress?)
        -> AccessObjection?
    {
        guard let entry = entry(named: name), entry.tenant.id == tenant else { return .otherTenant }
        guard entry.allowlist.admits(address) else { return .ipNotAllowed }
        guard entry.tenant.status == .active else { return .tenantSuspended }
        return nil
    }

    /// Whether the tenant would rather be refused than risk an ended session being let in.
    public func revokesStrictly(_ tenant: TenantID) -> Bool {
        entry(tenant)?.tenant.policy.value.revokesStrictly ?? false
    }

    /// Adds a tenant, or puts a newer reading of it in place.
    ///
    /// What was adopted here while it was read stays.
    func update(_ tenant: Tenant) {
        let allowlist = AddressAllowlist(tenant.allowlist.value)
        entries.withLock { entries in
            var entry = Entry(tenant, allowlist: allowlist)
            if let known = entries.byID[tenant.id] {
                entries.bySlug[known.tenant.slug] = nil
                entry = entry.withNewerParts(of: known)
            }
            entries.byID[tenant.id] = entry
            entries.bySlug[tenant.slug] = tenant.id
        }
    }

    /// Puts a new policy in force at once; nothing else that is known of the tenant grows older by it.
    func adopt(_ policy: Versioned<SessionPolicy>, of tenant: TenantID) {
        entries.withLock { entries in
            guard let known = entries.byID[tenant], known.tenant.policy.version < policy.version else { return }
            entries.byID[tenant] = Entry(known.tenant.with(policy: policy), allowlist: known.allowlist)
        }
    }

    /// Puts a new allowlist in force at once, in the same way.
    func adopt(_ allowlist: Versioned<[NetworkRange]>, of tenant: TenantID) {
        let addresses = AddressAllowlist(allowlist.value)
        entries.withLock { entries in
            guard let known = entries.byID[tenant], known.tenant.allowlist.version < allowlist.version else { return }
            entries.byID[tenant] = Entry(known.tenant.with(allowlist: allowlist), allowlist: addresses)
        }
    }
}

extension TenantDirectory.Entry {
    /// The same with what `other` has in a later edition.
    fileprivate func withNewerParts(of other: TenantDirectory.Entry) -> TenantDirectory.Entry {
        let keepsPolicy = other.tenant.policy.version > tenant.policy.version
        let keepsAllowlist = other.tenant.allowlist.version > tenant.allowlist.version
        guard keepsPolicy || keepsAllowlist else { return self }
        let merged = tenant.with(
            policy: keepsPolicy ? other.tenant.policy : nil,
            allowlist: keepsAllowlist ? other.tenant.allowlist : nil
        )
        return TenantDirectory.Entry(merged, allowlist: keepsAllowlist ? other.allowlist : allowlist)
    }
}

/// Why a good token is refused all the same.
public enum AccessObjection: Error, Hashable, Sendable {
    /// The request names another tenant than the token's.
    case otherTenant
    /// The client's address is not on the tenant's allowlist.
    case ipNotAllowed
    case tenantSuspended
    /// The token is bound to another client.
    case otherClient
    /// The tenant's policy is strict, and this server can't learn what others ended.
    case revocationsUnknown
    /// The token is good for one thing alone, and this is not it.
    case restricted(TokenRestriction)
}
