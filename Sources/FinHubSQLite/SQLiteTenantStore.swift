public import FinHubAPI
public import FinHubCore
import Foundation
import GRDB

/// Changes of tenants in one SQLite file.
public struct SQLiteTenantStore: TenantStore {
    /// How long other servers can learn of a change from the feed: longer than any of them goes on
    /// without reading it.
    private static let changeMatters: Duration = .seconds(86_400)

    private let database: SQLiteDatabase

    init(_ database: SQLiteDatabase) {
        self.database = database
    }

    public func replacePolicy(
        of tenant: TenantID,
        version: Int64,
        with policy: SessionPolicy,
        at now: Timestamp,
        noting note: AuditNote<Versioned<SessionPolicy>?>
    ) async throws -> Versioned<SessionPolicy>? {
        try await change(
            """
            UPDATE tenant SET policy = ?, policy_version = policy_version + 1
            WHERE id = ? AND policy_version = ?
            """,
            [TenantRecord.text(policy), tenant.data, version],
            of: tenant,
            at: now,
            noting: note
        ) { isReplaced in isReplaced ? Versioned(version + 1, policy) : nil }
    }

    public func replaceAllowlist(
        of tenant: TenantID,
        version: Int64,
        with ranges: [NetworkRange],
        at now: Timestamp,
        noting note: AuditNote<Versioned<[NetworkRange]>?>
    ) async throws -> Versioned<[NetworkRange]>? {
        try await change(
            """
            UPDATE tenant SET allowlist = ?, allowlist_version = allowlist_version + 1
            WHERE id = ? AND allowlist_version = ?
            """,
            [TenantRecord.text(ranges), tenant.data, version],
            of: tenant,
            at: now,
            noting: note
        ) { isReplaced in isReplaced ? Versioned(version + 1, ranges) : nil }
    }

    public func setStatus(
        of tenant: TenantID,
        to status: Tenant.Status,
        at now: Timestamp,
        noting note: AuditNote<Bool>
    ) async throws -> Bool {
        try await change(
            "UPDATE tenant SET status = ? WHERE id = ?",
            [status.rawValue, tenant.data],
            of: tenant,
            at: now,
            noting: note
        ) { $0 }
    }

    /// Runs an update, and tells the feed when it changed something.
    private func change<Outcome: Sendable>(
        _ sql: String,
        _ arguments: StatementArguments,
        of tenant: TenantID,
        at now: Timestamp,
        noting note: AuditNote<Outcome>,
        _ outcome: @escaping @Sendable (_ isDone: Bool) -> Outcome
    ) async throws -> Outcome {
        try await database.write(noting: note) { db in
            try db.cachedStatement(sql: sql).execute(arguments: arguments)
            guard db.changesCount == 1 else { return outcome(false) }
            try ChangeRecord.insert(.tenantChanged, in: tenant, until: now + Self.changeMatters, db)
            return outcome(true)
        }
    }
}

// MARK: Logins

extension SQLiteTenantStore {
    public func logins(to tenant: TenantID, since moment: Timestamp, limit: Int) async throws -> RecentLogins {
        try await database.read { db in
            let statement = try db.cachedStatement(sql: Self.recentLogins)
            let arguments: StatementArguments = [tenant.data, moment.microseconds, limit]
            let addresses = try Row.fetchAll(statement, arguments: arguments).map { row in
                AddressLogins(
                    address: row[0],
                    logins: row[1],
                    users: row[2],
                    lastAt: Timestamp(microseconds: row[3])
                )
            }
            let isAll = addresses.reduce(0) { $0 + $1.logins } < limit
            return RecentLogins(addresses: addresses, isComplete: isAll)
        }
    }

    static let recentLogins = """
        SELECT address, count(*), count(DISTINCT user), max(created_at) AS last_at
        FROM (
            SELECT address, user, created_at FROM session
            WHERE tenant = ? AND created_at >= ? ORDER BY created_at DESC LIMIT ?)
        GROUP BY address ORDER BY last_at DESC, address
        """
}
