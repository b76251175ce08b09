import FinHubAPI
import FinHubCore
import Foundation
import GRDB

/// The active sessions of the user of a new one.
struct Crowd {
    private let newcomer: Session
    private let account: Account

    init(around newcomer: Session) {
        self.newcomer = newcomer
        account = Account(newcomer.user, newcomer.organization, newcomer.tenant)
    }

    /// Ends as many of the others as are too many, tells other servers, and returns them.
    ///
    /// - Throws: ``FullHouse`` where the newcomer has to stay out; it takes back the whole insertion.
    func makeRoom(within limit: ConcurrentSessions, _ db: Database) throws -> [Session] {
        let refuses = limit.whenFull == .refuse
        // Who is only to be refused costs no more than the limit, however many a lower one left behind.
        let most = refuses ? limit.maximum : .max
        let others = try account.countActive(but: newcomer.id, at: newcomer.createdAt, upTo: most, db)
        let excess = others + 1 - limit.maximum
        guard excess > 0 else { return [] }
        guard !refuses else { throw FullHouse() }
        let statement = try db.cachedStatement(sql: Self.evict(limit.whenFull))
        let arguments: StatementArguments = [
            "tenant": newcomer.tenant.data, "user": newcomer.user.data, "now": newcomer.createdAt.microseconds,
            "newcomer": newcomer.id.data, "excess": excess, "reason": EndReason.superseded.rawValue,
        ]
        let ended = try Row.fetchAll(statement, arguments: arguments).map(SessionRecord.session)
        for session in ended {
            let change = Change.Kind.sessionEnded(session.id, superseded: true)
            try ChangeRecord.insert(change, in: session.tenant, until: session.expiresAt, db)
        }
        return ended
    }

    static func evict(_ whenFull: ConcurrentSessions.WhenFull) -> String {
        let order = whenFull == .evictLongestIdle ? "coalesce(refreshed_at, created_at), " : ""
        return """
            UPDATE session SET ended_at = :now, end_reason = :reason, review_at = min(review_at, :now)
            WHERE id IN (
                SELECT id FROM session
                WHERE tenant = :tenant AND user = :user AND \(Account.isActive) AND id <> :newcomer
                ORDER BY \(order)created_at, id LIMIT :excess)
            RETURNING \(SessionRecord.columns)
            """
    }
}

/// The user has as many sessions as allowed.
struct FullHouse: Error {}
