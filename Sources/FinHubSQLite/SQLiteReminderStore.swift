public import FinHubAPI
public import FinHubCore
import GRDB

/// Finds old secrets and passwords in one SQLite file.
public struct SQLiteReminderStore: ReminderStore {
    private let database: SQLiteDatabase

    init(_ database: SQLiteDatabase) {
        self.database = database
    }

    public func reminders(of tenant: TenantID, at now: Timestamp, limit: Int) async throws -> [Reminder] {
        let (secretsBefore, passwordsBefore) = (now - ReminderAge.tenantSecret, now - ReminderAge.password)
        return try await database.read { db in
            let secrets = try Row.fetchAll(
                db.cachedStatement(sql: Self.secretsOfTenant),
                arguments: [tenant.data, secretsBefore.microseconds, now.microseconds, limit]
            )
            let passwords = try Row.fetchAll(
                db.cachedStatement(sql: Self.passwordsOfTenant),
                arguments: [tenant.data, passwordsBefore.microseconds, limit - secrets.count]
            )
            return try secrets.map { row in
                let credential = try CredentialRecord.credential(row)
                return Reminder(.tenantSecret(key: credential.key), since: credential.createdAt)
            } + passwords.map(Self.password)
        }
    }

    private static func password(_ row: Row) throws -> Reminder {
        guard let user = UserID(row[0]) else { throw DatabaseError.malformedRow(of: "user") }
        return Reminder(.password(of: user), since: Timestamp(microseconds: row[1]))
    }

    public func summary(at now: Timestamp) async throws -> ReminderSummary {
        let (secretsBefore, passwordsBefore) = (now - ReminderAge.tenantSecret, now - ReminderAge.password)
        return try await database.read { db in
            let secrets = try Row.fetchAll(
                db.cachedStatement(sql: Self.secrets),
                arguments: [secretsBefore.microseconds, now.microseconds]
            )
            let passwords = try Row.fetchAll(
                db.cachedStatement(sql: Self.passwords),
                arguments: [passwordsBefore.microseconds]
            ).map { row in
                guard let tenant = TenantID(row[0]) else { throw DatabaseError.malformedRow(of: "user") }
                return TenantPasswords(tenant: tenant, count: row[1])
            }
            return ReminderSummary(
                secrets: try secrets.prefix(ReminderSummary.limit).map(CredentialRecord.credential),
                secretCount: secrets.count,
                passwords: Array(passwords.prefix(ReminderSummary.limit)),
                passwordCount: passwords.reduce(0) { $0 + $1.count }
            )
        }
    }
}

// MARK: Statements

extension SQLiteReminderStore {
    private static let secretsOfTenant = """
        SELECT \(CredentialRecord.columns) FROM credential
        WHERE tenant = ? AND created_at <= ? AND (expires_at IS NULL OR expires_at > ?)
        ORDER BY created_at, key LIMIT ?
        """

    static let passwordsOfTenant = """
        SELECT id, password_set_at FROM user
        WHERE tenant = ? AND status = 'active' AND password_set_at <= ?
        ORDER BY password_set_at, id LIMIT ?
        """

    private static let secrets = """
        SELECT \(CredentialRecord.columns) FROM credential
        WHERE created_at <= ? AND (expires_at IS NULL OR expires_at > ?) ORDER BY created_at, tenant, key
        """

    static let passwords = """
        SELECT tenant, count(*) AS users FROM user
        WHERE status = 'active' AND password_set_at <= ? GROUP BY tenant ORDER BY users DESC, tenant
        """
}
