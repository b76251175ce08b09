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
                    SELECT sequence, tenant, kind, user, session, epoch, relevant_until FROM change
                    WHERE sequence > ? ORDER BY sequence LIMIT ?
                    """
            )
            return try Row.fetchAll(statement, arguments: [sequence, limit]).map(ChangeRecord.change)
        }
    }

    public func removeChanges(over moment: Timestamp, limit: Int) async throws -> Int {
        try await database.writer.write { db in
            let statement = try db.cachedStatement(
                sql: """
                    DELETE FROM change WHERE sequence IN (
                        SELECT sequence FROM change
                        WHERE relevant_until <= ? AND sequence < (SELECT max(sequence) FROM change)
                        ORDER BY relevant_until LIMIT ?)
                    """
            )
            try statement.execute(arguments: [moment.microseconds, limit])
            return db.changesCount
        }
    }
}

/// One row of `change`, and the only type that knows its columns.
enum ChangeRecord {
    /// How long other servers can learn of a changed tenant or user from the feed: longer than any of
    /// them goes on without reading it.
    static let directoryChangeMatters: Duration = .seconds(86_400)

    /// Adds a row, in the transaction of what it tells of.
    static func insert(_ kind: Change.Kind, in tenant: TenantID, until moment: Timestamp, _ db: Database) throws {
        let (name, user, session, epoch): (String, Data?, Data?, Int64?) =
            switch kind {
            case .sessionEnded(let session, let superseded):
                (superseded ? "session_superseded" : "session_ended", nil, session.data, nil)
            case .userCutOff(let user, let epoch, let spared): ("user_cut_off", user.data, spared?.data, epoch)
            case .tenantChanged: ("tenant_changed", nil, nil, nil)
            case .userChanged(let user): ("user_changed", user.data, nil, nil)
            }
        let statement = try db.cachedStatement(
            sql: "INSERT INTO change (tenant, kind, user, session, epoch, relevant_until) VALUES (?, ?, ?, ?, ?, ?)"
        )
        try statement.execute(arguments: [tenant.data, name, user, session, epoch, moment.microseconds])
    }

    static func change(_ row: Row) throws -> Change {
        guard let tenant = TenantID(row[1]), let kind = kind(row) else {
            throw DatabaseError.malformedRow(of: "change")
        }
        return Change(
            sequence: row[0],
            tenant: tenant,
            kind: kind,
            relevantUntil: Timestamp(microseconds: row[6])
        )
    }

    private static func kind(_ row: Row) -> Change.Kind? {
        let user = (row[3] as Data?).flatMap(UserID.init)
        let session = (row[4] as Data?).flatMap(SessionID.init)
        switch row[2] as String {
        case "session_ended": return session.map { .sessionEnded($0, superseded: false) }
        case "session_superseded": return session.map { .sessionEnded($0, superseded: true) }
        case "user_cut_off":
            guard let user, let epoch = row[5] as Int64? else { return nil }
            return .userCutOff(user, epoch: epoch, spared: session)
        case "tenant_changed": return .tenantChanged
        case "user_changed": return user.map(Change.Kind.userChanged)
        default: return nil
        }
    }
}
