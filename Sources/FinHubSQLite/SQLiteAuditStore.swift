public import FinHubAPI
public import FinHubCore
import Foundation
import GRDB

/// The audit log in one SQLite file.
public struct SQLiteAuditStore: AuditStore {
    private let database: SQLiteDatabase

    init(_ database: SQLiteDatabase) {
        self.database = database
    }

    public func append(_ draft: AuditDraft) async throws {
        try await database.writer.write { db in try AuditRecord.append(draft, db) }
    }

    public func entries(matching query: AuditQuery, in tenant: TenantID) async throws -> AuditPage {
        try await database.read { db in
            let (sql, arguments) = Self.list(query, in: tenant)
            let entries = try Row.fetchAll(db, sql: sql, arguments: arguments).map(AuditRecord.entry)
            let owners = Set(entries.flatMap { [$0.clientOwner, $0.subject].compactMap { $0 } })
            let salts = try owners.map { ($0, try AuditRecord.salt(of: $0, in: tenant, db)) }
            return AuditPage(entries: entries, salts: Dictionary(uniqueKeysWithValues: salts).compactMapValues { $0 })
        }
    }

    /// The query for one page: each filter that is set is a condition, and the rarest has an index.
    static func list(_ query: AuditQuery, in tenant: TenantID) -> (sql: String, arguments: StatementArguments) {
        var conditions = ["tenant = :tenant"]
        var arguments: StatementArguments = ["tenant": tenant.data, "limit": query.limit]
        func require(_ condition: String, _ name: String, _ value: (any DatabaseValueConvertible)?) {
            guard let value else { return }
            conditions.append(condition)
            arguments += [name: value]
        }
        require("actor = :actor", "actor", query.actor?.data)
        require("subject = :subject", "subject", query.subject?.data)
        require("address_tag = :address", "address", query.addressTag.map { Data($0) })
        require("at >= :since", "since", query.since?.microseconds)
        require("at < :until", "until", query.until?.microseconds)
        require("sequence < :before", "before", query.before)
        if !query.events.isEmpty {
            // Of our own making, every one: nothing in them needs escaping.
            let events = query.events.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
            conditions.append("event IN (\(events))")
        }
        let sql = """
            SELECT \(AuditRecord.columns) FROM audit_entry WHERE \(conditions.joined(separator: " AND "))
            ORDER BY sequence DESC LIMIT :limit
            """
        return (sql, arguments)
    }

    public func log(of tenant: TenantID, after sequence: Int64, limit: Int) async throws -> AuditStretch {
        try await database.read { db in
            let statement = try db.cachedStatement(
                sql:
                    "SELECT \(AuditRecord.columns) FROM audit_entry WHERE tenant = ? AND sequence > ? ORDER BY sequence LIMIT ?"
            )
            let rows = try Row.fetchAll(statement, arguments: [tenant.data, sequence, limit])
            return AuditStretch(
                entries: try rows.map(AuditRecord.entry),
                end: try AuditRecord.head(of: tenant, db)
            )
        }
    }

    public func eraseKey(
        of user: UserID,
        in tenant: TenantID,
        noting note: AuditNote<Bool>
    ) async throws -> Bool {
        try await database.write(noting: note) { db in
            try db.execute(
                sql: "DELETE FROM audit_key WHERE tenant = ? AND owner = ?",
                arguments: [tenant.data, user.data]
            )
            let wasThere = db.changesCount == 1
            // An address is found by its tag, and so is whoever called from there.
            try db.execute(
                sql: """
                    UPDATE audit_entry SET address_tag = NULL
                    WHERE tenant = ?1 AND (actor = ?2 OR (actor IS NULL AND subject = ?2))
                    """,
                arguments: [tenant.data, user.data]
            )
            return wasThere
        }
    }
}

extension AuditNote {
    /// Appends what `outcome` leaves in the log, in the transaction of the change itself.
    func leave(_ outcome: Outcome, _ db: Database) throws {
        if let draft = draft(outcome) { try AuditRecord.append(draft, db) }
    }
}

