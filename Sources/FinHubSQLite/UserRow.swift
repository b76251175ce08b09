import FinHubAPI
import FinHubCore
import Foundation
import GRDB

/// One row of `user` that is changed, and what hangs on it.
struct UserRow {
    let user: UserID
    let tenant: TenantID

    init(_ user: UserID, _ tenant: TenantID) {
        self.user = user
        self.tenant = tenant
    }

    private var key: [Data] { [tenant.data, user.data] }

    func user(_ db: Database) throws -> User? {
        let statement = try db.cachedStatement(
            sql: "SELECT \(UserRecord.columns) FROM user WHERE tenant = ? AND id = ? AND status <> 'deleted'"
        )
        return try Row.fetchOne(statement, arguments: StatementArguments(key)).map(UserRecord.user)
    }

    /// Which of the names another user of the tenant has, as user name or as e-mail.
    func takenName(_ userName: SignInName?, _ email: SignInName, _ db: Database) throws -> NameKind? {
        if let userName, try isTaken(userName, db) { return .userName }
        return try isTaken(email, db) ? .email : nil
    }

    static let findName = """
        SELECT TRUE FROM user
        WHERE tenant = ?1 AND (user_name_key = ?2 OR email_key = ?2) AND id <> ?3 LIMIT 1
        """

    private func isTaken(_ name: SignInName, _ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(sql: Self.findName)
        return try Bool.fetchOne(statement, arguments: [tenant.data, Data(name.utf8), user.data]) ?? false
    }

    static let findAdministrator = """
        SELECT TRUE FROM user INDEXED BY user_administrator
        WHERE tenant = ? AND id <> ? AND status = 'active' AND instr(' ' || roles || ' ', ' ADMIN ') > 0 LIMIT 1
        """

    /// Whether somebody else is an active ADMIN of the tenant.
    func leavesAdministrator(_ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(sql: Self.findAdministrator)
        return try Bool.fetchOne(statement, arguments: StatementArguments(key)) ?? false
    }

    func set(_ update: UserUpdate, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE user SET email = ?, email_key = ?, roles = ?, status = ?, version = version + 1
                WHERE tenant = ? AND id = ?
                """
        )
        let values: StatementArguments = [
            update.email, Data(SignInName(update.email).utf8), UserRecord.text(update.roles), update.status.rawValue,
        ]
        try statement.execute(arguments: values + StatementArguments(key))
    }

    func set(_ change: PasswordChange, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE user SET password_hash = ?, password_set_at = ?, has_temporary_password = ?,
                    version = version + 1
                WHERE tenant = ? AND id = ?
                """
        )
        let values: StatementArguments = [change.hash.reveal(), change.now.microseconds, change.isTemporary]
        try statement.execute(arguments: values + StatementArguments(key))
    }

    /// Keeps the present password among the user's last ones.
    func remember(_ present: User, keeping count: Int, _ db: Database) throws {
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO former_password (tenant, user, set_at, password_hash) VALUES (?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET password_hash = excluded.password_hash
                """
        )
        let values: StatementArguments = [present.passwordSetAt.microseconds, present.passwordHash.reveal()]
        try insert.execute(arguments: StatementArguments(key) + values)
        let trim = try db.cachedStatement(
            sql: """
                DELETE FROM former_password WHERE tenant = ?1 AND user = ?2 AND set_at NOT IN (
                    SELECT set_at FROM former_password WHERE tenant = ?1 AND user = ?2 ORDER BY set_at DESC LIMIT ?3)
                """
        )
        try trim.execute(arguments: StatementArguments(key) + [count])
    }

    /// Takes from the row all that is the user's: what stays is what sessions refer to.
    ///
    /// The names give way to one that nobody can have: a canonical form has no NUL at its beginning.
    func bury(_ db: Database) throws {
        for table in ["second_factor", "former_password", "known_client"] {
            let delete = try db.cachedStatement(sql: "DELETE FROM \(table) WHERE tenant = ? AND user = ?")
            try delete.execute(arguments: StatementArguments(key))
        }
        let statement = try db.cachedStatement(
            sql: """
                UPDATE user SET status = 'deleted', user_name = '', user_name_key = ?1, email = '', email_key = ?1,
                    roles = '', password_hash = '-', has_temporary_password = 0, has_second_factor = 0,
                    version = version + 1
                WHERE tenant = ?2 AND id = ?3
                """
        )
        try statement.execute(arguments: [Data([0]) + user.data] + StatementArguments(key))
    }

    static let forget = """
        DELETE FROM user WHERE (tenant, id) IN (
            SELECT tenant, id FROM user AS gone INDEXED BY user_deleted
            WHERE status = 'deleted'
                AND NOT EXISTS (SELECT TRUE FROM session WHERE session.tenant = gone.tenant AND session.user = gone.id)
                AND NOT EXISTS (SELECT TRUE FROM cut_off WHERE cut_off.tenant = gone.tenant AND cut_off.user = gone.id)
            LIMIT ?)
        """

    /// Lets other servers know that the user changed.
    func tell(at now: Timestamp, _ db: Database) throws {
        try ChangeRecord.insert(.userChanged(user), in: tenant, until: now + ChangeRecord.directoryChangeMatters, db)
    }
}
