public import FinHubAPI
public import FinHubCore
import Foundation
import GRDB

/// An organization's users in one SQLite file.
public struct SQLiteUserStore: UserStore {
    private let database: SQLiteDatabase

    init(_ database: SQLiteDatabase) {
        self.database = database
    }

    public func insert(_ user: User, noting note: AuditNote<UserOutcome>) async throws -> UserOutcome {
        try await database.write(noting: note) { db in
            let row = UserRow(user.id, user.tenant)
            if let name = try row.takenName(SignInName(user.userName), SignInName(user.email), db) {
                return .taken(name)
            }
            try UserRecord.insert(user, db)
            try row.tell(at: user.createdAt, db)
            return .done(user, nil)
        }
    }

    public func update(_ update: UserUpdate, noting note: AuditNote<UserOutcome>) async throws -> UserOutcome {
        try await database.write(noting: note) { db in
            let row = UserRow(update.user, update.tenant)
            guard let user = try row.user(db) else { return .absent }
            guard user.version == update.version else { return .changedMeanwhile }
            if try row.takenName(nil, SignInName(update.email), db) != nil { return .taken(.email) }
            if update.removesAdministrator, try !row.leavesAdministrator(db) { return .lastAdministrator }
            try row.set(update, db)
            try row.tell(at: update.now, db)
            let account = Account(user.id, user.organization, user.tenant)
            let cutOff =
                update.withdrawsAccess
                ? try account.cutOff(
                    for: .accessWithdrawn,
                    sparing: nil,
                    at: update.now,
                    tokensExpireBy: update.tokensExpireBy,
                    db
                ) : nil
            return .done(try row.user(db), cutOff)
        }
    }

    public func delete(_ removal: UserRemoval, noting note: AuditNote<UserOutcome>) async throws -> UserOutcome {
        try await database.write(noting: note) { db in
            let row = UserRow(removal.user, removal.tenant)
            guard let user = try row.user(db) else { return .absent }
            guard user.version == removal.version else { return .changedMeanwhile }
            if removal.removesAdministrator, try !row.leavesAdministrator(db) { return .lastAdministrator }
            let cutOff = try Account(user.id, user.organization, user.tenant).cutOff(
                for: .accessWithdrawn,
                sparing: nil,
                at: removal.now,
                tokensExpireBy: removal.tokensExpireBy,
                db
            )
            try row.bury(db)
            try row.tell(at: removal.now, db)
            return .done(nil, cutOff)
        }
    }

    public func forgetDeleted(limit: Int) async throws -> Int {
        try await database.writer.write { db in
            let statement = try db.cachedStatement(sql: UserRow.forget)
            try statement.execute(arguments: [limit])
            return db.changesCount
        }
    }
}

// MARK: Passwords

extension SQLiteUserStore {
    public func formerPasswords(of user: UserID, in tenant: TenantID) async throws -> [Secret<String>] {
        try await database.read { db in
            let statement = try db.cachedStatement(
                sql: "SELECT password_hash FROM former_password WHERE tenant = ? AND user = ? ORDER BY set_at DESC"
            )
            return try String.fetchAll(statement, arguments: [tenant.data, user.data]).map { Secret($0) }
        }
    }

    public func setPassword(_ change: PasswordChange, noting note: AuditNote<UserOutcome>) async throws -> UserOutcome {
        try await database.write(noting: note) { db in
            let row = UserRow(change.user, change.tenant)
            guard let user = try row.user(db) else { return .absent }
            guard change.replacing?.matches(user.passwordHash) ?? true, change.version ?? user.version == user.version
            else { return .changedMeanwhile }
            try row.remember(user, keeping: change.remembered, db)
            try row.set(change, db)
            try row.tell(at: change.now, db)
            let cutOff = try Account(user.id, user.organization, user.tenant).cutOff(
                for: .passwordChanged,
                sparing: change.spared,
                at: change.now,
                tokensExpireBy: change.tokensExpireBy,
                db
            )
            return .done(try row.user(db), cutOff)
        }
    }
}

// MARK: Lists

extension SQLiteUserStore {
    public func users(matching query: UserQuery, in tenant: TenantID) async throws -> [User]? {
        try await database.read { db in
            let isKnown = try db.cachedStatement(sql: "SELECT TRUE FROM organization WHERE tenant = ? AND id = ?")
            guard try Bool.fetchOne(isKnown, arguments: [tenant.data, query.organization.data]) ?? false else {
                return nil
            }
            var users: [User] = []
            if query.after?.foundBy != .email {
                users = try Self.page(.userName, query, in: tenant, limit: query.limit, db)
            }
            guard query.prefix != nil, users.count < query.limit else { return users }
            return try users + Self.page(.email, query, in: tenant, limit: query.limit - users.count, db)
        }
    }

    private static func page(
        _ name: NameKind,
        _ query: UserQuery,
        in tenant: TenantID,
        limit: Int,
        _ db: Database
    ) throws -> [User] {
        let after = query.after.flatMap { $0.foundBy == name ? $0.name.utf8 : nil }
        let prefix = query.prefix?.utf8 ?? []
        let arguments: StatementArguments = [
            "tenant": tenant.data, "organization": query.organization.data,
            // The next name in the order of bytes; and one that no name with the prefix comes after.
            "from": after.map { Data($0 + [0]) } ?? Data(prefix), "to": Data(prefix + [0xff]),
            "prefix": Data(prefix), "limit": limit,
        ]
        let statement = try db.cachedStatement(sql: list(name))
        return try Row.fetchAll(statement, arguments: arguments).map(UserRecord.user)
    }

    /// The query for a page of those found by one name; both take the same arguments.
    static func list(_ name: NameKind) -> String {
        let column = name == .userName ? "user_name_key" : "email_key"
        let isNew =
            switch name {
            case .userName: ":prefix IS NOT NULL"
            // By the user name they were found before.
            case .email: "NOT (user_name_key >= :prefix AND user_name_key < :to)"
            }
        return """
            SELECT \(UserRecord.columns) FROM user
            WHERE tenant = :tenant AND organization = :organization AND status <> 'deleted'
                AND \(column) >= :from AND \(column) < :to AND \(isNew)
            ORDER BY \(column) LIMIT :limit
            """
    }
}
