import FinHubAPI
import FinHubCore
import Foundation
import GRDB

/// Rows of `tenant`, `signing_key` and `tenant_credential`.
enum TenantRecord {
    static let columns = "id, slug, name, compliance_level, status, epoch"

    static func tenant(_ row: Row) throws -> Tenant {
        guard let id = TenantID(row[0]), let slug = TenantSlug(rawValue: row[1]),
            let status = Tenant.Status(rawValue: row[4])
        else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "malformed tenant row") }
        return Tenant(id: id, slug: slug, name: row[2], complianceLevel: row[3], status: status, epoch: row[5])
    }

    static func signingKey(_ row: Row) throws -> SigningKeyRecord {
        guard let tenant = TenantID(row[0]) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "malformed signing key row")
        }
        return SigningKeyRecord(tenant: tenant, number: row[1], createdAt: Timestamp(microseconds: row[2]))
    }

    /// Adds the tenant; `false` when one of that identifier or slug exists.
    static func insert(_ tenant: Tenant, _ db: Database) throws -> Bool {
        try db.execute(
            sql: "INSERT INTO tenant (\(columns)) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            arguments: [
                tenant.id.data, tenant.slug.rawValue, tenant.name, tenant.complianceLevel, tenant.status.rawValue,
                tenant.epoch,
            ]
        )
        return db.changesCount == 1
    }

    static func insert(_ key: SigningKeyRecord, _ db: Database) throws {
        try db.execute(
            sql: "INSERT INTO signing_key (tenant, number, created_at) VALUES (?, ?, ?)",
            arguments: [key.tenant.data, key.number, key.createdAt.microseconds]
        )
    }

    static func insert(_ credential: TenantCredential, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO tenant_credential (tenant, key, secret_digest, created_at, expires_at)
                VALUES (?, ?, ?, ?, ?)
                """,
            arguments: [
                credential.tenant.data, credential.key, Data(credential.secretDigest),
                credential.createdAt.microseconds, credential.expiresAt?.microseconds,
            ]
        )
    }
}

/// Rows of `organization` and `user`.
enum UserRecord {
    static let columns = """
        tenant, id, organization, user_name, email, roles, status, password_hash, password_set_at, epoch
        """

    static func user(_ row: Row) throws -> User {
        guard let tenant = TenantID(row[0]), let id = UserID(row[1]), let organization = OrganizationID(row[2]),
            let status = User.Status(rawValue: row[6])
        else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "malformed user row") }
        return User(
            id: id,
            tenant: tenant,
            organization: organization,
            userName: row[3],
            email: row[4],
            roles: (row[5] as String).split(separator: " ").compactMap { Role(rawValue: String($0)) },
            status: status,
            passwordHash: Secret(row[7]),
            passwordSetAt: Timestamp(microseconds: row[8]),
            epoch: row[9]
        )
    }

    static func insert(_ organization: Organization, _ db: Database) throws {
        try db.execute(
            sql: "INSERT INTO organization (tenant, id, name) VALUES (?, ?, ?)",
            arguments: [organization.tenant.data, organization.id.data, organization.name]
        )
    }

    static func insert(_ user: User, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO user (\(columns), user_name_key, email_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                user.tenant.data, user.id.data, user.organization.data, user.userName, user.email,
                user.roles.map(\.rawValue).joined(separator: " "), user.status.rawValue,
                user.passwordHash.reveal(), user.passwordSetAt.microseconds, user.epoch,
                Data(SignInName(user.userName).utf8), Data(SignInName(user.email).utf8),
            ]
        )
    }
}
