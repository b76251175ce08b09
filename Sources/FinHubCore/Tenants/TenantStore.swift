public import FinHubAPI

/// Changes tenants, and tells who logged in to them from where.
///
/// The promises of ``SessionStore`` hold here too; each change tells the feed of its tenant.
public protocol TenantStore: Sendable {
    /// Puts another policy in place of the edition `version`, and counts one up.
    ///
    /// - Returns: The new edition; `nil`, and nothing is changed, when it is no longer that one.
    func replacePolicy(
        of tenant: TenantID,
        version: Int64,
        with policy: SessionPolicy,
        at now: Timestamp,
        noting note: AuditNote<Versioned<SessionPolicy>?>
    ) async throws -> Versioned<SessionPolicy>?

    /// Puts another allowlist in place of the edition `version`, and counts one up.
    ///
    /// - Returns: The new edition; `nil`, and nothing is changed, when it is no longer that one.
    func replaceAllowlist(
        of tenant: TenantID,
        version: Int64,
        with ranges: [NetworkRange],
        at now: Timestamp,
        noting note: AuditNote<Versioned<[NetworkRange]>?>
    ) async throws -> Versioned<[NetworkRange]>?

    /// Suspends a tenant, or lets it in again; `false` when there is no such tenant.
    func setStatus(
        of tenant: TenantID,
        to status: Tenant.Status,
        at now: Timestamp,
        noting note: AuditNote<Bool>
    ) async throws -> Bool

    /// The tenant's logins since a moment, the newest `limit` of them, by address; ended sessions count too.
    func logins(to tenant: TenantID, since moment: Timestamp, limit: Int) async throws -> RecentLogins
}

/// The same, leaving nothing in the audit log.
extension TenantStore {
    public func replacePolicy(
        of tenant: TenantID,
        version: Int64,
        with policy: SessionPolicy,
        at now: Timestamp
    ) async throws -> Versioned<SessionPolicy>? {
        try await replacePolicy(of: tenant, version: version, with: policy, at: now, noting: .none)
    }

    public func replaceAllowlist(
        of tenant: TenantID,
        version: Int64,
        with ranges: [NetworkRange],
        at now: Timestamp
    ) async throws -> Versioned<[NetworkRange]>? {
        try await replaceAllowlist(of: tenant, version: version, with: ranges, at: now, noting: .none)
    }

    public func setStatus(of tenant: TenantID, to status: Tenant.Status, at now: Timestamp) async throws -> Bool {
        try await setStatus(of: tenant, to: status, at: now, noting: .none)
    }
}

/// The logins to a tenant within some time.
public struct RecentLogins: Hashable, Sendable {
    /// The address that was logged in from last comes first.
    public let addresses: [AddressLogins]
    /// Whether these are all; else there were more than could be looked at, before these.
    public let isComplete: Bool

    public init(addresses: [AddressLogins], isComplete: Bool) {
        self.addresses = addresses
        self.isComplete = isComplete
    }
}

/// The logins from one address.
public struct AddressLogins: Hashable, Sendable {
    /// As the session has it; `nil` where none was known.
    public let address: String?
    public let logins: Int
    /// How many users they were of.
    public let users: Int
    public let lastAt: Timestamp

    public init(address: String?, logins: Int, users: Int, lastAt: Timestamp) {
        self.address = address
        self.logins = logins
        self.users = users
        self.lastAt = lastAt
    }
}
