public import FinHubAPI
import Synchronization

/// What administers a tenant itself: its session policy, its allowlist and its status.
///
/// A new policy or allowlist is in force on this server at once, and on every other as soon as it reads the feed.
public struct TenantService: Sendable {
    private let store: any TenantStore
    private let directory: any DirectoryStore
    private let tenants: TenantDirectory
    private let audit: AuditLog
    private let now: @Sendable () -> Timestamp
    private let trials = Turnstile()

    public init(
        stores: Stores,
        tenants: TenantDirectory,
        audit: AuditLog,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.audit = audit
        store = stores.tenants
        directory = stores.directory
        self.tenants = tenants
        self.now = now
    }

    /// Every tenant, in the order of their slugs.
    public func tenants() async throws -> [Tenant] {
        try await directory.tenants()
    }

    /// The tenant as it stands.
    ///
    /// - Throws: ``TenantRefusal/notFound``.
    public func tenant(_ id: TenantID) async throws -> Tenant {
        guard let tenant = try await directory.tenant(id) else { throw TenantRefusal.notFound }
        return tenant
    }

    /// Replaces the session policy, if it is still an edition that `isExpected` accepts.
    ///
    /// Sessions that live go on: from their next refresh the new token's lifetime is the new policy's, and
    /// what a session was opened with, its absolute end, stays. Strict revocation, and whatever is asked of
    /// a login, count from the next call on. A second factor may be required by somebody who has none:
    /// whoever has none, the caller too, can enrol one and do nothing else from the next refresh or login on.
    ///
    /// - Throws: ``TenantRefusal``, and nothing is changed.
    public func replacePolicy(
        of tenant: TenantID,
        with policy: SessionPolicy,
        ifMatching isExpected: (_ version: Int64) -> Bool
    ) async throws -> Versioned<SessionPolicy> {
        let current = try await self.tenant(tenant).policy
        guard isExpected(current.version) else { throw TenantRefusal.changedMeanwhile }
        let new = try await store.replacePolicy(
            of: tenant,
            version: current.version,
            with: policy,
            at: now(),
            noting: noteOfChange("policy", in: tenant, from: current.value.auditText, to: policy.auditText)
        )
        guard let new else { throw TenantRefusal.changedMeanwhile }
        tenants.adopt(new, of: tenant)
        return new
    }

    /// Replaces the allowlist, if it is still an edition that `isExpected` accepts.
    ///
    /// Sessions that live are not ended: a call from an address that the list does not admit is refused, and
    /// works again from one that it does.
    ///
    /// - Parameters:
    ///   - tenant: Whose list it is.
    ///   - ranges: The new list; empty for no restriction.
    ///   - kept: Whose address the new list must admit; `nil` to replace it come what may.
    ///   - isExpected: Whether the caller knows an edition.
    /// - Returns: The new edition.
    /// - Throws: ``TenantRefusal``, and nothing is changed.
    public func replaceAllowlist(
        of tenant: TenantID,
        with ranges: [NetworkRange],
        keepingIn kept: ClientAt?,
        ifMatching isExpected: (_ version: Int64) -> Bool
    ) async throws -> Versioned<[NetworkRange]> {
        let current = try await self.tenant(tenant).allowlist
        guard isExpected(current.version) else { throw TenantRefusal.changedMeanwhile }
        if let kept, !AddressAllowlist(ranges).admits(kept.address) { throw TenantRefusal.wouldLockOut(kept.address) }
        let new = try await store.replaceAllowlist(
            of: tenant,
            version: current.version,
            with: ranges,
            at: now(),
            noting: noteOfChange("allowlist", in: tenant, from: current.value.auditText, to: ranges.auditText)
        )
        guard let new else { throw TenantRefusal.changedMeanwhile }
        tenants.adopt(new, of: tenant)
        return new
    }

