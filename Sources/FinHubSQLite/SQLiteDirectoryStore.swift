public import FinHubAPI
public import FinHubCore
import Foundation
import GRDB

/// Tenants, credentials, keys, organizations and users in one SQLite file.
public struct SQLiteDirectoryStore: DirectoryStore {
    private let database: SQLiteDatabase

    init(_ database: SQLiteDatabase) {
        self.database = database
    }

    public func tenants() async throws -> [Tenant] {
        try await database.read { db in
            try Row.fetchAll(db, sql: "SELECT \(TenantRecord.columns) FROM tenant").map(TenantRecord.tenant)
        }
    }

    public func tenant(_ id: TenantID) async throws -> Tenant? {
        try await database.read { db in
            let sql = "SELECT \(TenantRecord.columns) FROM tenant WHERE id = ?"
            return try Row.fetchOne(db, sql: sql, arguments: [id.data]).map(TenantRecord.tenant)
        }
    }

    public func signingKeys() async throws -> [SigningKeyRecord] {
        try await database.read { db in
            let sql = "SELECT tenant, number, created_at FROM signing_key ORDER BY tenant, number"
            return try Row.fetchAll(db, sql: sql).map(TenantRecord.signingKey)
        }
    }

    public func signingKeys(of tenant: TenantID) async throws -> [SigningKeyRecord] {
        try await database.read { db in
            let sql = "SELECT tenant, number, created_at FROM signing_key WHERE tenant = ? ORDER BY number"
            return try Row.fetchAll(db, sql: sql, arguments: [tenant.data]).map(TenantRecord.signingKey)
        }
    }

    public func credential(_ key: String, in tenant: TenantID) async throws -> TenantCredential? {
        try await database.read { db in
            let sql = """
                SELECT key, secret_digest, created_at, expires_at FROM tenant_credential WHERE tenant = ? AND key = ?
                """
            return try Row.fetchOne(db, sql: sql, arguments: [tenant.data, key]).map { row in
                TenantCredential(
                    tenant: tenant,
                    key: row[0],
                    secretDigest: Array(row[1] as Data),
                    createdAt: Timestamp(microseconds: row[2]),
                    expiresAt: (row[3] as Int64?).map(Timestamp.init(microseconds:))
                )
            }
        }
    }

    public func user(_ id: UserID, in tenant: TenantID) async throws -> User? {
        try await database.read { db in
            let sql = "SELECT \(UserRecord.columns) FROM user WHERE tenant = ? AND id = ?"
            return try Row.fetchOne(db, sql: sql, arguments: [tenant.data, id.data]).map(UserRecord.user)
        }
    }

    public func organization(_ id: OrganizationID, in tenant: TenantID) async throws -> Organization? {
        try await database.read { db in
            let sql = "SELECT name FROM organization WHERE tenant = ? AND id = ?"
            return try String.fetchOne(db, sql: sql, arguments: [tenant.data, id.data])
                .map { Organization(id: id, tenant: tenant, name: $0) }
        }
    }

    public func replacePasswordHash(
        of user: UserID,
        in tenant: TenantID,
        from old: Secret<String>,
        to new: Secret<String>
    ) async throws -> Bool {
        try await database.writer.write { db in
            try db.execute(
                sql: "UPDATE user SET password_hash = ? WHERE tenant = ? AND id = ? AND password_hash = ?",
                arguments: [new.reveal(), tenant.data, user.data, old.reveal()]
            )
            return db.changesCount == 1
        }
    }

    public func hierarchy(of tenant: TenantID) async throws -> VersionedHierarchy? {
        let row = try await database.read { db in
            try Row.fetchOne(
                db,
                sql: "SELECT version, document FROM hierarchy WHERE tenant = ?",
                arguments: [tenant.data]
            )
            .map { ($0[0] as Int64, $0[1] as Data) }
        }
        guard let (version, document) = row else { return nil }
        guard let object = try JSON(document).object else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "malformed hierarchy")
        }
        return VersionedHierarchy(version: version, hierarchy: try CategorizationBody(object))
    }

    public func replaceHierarchy(
        of tenant: TenantID,
        version: Int64,
        with hierarchy: CategorizationBody
    ) async throws -> Bool {
        let document = Data(hierarchy.jsonBytes)
        return try await database.writer.write { db in
            try db.execute(
                sql: "UPDATE hierarchy SET version = version + 1, document = ? WHERE tenant = ? AND version = ?",
                arguments: [document, tenant.data, version]
            )
            return db.changesCount == 1
        }
    }
}

// MARK: Installation

extension SQLiteDirectoryStore {
    public func install(_ installation: TenantInstallation) async throws -> Bool {
        let document = Data(installation.hierarchy.jsonBytes)
        return try await database.writer.write { db in
            guard try TenantRecord.insert(installation.tenant, db) else { return false }
            try TenantRecord.insert(installation.signingKey, db)
            try TenantRecord.insert(installation.credential, db)
            for organization in installation.organizations { try UserRecord.insert(organization, db) }
            for user in installation.users { try UserRecord.insert(user, db) }
            try db.execute(
                sql: "INSERT INTO hierarchy (tenant, version, document) VALUES (?, 1, ?)",
                arguments: [installation.tenant.id.data, document]
            )
            let change = ChangeRecord(
                tenant: installation.tenant.id,
                kind: .tenantChanged,
                relevantUntil: installation.credential.createdAt
            )
            try change.insert(db)
            return true
        }
    }
}
