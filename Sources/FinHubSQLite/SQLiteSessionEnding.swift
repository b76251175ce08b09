public import FinHubAPI
public import FinHubCore
import Foundation
import GRDB

// MARK: One session

extension SQLiteSessionStore {
    static let end = """
        UPDATE session SET ended_at = ?1, end_reason = ?2, review_at = min(review_at, ?1)
        WHERE id = ?3 AND tenant = ?4 AND \(SessionRecord.isOpen)
        RETURNING \(SessionRecord.columns)
        """

    public func end(
        _ id: SessionID,
        in tenant: TenantID,
        for reason: EndReason,
        at now: Timestamp,
        noting note: AuditNote<EndOutcome>
    ) async throws -> EndOutcome {
        try await database.write(noting: note) { db in
            let statement = try db.cachedStatement(sql: Self.end)
            let arguments: StatementArguments = [now.microseconds, reason.rawValue, id.data, tenant.data]
            if let session = try SessionRecord.fetchOne(statement, arguments) {
                let change = Change.Kind.sessionEnded(id, superseded: reason == .superseded)
                try ChangeRecord.insert(change, in: tenant, until: session.expiresAt, db)
                return .ended(session)
            }
            return try Self.session(id, in: tenant, db).map(EndOutcome.alreadyEnded) ?? .absent
        }
    }
}

// MARK: All of a user's

extension SQLiteSessionStore {
    public func endAll(
        of user: UserID,
        organization: OrganizationID,
        in tenant: TenantID,
        sparing spared: SessionID?,
        at now: Timestamp,
        tokensExpireBy: Timestamp,
        noting note: AuditNote<CutOffOutcome>
    ) async throws -> CutOffOutcome? {
        try await database.writer.write { db in
            let account = Account(user, organization, tenant)
            guard try account.exists(db) else { return nil }
            let outcome = try account.cutOff(
                for: .allSessionsEnded,
                sparing: spared,
                at: now,
                tokensExpireBy: tokensExpireBy,
                db
            )
            if let outcome { try note.leave(outcome, db) }
            return outcome
        }
    }
}

extension Account {
    static let countActive = """
        SELECT count(*) FROM (
            SELECT 1 FROM session WHERE tenant = :tenant AND user = :user AND \(isActive) AND id IS NOT :spared
            LIMIT :limit)
        """

    /// Ends all sessions of the account but the one spared, and tells the other servers.
    func cutOff(
        for reason: EndReason,
        sparing spared: SessionID?,
        at now: Timestamp,
        tokensExpireBy: Timestamp,
        _ db: Database
    ) throws -> CutOffOutcome? {
        // Before the epoch goes up: what is active is meant by the old one.
        let spared = try spared.flatMap { try spare($0, at: now, db) ? $0 : nil }
        let ended = try countActive(but: spared, at: now, db)
        guard let epoch = try raiseEpoch(for: reason, at: now, db) else { return nil }
        let change = Change.Kind.userCutOff(user, epoch: epoch, spared: spared)
        try ChangeRecord.insert(change, in: tenant, until: tokensExpireBy, db)
        return CutOffOutcome(epoch: epoch, ended: ended, spared: spared)
    }

    /// Gives an active session of the account the epoch that comes next; `false` for any other.
    fileprivate func spare(_ id: SessionID, at now: Timestamp, _ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE session SET user_epoch = 1 + (
                    SELECT epoch FROM user WHERE user.tenant = session.tenant AND user.id = session.user)
                WHERE id = ? AND tenant = ? AND user = ? AND expires_at > ? AND \(SessionRecord.isOpen)
                """
        )
        try statement.execute(arguments: [id.data, tenant.data, user.data, now.microseconds])
        return db.changesCount == 1
    }

    func countActive(
        but spared: SessionID?,
        at now: Timestamp,
        upTo limit: Int = .max,
        _ db: Database
    ) throws -> Int {
        let arguments: StatementArguments = [
            "tenant": tenant.data, "user": user.data, "now": now.microseconds, "spared": spared?.data,
            "limit": limit,
        ]
        return try Int.fetchOne(db.cachedStatement(sql: Self.countActive), arguments: arguments) ?? 0
    }

    /// Ends all that is below the new epoch, which it returns.
    fileprivate func raiseEpoch(for reason: EndReason, at now: Timestamp, _ db: Database) throws -> Int64? {
        let raise = try db.cachedStatement(
            sql: "UPDATE user SET epoch = epoch + 1 WHERE tenant = ? AND id = ? AND organization = ? RETURNING epoch"
        )
        let owner: StatementArguments = [tenant.data, user.data, organization.data]
        guard let epoch = try Int64.fetchAll(raise, arguments: owner).first else { return nil }
        let record = try db.cachedStatement(
            sql: "INSERT INTO cut_off (tenant, user, epoch, at, reason) VALUES (?, ?, ?, ?, ?)"
        )
        try record.execute(arguments: [tenant.data, user.data, epoch, now.microseconds, reason.rawValue])
        return epoch
    }
}
