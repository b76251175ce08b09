public import FinHubAPI
public import FinHubCore
import Foundation
import GRDB

/// Tenants' credentials and their uses in one SQLite file.
public struct SQLiteCredentialStore: CredentialStore {
    private let database: SQLiteDatabase

    init(_ database: SQLiteDatabase) {
        self.database = database
    }

    public func credentials(of tenant: TenantID) async throws -> [ListedCredential] {
        try await database.read { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT \(CredentialRecord.columns), (
                        SELECT max(last_at) FROM credential_use AS known
                        WHERE known.tenant = credential.tenant AND known.key = credential.key)
                    FROM credential WHERE tenant = ? ORDER BY created_at, key
                    """
            )
            return try Row.fetchAll(statement, arguments: [tenant.data]).map { row in
                ListedCredential(
                    credential: try CredentialRecord.credential(row),
                    lastUsedAt: (row[5] as Int64?).map(Timestamp.init(microseconds:))
                )
            }
        }
    }

    public func add(
        _ new: TenantCredential,
        endingOthersAt moment: Timestamp,
        at now: Timestamp,
        noting note: AuditNote<CredentialAddition>
    ) async throws -> CredentialAddition {
        try await database.write(noting: note) { db in
            let tenant = TenantCredentials(tenant: new.tenant)
            let inForce = try tenant.inForce(at: now, db)
            guard inForce.count < TenantCredential.maximumInForce else {
                return .limitReached(until: inForce.compactMap(\.expiresAt).min())
            }
            for other in inForce { try tenant.end(other.key, at: moment, db) }
            try CredentialRecord.insert(new, db)
            try tenant.forgetEnded(at: now, db)
            return .added(others: inForce.map { $0.ending(at: moment) })
        }
    }

    public func end(
        _ key: String,
        of tenant: TenantID,
        at now: Timestamp,
        sparingLast: Bool,
        noting note: AuditNote<CredentialEnding>
    ) async throws -> CredentialEnding {
        try await database.write(noting: note) { db in
            let credentials = TenantCredentials(tenant: tenant)
            guard try credentials.has(key, db) else { return .notFound }
            let inForce = try credentials.inForce(at: now, db)
            guard let ending = inForce.first(where: { $0.key.utf8.elementsEqual(key.utf8) }) else { return .ended }
            // One that is about to end itself is no substitute for one that lasts.
            let others = inForce.filter { $0.key != ending.key }
            let isReplaced = others.contains { $0.expiresAt == nil || ending.expiresAt != nil }
            guard isReplaced || !sparingLast else { return .isLast }
            try credentials.end(key, at: now, db)
            return .ended
        }
    }

    public func removeCredentials(endedBefore moment: Timestamp, limit: Int) async throws -> Int {
        try await database.writer.write { db in
            try db.cachedStatement(sql: Self.removal).execute(arguments: [moment.microseconds, limit])
            return db.changesCount
        }
    }

    static let removal = """
        DELETE FROM credential WHERE (tenant, key) IN (
            SELECT tenant, key FROM credential WHERE expires_at < ? ORDER BY expires_at LIMIT ?)
        """
}

// MARK: Uses

extension SQLiteCredentialStore {
    public func clients(of key: String, in tenant: TenantID) async throws -> [CredentialUse]? {
        try await database.read { db in
            guard try TenantCredentials(tenant: tenant).has(key, db) else { return nil }
            let statement = try db.cachedStatement(
                sql: """
                    SELECT address, user_agent, first_at, last_at, uses FROM credential_use
                    WHERE tenant = ? AND key = ? ORDER BY last_at DESC, address, user_agent
                    """
            )
            return try Row.fetchAll(statement, arguments: [tenant.data, Data(key.utf8)]).map { row in
                CredentialUse(
                    tenant: tenant,
                    key: key,
                    client: CredentialClient(address: row[0], userAgent: row[1]),
                    firstAt: Timestamp(microseconds: row[2]),
                    lastAt: Timestamp(microseconds: row[3]),
                    uses: row[4]
                )
            }
        }
    }

    public func record(_ uses: [CredentialUse]) async throws {
        guard !uses.isEmpty else { return }
        try await database.writer.write { db in
            for use in uses { try CredentialUseRecord.add(use, db) }
            for credential in Set(uses.map { [$0.tenant.data, Data($0.key.utf8)] }) {
                try CredentialUseRecord.makeRoom(credential, db)
            }
        }
    }
}

extension TenantCredential {
    /// The same with that end, or its own when that is sooner.
    fileprivate func ending(at moment: Timestamp) -> TenantCredential {
        TenantCredential(
            tenant: tenant,
            key: key,
            secretDigest: secretDigest,
            createdAt: createdAt,
            expiresAt: expiresAt.map { min($0, moment) } ?? moment
        )
    }
}
