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

// MARK: What is over

extension SQLiteSessionStore {
    public func retireSessions(over moment: Timestamp, limit: Int) async throws -> Int {
        try await review(
            Self.dueForReview(past: false),
            before: moment,
            limit: limit,
            "UPDATE session SET is_past = 1, review_at = ? WHERE id = ?"
        )
    }

    public func removeSessions(over moment: Timestamp, limit: Int) async throws -> Int {
        var removed = 0
        for isPast in [true, false] where removed < limit {
            removed += try await review(
                Self.dueForReview(past: isPast),
                before: moment,
                limit: limit - removed,
                "DELETE FROM session WHERE ?1 IS NOT NULL AND id = ?2"
            )
        }
        return removed
    }

    /// Looks at the rows whose review is due, a short piece at a time, and does `change` to those that are over.
    ///
    /// A refresh moves a session's expiry and not its review, so the review may come too early:
    /// then it is put off until the session is over.
    private func review(
        _ due: String,
        before moment: Timestamp,
        limit: Int,
        _ change: String
    ) async throws -> Int {
        var changed = 0
        while changed < limit {
            let asked = limit - changed
            let review = try await database.writer.write { db in
                try Self.review(due, before: moment.microseconds, limit: asked, change, db)
            }
            changed += review.changed
            if review.seen < asked { break }
        }
        return changed
    }

    private static func review(
        _ due: String,
        before moment: Int64,
        limit: Int,
        _ change: String,
        _ db: Database
    ) throws -> (seen: Int, changed: Int) {
        let due = try db.cachedStatement(sql: due)
        let change = try db.cachedStatement(sql: change)
        let putOff = try db.cachedStatement(sql: "UPDATE session SET review_at = ? WHERE id = ?")
        let rows = try Row.fetchAll(due, arguments: [moment, limit])
        var changed = 0
        for row in rows {
            let id = row[0] as Data
            let overAt = row[1] as Int64
            try (overAt < moment ? change : putOff).execute(arguments: [overAt, id])
            changed += overAt < moment ? 1 : 0
        }
        return (rows.count, changed)
    }

    static func dueForReview(past isPast: Bool) -> String {
        """
        SELECT id, min(expires_at, coalesce(ended_at, expires_at)) FROM session
        WHERE is_past = \(isPast ? 1 : 0) AND review_at < ? ORDER BY review_at LIMIT ?
        """
    }
}
