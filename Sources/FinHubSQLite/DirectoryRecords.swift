import FinHubAPI
import FinHubCore
import Foundation
import GRDB

/// One row of `tenant`.
enum TenantRecord {
    static let columns = """
        id, slug, name, compliance_level, status, epoch, policy_version, policy, allowlist_version, allowlist
        """

    static func tenant(_ row: Row) throws -> Tenant {
        guard let id = TenantID(row[0]), let slug = TenantSlug(rawValue: row[1]),
            let status = Tenant.Status(rawValue: row[4]), let policy = try JSON((row[7] as String).utf8).object
        else { throw DatabaseError.malformedRow(of: "tenant") }
        return Tenant(
            id: id,
            slug: slug,
            name: row[2],
            complianceLevel: row[3],
            status: status,
            epoch: row[5],
            policy: Versioned(row[6], SessionPolicy(try PolicyBody(policy, shortestTokenLifetime: 1))),
            allowlist: Versioned(row[8], try ranges(row[9]))
        )
    }

    static func text(_ policy: SessionPolicy) -> String {
        String(decoding: policy.body.jsonBytes, as: UTF8.self)
    }

    static func text(_ ranges: [NetworkRange]) -> String {
        ranges.map(\.description).joined(separator: "\n")
    }

    /// A range that can't be read never means that anybody may come in.
    private static func ranges(_ text: String) throws -> [NetworkRange] {
        try text.utf8.split(separator: UInt8(ascii: "\n")).map { line in
            guard let range = NetworkRange(String(Substring(line))) else {
                throw DatabaseError.malformedRow(of: "tenant")
            }
            return range
        }
    }

    /// Adds the tenant; `false` when one of that identifier or slug exists.
    static func insert(_ tenant: Tenant, _ db: Database) throws -> Bool {
        try db.execute(
            sql: "INSERT INTO tenant (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            arguments: [
                tenant.id.data, tenant.slug.rawValue, tenant.name, tenant.complianceLevel,
                tenant.status.rawValue, tenant.epoch, tenant.policy.version, text(tenant.policy.value),
                tenant.allowlist.version, text(tenant.allowlist.value),
            ]
        )
        return db.changesCount == 1
    }
}

/// One row of `signing_key`.
enum SigningKeyRow {
    static let columns = "tenant, number, created_at"

    static func key(_ row: Row) throws -> SigningKeyRecord {
        guard let tenant = TenantID(row[0]) else { throw DatabaseError.malformedRow(of: "signing_key") }
        return SigningKeyRecord(tenant: tenant, number: row[1], createdAt: Timestamp(microseconds: row[2]))
    }

    static func insert(_ key: SigningKeyRecord, _ db: Database) throws {
        try db.execute(
            sql: "INSERT INTO signing_key (\(columns)) VALUES (?, ?, ?)",
            arguments: [key.tenant.data, key.number, key.createdAt.microseconds]
        )
    }
}

/// One row of `credential`.
enum CredentialRecord {
    static let columns = "tenant, key, secret_digest, created_at, expires_at"

    static func credential(_ row: Row) throws -> TenantCredential {
        guard let tenant = TenantID(row[0]) else { throw DatabaseError.malformedRow(of: "credential") }
        return TenantCredential(
            tenant: tenant,
            key: String(decoding: row[1] as Data, as: UTF8.self),
            secretDigest: Array(row[2] as Data),
            createdAt: Timestamp(microseconds: row[3]),
            expiresAt: (row[4] as Int64?).map(Timestamp.init(microseconds:))
        )
    }

    static func insert(_ credential: TenantCredential, _ db: Database) throws {
        try db.execute(
            sql: "INSERT INTO credential (\(columns)) VALUES (?, ?, ?, ?, ?)",
            arguments: [
                credential.tenant.data, Data(credential.key.utf8), Data(credential.secretDigest),
                credential.createdAt.microseconds, credential.expiresAt?.microseconds,
            ]
        )
    }
}

/// One row of `organization`.
enum OrganizationRecord {
    static let columns = "tenant, id, name"

    static func organization(_ row: Row) throws -> Organization {
        guard let tenant = TenantID(row[0]), let id = OrganizationID(row[1]) else {
            throw DatabaseError.malformedRow(of: "organization")
        }
        return Organization(id: id, tenant: tenant, name: row[2])
    }

    static func insert(_ organization: Organization, _ db: Database) throws {
        try db.execute(
            sql: "INSERT INTO organization (\(columns)) VALUES (?, ?, ?)",
            arguments: [organization.tenant.data, organization.id.data, organization.name]
        )
    }
}

/// One row of `user`.
enum UserRecord {
    static let columns = """
        tenant, id, organization, user_name, email, roles, status, password_hash, password_set_at, \
        has_temporary_password, has_second_factor, created_at, version, epoch
        """

    static func user(_ row: Row) throws -> User {
        guard let tenant = TenantID(row[0]), let id = UserID(row[1]), let organization = OrganizationID(row[2]),
            let status = User.Status(rawValue: row[6])
        else { throw DatabaseError.malformedRow(of: "user") }
        return User(
            id: id,
            tenant: tenant,
            organization: organization,
            userName: row[3],
            email: row[4],
            roles: try roles(row[5]),
            status: status,
            passwordHash: Secret(row[7]),
            passwordSetAt: Timestamp(microseconds: row[8]),
            hasTemporaryPassword: row[9],
            hasSecondFactor: row[10],
            createdAt: Timestamp(microseconds: row[11]),
            version: row[12],
            epoch: row[13]
        )
    }

    static func text(_ roles: [Role]) -> String {
        roles.map(\.rawValue).joined(separator: " ")
    }

    private static func roles(_ text: String) throws -> [Role] {
        try text.split(separator: " ").map { name in
            guard let role = Role(rawValue: String(name)) else { throw DatabaseError.malformedRow(of: "user") }
            return role
        }
    }

    static func insert(_ user: User, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO user (\(columns), user_name_key, email_key)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                user.tenant.data, user.id.data, user.organization.data, user.userName, user.email,
                text(user.roles), user.status.rawValue,
                user.passwordHash.reveal(), user.passwordSetAt.microseconds, user.hasTemporaryPassword,
                user.hasSecondFactor, user.createdAt.microseconds, user.version, user.epoch,
                Data(SignInName(user.userName).utf8), Data(SignInName(user.email).utf8),
            ]
        )
    }
}