    /// Suspends a tenant, or lets it in again.
    ///
    /// A suspended tenant's sessions are not ended: while it is suspended nobody gets in or calls anything. It is
    /// in force on each server, this one too, as soon as it reads the feed.
    ///
    /// - Throws: ``TenantRefusal/notFound``.
    public func setStatus(of tenant: TenantID, to status: Tenant.Status) async throws {
        let note: AuditNote<Bool> = audit.note(in: tenant) { isDone in
            isDone
                ? AuditHappening(
                    event: .administered,
                    object: "tenant",
                    changes: [AuditChange("status", after: status.rawValue)]
                ) : nil
        }
        guard try await store.setStatus(of: tenant, to: status, at: now(), noting: note) else {
            throw TenantRefusal.notFound
        }
    }

    private func noteOfChange<New>(
        _ object: String,
        in tenant: TenantID,
        from before: String,
        to after: String
    ) -> AuditNote<New?> {
        audit.note(in: tenant) { new in
            new.map { _ in
                AuditHappening(
                    event: .administered,
                    object: object,
                    changes: [AuditChange(object, before: before, after: after)]
                )
            }
        }
    }

    /// Which of the logins of the last 30 days an allowlist would have refused.
    ///
    /// Sessions are kept for 30 days after their end (``Housekeeping``), so that none of these is missing;
    /// of a tenant with more than ``loginsTried`` of them, the newest are looked at.
    ///
    /// - Throws: ``TenantRefusal/busy`` while another is under way: many rows are read, and others wait to read.
    public func trial(of ranges: [NetworkRange], in tenant: TenantID) async throws -> AllowlistTrial {
        guard trials.enter() else { throw TenantRefusal.busy }
        defer { trials.leave() }
        let since = now() - Self.trialPeriod
        let recent = try await store.logins(to: tenant, since: since, limit: Self.loginsTried)
        return AllowlistTrial(of: AddressAllowlist(ranges), on: recent, since: since)
    }

    static let trialPeriod: Duration = .seconds(30 * 86_400)
    static let loginsTried = 100_000
}

/// A client of whom no more is known than where it is: `nil` where there is no connection.
public struct ClientAt: Hashable, Sendable {
    public let address: NetworkAddress?

    public init(_ address: NetworkAddress?) {
        self.address = address
    }
}

/// What an allowlist would have done to the logins that there were.
public struct AllowlistTrial: Hashable, Sendable {
    /// How many addresses are told of.
    static let limit = 100

    /// From when on logins were looked at.
    public let since: Timestamp
    /// How many there were.
    public let logins: Int
    /// How many of them would have been refused.
    public let refused: Int
    /// Whether every login since then was looked at.
    public let isComplete: Bool
    /// Where the refused ones came from, the latest first; at most 100.
    public let addresses: [AddressLogins]

    init(of allowlist: AddressAllowlist, on recent: RecentLogins, since: Timestamp) {
        let refused = recent.addresses.filter { !allowlist.admits($0.address.flatMap { NetworkAddress($0) }) }
        self.since = since
        logins = recent.addresses.reduce(0) { $0 + $1.logins }
        self.refused = refused.reduce(0) { $0 + $1.logins }
        isComplete = recent.isComplete
        addresses = Array(refused.prefix(Self.limit))
    }
}

/// Why a tenant was not changed.
public enum TenantRefusal: Error, Hashable, Sendable {
    case notFound
    /// It is no longer the edition that the caller knows.
    case changedMeanwhile
    /// The allowlist does not admit the caller, whose address that is.
    case wouldLockOut(NetworkAddress?)
    /// It is too much at once; nothing was looked at.
    case busy
}

/// Lets in one at a time, and nobody waits.
private final class Turnstile: Sendable {
    private let isTaken = Atomic(false)

    func enter() -> Bool { !isTaken.exchange(true, ordering: .acquiring) }

    func leave() { isTaken.store(false, ordering: .releasing) }
}

extension SessionPolicy {
    fileprivate var auditText: String { String(decoding: body.jsonBytes, as: UTF8.self) }
}

extension [NetworkRange] {
    /// A list may have ten thousand ranges; the log has room for so many of them.
    fileprivate var auditText: String {
        let shown = prefix(100).map(\.description).joined(separator: " ")
        return count > 100 ? "\(shown) and \(count - 100) more" : shown
    }
}
