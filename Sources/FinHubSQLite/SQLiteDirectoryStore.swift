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
        try await all("SELECT \(TenantRecord.columns) FROM tenant ORDER BY slug", as: TenantRecord.tenant)
    }

    public func tenant(_ id: TenantID) async throws -> Tenant? {
        try await all("SELECT \(TenantRecord.columns) FROM tenant WHERE id = ?", [id.data], as: TenantRecord.tenant)
            .first
    }

    public func signingKeys() async throws -> [SigningKeyRecord] {
        try await all("SELECT \(SigningKeyRow.columns) FROM signing_key ORDER BY tenant, number", as: SigningKeyRow.key)
    }

    public func signingKeys(of tenant: TenantID) async throws -> [SigningKeyRecord] {
        let sql = "SELECT \(SigningKeyRow.columns) FROM signing_key WHERE tenant = ? ORDER BY number"
        return try await all(sql, [tenant.data], as: SigningKeyRow.key)
    }

    public func credential(_ key: String, in tenant: TenantID) async throws -> TenantCredential? {
        let sql = "SELECT \(CredentialRecord.columns) FROM credential WHERE tenant = ? AND key = ?"
        return try await all(sql, [tenant.data, Data(key.utf8)], as: CredentialRecord.credential).first
    }

    public func user(_ id: UserID, in tenant: TenantID) async throws -> User? {
        let sql = "SELECT \(UserRecord.columns) FROM user WHERE tenant = ? AND id = ? AND status <> 'deleted'"
        return try await all(sql, [tenant.data, id.data], as: UserRecord.user).first
    }

    public func organizations(of tenant: TenantID) async throws -> [Organization] {
        let sql = "SELECT \(OrganizationRecord.columns) FROM organization WHERE tenant = ? ORDER BY id"
        return try await all(sql, [tenant.data], as: OrganizationRecord.organization)
    }

    public func organization(_ id: OrganizationID, in tenant: TenantID) async throws -> Organization? {
        let sql = "SELECT \(OrganizationRecord.columns) FROM organization WHERE tenant = ? AND id = ?"
        return try await all(sql, [tenant.data, id.data], as: OrganizationRecord.organization).first
    }

    private func all<Output: Sendable>(
        _ sql: String,
        _ arguments: [Data] = [],
        as decode: @escaping @Sendable (Row) throws -> Output
    ) async throws -> [Output] {
        try await database.read { db in
            try Row.fetchAll(db.cachedStatement(sql: sql), arguments: StatementArguments(arguments)).map(decode)
        }
    }
}

// MARK: Changes

extension SQLiteDirectoryStore {
    public func install(_ installation: TenantInstallation, noting note: AuditNote<Bool>) async throws -> Bool {
        guard installation.isOfOneTenant else { throw MixedInstallation() }
        return try await database.write(noting: note) { db in
            guard try TenantRecord.insert(installation.tenant, db) else { return false }
            try SigningKeyRow.insert(installation.signingKey, db)
            try CredentialRecord.insert(installation.credential, db)
            for organization in installation.organizations { try OrganizationRecord.insert(organization, db) }
            for user in installation.users { try UserRecord.insert(user, db) }
            try HierarchyRecord.insert(installation.hierarchy, of: installation.tenant.id, db)
            let until = installation.signingKey.createdAt + ChangeRecord.directoryChangeMatters
            try ChangeRecord.insert(.tenantChanged, in: installation.tenant.id, until: until, db)
            return true
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

    public func hierarchy(of tenant: TenantID) async throws -> Versioned<CategorizationBody>? {
        let sql = "SELECT \(HierarchyRecord.columns) FROM hierarchy WHERE tenant = ?"
        return try await all(sql, [tenant.data], as: HierarchyRecord.hierarchy).first
    }

    public func replaceHierarchy(
        of tenant: TenantID,
        version: Int64,
        with hierarchy: CategorizationBody,
        noting note: AuditNote<Bool>
    ) async throws -> Bool {
        try await database.write(noting: note) { db in
            try db.execute(
                sql: "UPDATE hierarchy SET version = version + 1, body = ? WHERE tenant = ? AND version = ?",
                arguments: [HierarchyRecord.text(hierarchy), tenant.data, version]
            )
            return db.changesCount == 1
        }
    }
}

/// An installation has parts of another tenant than its own.
public struct MixedInstallation: Error, Hashable, Sendable {}

extension TenantInstallation {
    fileprivate var isOfOneTenant: Bool {
        signingKey.tenant == tenant.id && credential.tenant == tenant.id
            && organizations.allSatisfy { $0.tenant == tenant.id } && users.allSatisfy { $0.tenant == tenant.id }
    }
}

/// One row of `hierarchy`.
private enum HierarchyRecord {
    static let columns = "version, body"

    static func text(_ hierarchy: CategorizationBody) -> String {
        String(decoding: hierarchy.jsonBytes, as: UTF8.self)
    }

    @Sendable
    static func hierarchy(_ row: Row) throws -> Versioned<CategorizationBody> {
        guard let object = try JSON((row[1] as String).utf8).object else {
            throw DatabaseError.malformedRow(of: "hierarchy")
        }
        return Versioned(row[0], try CategorizationBody(object))
    }

    static func insert(_ hierarchy: CategorizationBody, of tenant: TenantID, _ db: Database) throws {
        try db.execute(
            sql: "INSERT INTO hierarchy (tenant, version, body) VALUES (?, 1, ?)",
            arguments: [tenant.data, text(hierarchy)]
        )
    }
}
