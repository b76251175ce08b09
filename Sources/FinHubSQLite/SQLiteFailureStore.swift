public import FinHubAPI
public import FinHubCore
import Foundation
import GRDB

/// Counted failures and known clients in one SQLite file.
public struct SQLiteFailureStore: FailureStore {
    private let database: SQLiteDatabase

    init(_ database: SQLiteDatabase) {
        self.database = database
    }

    public func record(of subjects: [FailureSubject], signInOf client: KnownClient?) async throws -> FailureRecord {
        try await database.read { db in
            FailureRecord(
                counts: try subjects.map { try FailureRow.count(of: $0, db) },
                lastSignIn: try client.flatMap { try KnownClientRow.lastSignIn(of: $0, db) }
            )
        }
    }

    public func countFailure(
        _ failures: [CountedFailure],
        at now: Timestamp,
        noting note: AuditNote<[FailureCount]>
    ) async throws -> [FailureCount] {
        try await database.write(noting: note) { db in
            let counts = try failures.map { failure in
                let count = failure.rule.count(after: try FailureRow.count(of: failure.subject, db), at: now)
                try FailureRow.put(count, of: failure, db)
                return count
            }
            for tenant in Set(failures.map(\.subject.tenant)) { try FailureRow.makeRoom(in: tenant, db) }
            return counts
        }
    }

    public func recordSignIn(
        of client: KnownClient,
        forgetting subject: FailureSubject,
        at now: Timestamp
    ) async throws {
        try await database.writer.write { db in
            try FailureRow.forget(subject, db)
            try KnownClientRow.put(client, at: now, db)
        }
    }

    public func knownClients(of user: UserID, in tenant: TenantID) async throws -> [KnownClient] {
        try await database.read { db in try KnownClientRow.clients(of: user, in: tenant, db) }
    }

    public func forget(_ subjects: [FailureSubject], noting note: AuditNote<Void>) async throws {
        try await database.write(noting: note) { db in
            for subject in subjects { try FailureRow.forget(subject, db) }
        }
    }

    public func removeFailures(before moment: Timestamp, limit: Int) async throws -> Int {
        try await database.writer.write { db in
            try db.cachedStatement(sql: FailureRow.removal).execute(arguments: [moment.microseconds, limit])
            return db.changesCount
        }
    }

    public func removeClients(before moment: Timestamp, limit: Int) async throws -> Int {
        try await database.writer.write { db in
            try db.cachedStatement(sql: KnownClientRow.removal).execute(arguments: [moment.microseconds, limit])
            return db.changesCount
        }
    }
}

/// One row of `failure_count`.
enum FailureRow {
    static let find = "SELECT failures, since, last_at FROM failure_count WHERE tenant = ? AND subject = ?"

    static let room = """
        DELETE FROM failure_count WHERE (tenant, subject) IN (
            SELECT tenant, subject FROM failure_count WHERE tenant = ? AND makes_room ORDER BY last_at LIMIT ?)
        """

    static let removal = """
        DELETE FROM failure_count WHERE (tenant, subject) IN (
            SELECT tenant, subject FROM failure_count WHERE last_at < ? ORDER BY last_at LIMIT ?)
        """

    static func count(of subject: FailureSubject, _ db: Database) throws -> FailureCount? {
        let statement = try db.cachedStatement(sql: find)
        return try Row.fetchOne(statement, arguments: [subject.tenant.data, subject.digest.data]).map { row in
            FailureCount(
                failures: row[0],
                since: Timestamp(microseconds: row[1]),
                lastAt: Timestamp(microseconds: row[2])
            )
        }
    }

    static func put(_ count: FailureCount, of failure: CountedFailure, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO failure_count (tenant, subject, failures, since, last_at, makes_room)
                VALUES (?1, ?2, ?3, ?4, ?5,
                    NOT EXISTS (SELECT 1 FROM user WHERE tenant = ?1 AND id = ?6 AND status <> 'deleted'))
                ON CONFLICT DO UPDATE
                SET failures = excluded.failures, since = excluded.since, last_at = excluded.last_at
                """
        )
        try statement.execute(
            arguments: [
                failure.subject.tenant.data, failure.subject.digest.data, count.failures, count.since.microseconds,
                count.lastAt.microseconds, failure.user?.data,
            ]
        )
    }

    /// Removes the oldest counts of a tenant that has more than it may.
    static func makeRoom(in tenant: TenantID, _ db: Database) throws {
        let statement = try db.cachedStatement(sql: "SELECT counts FROM failure_total WHERE tenant = ?")
        let total = try Int.fetchOne(statement, arguments: [tenant.data]) ?? 0
        guard total > FailureSubject.mostOfTenant else { return }
        try db.cachedStatement(sql: room).execute(arguments: [tenant.data, total - FailureSubject.mostOfTenant])
    }

    static func forget(_ subject: FailureSubject, _ db: Database) throws {
        let statement = try db.cachedStatement(sql: "DELETE FROM failure_count WHERE tenant = ? AND subject = ?")
        try statement.execute(arguments: [subject.tenant.data, subject.digest.data])
    }
}

/// One row of `known_client`.
enum KnownClientRow {
    static let find = "SELECT last_at FROM known_client WHERE tenant = ? AND user = ? AND client = ?"

    static let removal = """
        DELETE FROM known_client WHERE (tenant, user, client) IN (
            SELECT tenant, user, client FROM known_client WHERE last_at < ? ORDER BY last_at LIMIT ?)
        """

    static func lastSignIn(of client: KnownClient, _ db: Database) throws -> Timestamp? {
        let statement = try db.cachedStatement(sql: find)
        let arguments: StatementArguments = [client.tenant.data, client.user.data, client.digest.data]
        return try Int64.fetchOne(statement, arguments: arguments).map(Timestamp.init(microseconds:))
    }

    static func put(_ client: KnownClient, at now: Timestamp, _ db: Database) throws {
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO known_client (tenant, user, client, last_at)
                SELECT ?1, ?2, ?3, ?4
                WHERE EXISTS (SELECT 1 FROM user WHERE tenant = ?1 AND id = ?2 AND status <> 'deleted')
                ON CONFLICT DO UPDATE SET last_at = max(last_at, excluded.last_at)
                """
        )
        try insert.execute(
            arguments: [client.tenant.data, client.user.data, client.digest.data, now.microseconds]
        )
        let prune = try db.cachedStatement(
            sql: """
                DELETE FROM known_client WHERE tenant = ?1 AND user = ?2 AND client IN (
                    SELECT client FROM known_client WHERE tenant = ?1 AND user = ?2
                    ORDER BY last_at DESC, client LIMIT -1 OFFSET ?3)
                """
        )
        try prune.execute(arguments: [client.tenant.data, client.user.data, KnownClient.mostOfUser])
    }

    static func clients(of user: UserID, in tenant: TenantID, _ db: Database) throws -> [KnownClient] {
        let statement = try db.cachedStatement(sql: "SELECT client FROM known_client WHERE tenant = ? AND user = ?")
        return try Data.fetchAll(statement, arguments: [tenant.data, user.data]).map { data in
            guard let digest = ID<KnownClient>(data) else { throw DatabaseError.malformedRow(of: "known_client") }
            return KnownClient(tenant: tenant, user: user, digest: digest)
        }
    }
}