/// An entry as a row.
enum AuditRecord {
    static func append(_ draft: AuditDraft, _ db: Database) throws {
        let tenant = draft.entry.tenant
        var salts: [UserID: [UInt8]] = [:]
        for owner in draft.owners { salts[owner] = try keptSalt(of: owner, in: tenant, db) }
        let entry = try draft.seal(AuditPlace(head: head(of: tenant, db), salts: salts))
        try insert(entry, db)
        let end = try db.cachedStatement(
            sql: """
                INSERT INTO audit_head (tenant, sequence, hash, seal) VALUES (?, ?, ?, ?)
                ON CONFLICT (tenant) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash, seal = excluded.seal
                """
        )
        try end.execute(
            arguments: [tenant.data, entry.head.sequence, Data(entry.head.hash), Data(entry.head.seal)]
        )
    }

    private static func insert(_ entry: SealedAuditEntry, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO audit_entry (\(columns))
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        try statement.execute(
            arguments: [
                entry.tenant.data, entry.head.sequence, entry.at.microseconds, entry.event, entry.actorKind,
                entry.actor?.data, entry.subject?.data, entry.session?.data, entry.object, entry.reason,
                entry.correlationID, entry.changes, entry.client.map { Data($0) }, entry.personal.map { Data($0) },
                entry.addressTag.map { Data($0) }, Data(entry.head.hash),
            ]
        )
    }

    static func head(of tenant: TenantID, _ db: Database) throws -> AuditHead? {
        let statement = try db.cachedStatement(sql: "SELECT sequence, hash, seal FROM audit_head WHERE tenant = ?")
        return try Row.fetchOne(statement, arguments: [tenant.data]).map { row in
            AuditHead(
                sequence: try row.decode(Int64.self, atIndex: 0),
                hash: Array(try row.decode(Data.self, atIndex: 1)),
                seal: Array(try row.decode(Data.self, atIndex: 2))
            )
        }
    }

    static func salt(of owner: UserID, in tenant: TenantID, _ db: Database) throws -> [UInt8]? {
        let statement = try db.cachedStatement(sql: "SELECT salt FROM audit_key WHERE tenant = ? AND owner = ?")
        return try Data.fetchOne(statement, arguments: [tenant.data, owner.data]).map { Array($0) }
    }

    /// The owner's salt; a new one, when there is none.
    private static func keptSalt(of owner: UserID, in tenant: TenantID, _ db: Database) throws -> [UInt8] {
        if let salt = try salt(of: owner, in: tenant, db) { return salt }
        var system = SystemRandomNumberGenerator()
        let salt = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &system) }
        let insert = try db.cachedStatement(sql: "INSERT INTO audit_key (tenant, owner, salt) VALUES (?, ?, ?)")
        try insert.execute(arguments: [tenant.data, owner.data, Data(salt)])
        return salt
    }

    /// Everything, in the order that ``entry(_:)`` reads it.
    static let columns = """
        tenant, sequence, at, event, actor_kind, actor, subject, session, object, reason, correlation_id, changes, \
        client, personal, address_tag, hash
        """

    /// An identifier that is none reads as none: the hash does not fit then, and that is what is said of it.
    static func entry(_ row: Row) throws -> SealedAuditEntry {
        func id<Named>(_ index: Int) throws -> ID<Named>? {
            try row.decode(Data?.self, atIndex: index).flatMap { ID<Named>($0) }
        }
        func bytes(_ index: Int) throws -> [UInt8]? {
            try row.decode(Data?.self, atIndex: index).map { Array($0) }
        }
        return SealedAuditEntry(
            tenant: try id(0) ?? TenantID(high: 0, low: 0),
            at: Timestamp(microseconds: try row.decode(Int64.self, atIndex: 2)),
            event: try row.decode(String.self, atIndex: 3),
            actorKind: try row.decode(String.self, atIndex: 4),
            actor: try id(5),
            subject: try id(6),
            session: try id(7),
            object: try row.decode(String?.self, atIndex: 8),
            reason: try row.decode(String?.self, atIndex: 9),
            correlationID: try row.decode(String.self, atIndex: 10),
            changes: try row.decode(String?.self, atIndex: 11),
            client: try bytes(12),
            personal: try bytes(13),
            addressTag: try bytes(14),
            head: AuditHead(
                sequence: try row.decode(Int64.self, atIndex: 1),
                hash: try bytes(15) ?? [],
                seal: []
            )
        )
    }
}
