public import FinHubAPI
public import FinHubCore
import Foundation
import GRDB

/// The ordered table of changes in one SQLite file.
public struct SQLiteChangeFeed: ChangeFeed {
    private let database: SQLiteDatabase

    init(_ database: SQLiteDatabase) {
        self.database = database
    }

    public func changes(after sequence: Int64, limit: Int) async throws -> [Change] {
        try await database.read { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT sequence, tenant, kind, subject, epoch, spared, relevant_until
                    FROM change WHERE sequence > ? ORDER BY sequence LIMIT ?
                    """
            )
            return try Row.fetchAll(statement, arguments: [sequence, limit]).map(ChangeRecord.change)
        }
    }

    public func removeChanges(over moment: Timestamp, limit: Int) async throws -> Int {
        let over = """
            SELECT sequence FROM change
            WHERE relevant_until < ? AND sequence < (SELECT max(sequence) FROM change) LIMIT ?
            """
        let sequences = try await database.read { db in
            try Int64.fetchAll(db, sql: over, arguments: [moment.microseconds, limit])
        }
        guard !sequences.isEmpty else { return 0 }
        return try await database.writer.write { db in
            let statement = try db.cachedStatement(sql: "DELETE FROM change WHERE sequence = ?")
            for sequence in sequences { try statement.execute(arguments: [sequence]) }
            return sequences.count
        }
    }
}

/// One row of `change`, and the only type that knows its columns.
struct ChangeRecord {
    let tenant: TenantID
    let kind: Change.Kind
    let relevantUntil: Timestamp

    /// Adds the row, in the transaction of what it tells of.
    func insert(_ db: Database) throws {
        let (name, subject, epoch, spared): (String, Data?, Int64?, Data?) =
            switch kind {
            case .sessionEnded(let session): ("session_ended", session.data, nil, nil)
            case .userCutOff(let user, let epoch, let spared): ("user_cut_off", user.data, epoch, spared?.data)
            case .tenantChanged: ("tenant_changed", nil, nil, nil)
            case .userChanged(let user): ("user_changed", user.data, nil, nil)
            }
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO change (tenant, kind, subject, epoch, spared, relevant_until) VALUES (?, ?, ?, ?, ?, ?)
                """
        )
        try statement.execute(arguments: [tenant.data, name, subject, epoch, spared, relevantUntil.microseconds])
    }

    static func change(_ row: Row) throws -> Change {
        guard let tenant = TenantID(row[1]), let kind = kind(row) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "malformed change row")
        }
        return Change(
            sequence: row[0],
            tenant: tenant,
            kind: kind,
            relevantUntil: Timestamp(microseconds: row[6])
        )
    }

    private static func kind(_ row: Row) -> Change.Kind? {
        let subject = row[3] as Data?
        switch row[2] as String {
        case "session_ended": return subject.flatMap(SessionID.init).map(Change.Kind.sessionEnded)
        case "user_cut_off":
            guard let user = subject.flatMap(UserID.init), let epoch = row[4] as Int64? else { return nil }
            return .userCutOff(user, epoch: epoch, spared: (row[5] as Data?).flatMap(SessionID.init))
        case "tenant_changed": return .tenantChanged
        case "user_changed": return subject.flatMap(UserID.init).map(Change.Kind.userChanged)
        default: return nil
        }
    }
}
