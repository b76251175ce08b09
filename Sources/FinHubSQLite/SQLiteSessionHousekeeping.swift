public import FinHubAPI
import FinHubCore
import Foundation
import GRDB

// MARK: Cut-offs

extension SQLiteSessionStore {
    public func settleCutOffs(limit: Int, at _: Timestamp) async throws -> Int {
        try await database.writer.write { db in
            var settled = 0
            for _ in 0..<limit {
                guard settled < limit, let cutOff = try CutOffRecord.first(db) else { break }
                let asked = limit - settled
                let found = try cutOff.settle(limit: asked, db)
                settled += found
                if found < asked { try cutOff.delete(db) }
            }
            return settled
        }
    }
}

/// One row of `cut_off`: it stands until all the sessions it ended say so themselves.
private struct CutOffRecord {
    let tenant: Data
    let user: Data
    let epoch: Int64
    let at: Int64
    let reason: String

    /// The one to settle first: of one user, the lowest, whose sessions no other ended before.
    static func first(_ db: Database) throws -> CutOffRecord? {
        let statement = try db.cachedStatement(
            sql: "SELECT tenant, user, epoch, at, reason FROM cut_off ORDER BY tenant, user, epoch LIMIT 1"
        )
        return try Row.fetchOne(statement).map { row in
            CutOffRecord(tenant: row[0], user: row[1], epoch: row[2], at: row[3], reason: row[4])
        }
    }

    func settle(limit: Int, _ db: Database) throws -> Int {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE session SET ended_at = max(created_at, ?1), end_reason = ?6,
                    review_at = min(review_at, max(created_at, ?1))
                WHERE id IN (
                    SELECT id FROM session
                    WHERE tenant = ?2 AND user = ?3 AND ended_at IS NULL AND user_epoch < ?4 LIMIT ?5)
                """
        )
        try statement.execute(arguments: [at, tenant, user, epoch, limit, reason])
        return db.changesCount
    }

    func delete(_ db: Database) throws {
        let statement = try db.cachedStatement(sql: "DELETE FROM cut_off WHERE tenant = ? AND user = ? AND epoch = ?")
        try statement.execute(arguments: [tenant, user, epoch])
    }
}

// MARK: Removal

extension SQLiteSessionStore {
    /// Looks at the rows whose review is due, a short piece at a time.
    ///
    /// A refresh moves a session's expiry and not its review, so the review may come too early:
    /// then it is put off until the session is over.
    public func removeSessions(over moment: Timestamp, limit: Int) async throws -> Int {
        var removed = 0
        while removed < limit {
            let asked = limit - removed
            let review = try await database.writer.write { db in
                try Self.review(before: moment.microseconds, limit: asked, db)
            }
            removed += review.removed
            if review.seen < asked { break }
        }
        return removed
    }

    private static func review(before moment: Int64, limit: Int, _ db: Database) throws -> (seen: Int, removed: Int) {
        let due = try db.cachedStatement(sql: dueForReview)
        let delete = try db.cachedStatement(sql: "DELETE FROM session WHERE id = ?")
        let putOff = try db.cachedStatement(sql: "UPDATE session SET review_at = ? WHERE id = ?")
        let rows = try Row.fetchAll(due, arguments: [moment, limit])
        var removed = 0
        for row in rows {
            let id = row[0] as Data
            let overAt = row[1] as Int64
            if overAt < moment {
                try delete.execute(arguments: [id])
                removed += 1
            } else {
                try putOff.execute(arguments: [overAt, id])
            }
        }
        return (rows.count, removed)
    }

    static let dueForReview = """
        SELECT id, min(expires_at, coalesce(ended_at, expires_at)) FROM session
        WHERE review_at < ? ORDER BY review_at LIMIT ?
        """
}
