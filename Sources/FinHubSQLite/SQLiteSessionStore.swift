public import FinHubAPI
public import FinHubCore
import Foundation
import GRDB

/// Sessions in one SQLite file.
public struct SQLiteSessionStore: SessionStore {
    private let database: SQLiteDatabase

    init(_ database: SQLiteDatabase) {
        self.database = database
    }

    public func insert(_ session: Session) async throws {
        let places = Array(repeating: "?", count: 19).joined(separator: ", ")
        let sql = "INSERT INTO session VALUES (\(places))"
        try await database.writer.write { db in
            try db.cachedStatement(sql: sql).execute(arguments: SessionRecord.arguments(session))
        }
    }

    public func session(_ id: SessionID, in tenant: TenantID) async throws -> Session? {
        try await database.read { db in try Self.find(id, in: tenant, db) }
    }

    private static func find(_ id: SessionID, in tenant: TenantID, _ db: Database) throws -> Session? {
        let sql = """
            SELECT \(SessionRecord.columns), \(SessionRecord.cutOff) FROM \(SessionRecord.source)
            WHERE session.id = ? AND session.tenant = ?
            """
        let statement = try db.cachedStatement(sql: sql)
        return try Row.fetchOne(statement, arguments: [id.data, tenant.data]).map(SessionRecord.session)
    }
}

// MARK: Rotation

extension SQLiteSessionStore {
    private static let rotate = """
        UPDATE session SET generation = generation + 1, refreshed_at = ?1, expires_at = min(?2, absolute_end)
        WHERE id = ?3 AND tenant = ?4 AND generation = ?5 AND ended_at IS NULL AND expires_at > ?1
            AND generation < 4294967295
            AND user_epoch >= (SELECT epoch FROM user WHERE user.tenant = session.tenant AND user.id = session.user)
            AND tenant_epoch >= (SELECT epoch FROM tenant WHERE tenant.id = session.tenant)
        RETURNING \(SessionRecord.columns)
        """

    public func rotate(_ rotation: Rotation) async throws -> RotationOutcome {
        do {
            return try await database.writer.write { db in try Self.rotate(rotation, db) }
        } catch is UnprovenToken {
            return .unproven
        }
    }

    private static func rotate(_ rotation: Rotation, _ db: Database) throws -> RotationOutcome {
        let arguments: StatementArguments = [
            rotation.now.microseconds, rotation.expiresAt.microseconds, rotation.session.data, rotation.tenant.data,
            rotation.presented,
        ]
        let row = try Row.fetchOne(db.cachedStatement(sql: rotate), arguments: arguments)
        if let session = try row.map(SessionRecord.session) {
            // Thrown, not returned: it takes the update back with the piece's savepoint.
            guard rotation.isProven(session.salt) else { throw UnprovenToken() }
            return .rotated(session)
        }
        guard let session = try find(rotation.session, in: rotation.tenant, db), rotation.isProven(session.salt) else {
            return .unproven
        }
        return .stale(session)
    }
}

/// The refresh token presented is not the session's own.
private struct UnprovenToken: Error {}

// MARK: Ending

extension SQLiteSessionStore {
    public func end(
        _ id: SessionID,
        in tenant: TenantID,
        for reason: EndReason,
        at now: Timestamp
    ) async throws -> EndOutcome {
        try await database.writer.write { db in
            guard var session = try Self.find(id, in: tenant, db) else { return .absent }
            guard session.ending == nil else { return .alreadyEnded }
            try db.execute(
                sql: "UPDATE session SET ended_at = ?, end_reason = ? WHERE id = ? AND tenant = ?",
                arguments: [now.microseconds, reason.rawValue, id.data, tenant.data]
            )
            let change = ChangeRecord(tenant: tenant, kind: .sessionEnded(id), relevantUntil: session.expiresAt)
            try change.insert(db)
            session.ending = Ending(at: now, reason: reason)
            return .ended(session)
        }
    }

    public func endAll(
        of user: UserID,
        organization: OrganizationID,
        in tenant: TenantID,
        sparing spared: SessionID?,
        at now: Timestamp,
        tokensExpireBy: Timestamp
    ) async throws -> CutOffOutcome? {
        try await database.writer.write { db in
            let epoch = try Int64.fetchOne(
                db,
                sql: """
                    UPDATE user SET epoch = epoch + 1, cut_off_at = ?
                    WHERE tenant = ? AND id = ? AND organization = ? RETURNING epoch
                    """,
                arguments: [now.microseconds, tenant.data, user.data, organization.data]
            )
            guard let epoch else { return nil }
            try db.execute(
                sql: """
                    UPDATE session SET user_epoch = ?1
                    WHERE id = ?2 AND tenant = ?3 AND user = ?4 AND ended_at IS NULL AND user_epoch = ?1 - 1
                    """,
                arguments: [epoch, spared?.data, tenant.data, user.data]
            )
            let ended = try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM session
                    WHERE tenant = ? AND user = ? AND user_epoch = ? AND expires_at > ? AND ended_at IS NULL
                    """,
                arguments: [tenant.data, user.data, epoch - 1, now.microseconds]
            )
            let kind = Change.Kind.userCutOff(user, epoch: epoch, spared: spared)
            try ChangeRecord(tenant: tenant, kind: kind, relevantUntil: tokensExpireBy).insert(db)
            return CutOffOutcome(epoch: epoch, ended: ended ?? 0)
        }
    }
}

// MARK: Lists and housekeeping

extension SQLiteSessionStore {
    public func sessions(matching query: SessionQuery, in tenant: TenantID) async throws -> [Session]? {
        let status =
            switch query.status {
            case .all: "TRUE"
            case .active: "(\(Self.isActive))"
            case .ended: "NOT (\(Self.isActive))"
            }
        let sql = """
            SELECT \(SessionRecord.columns), \(SessionRecord.cutOff) FROM \(SessionRecord.source)
            WHERE session.tenant = :tenant AND session.user = :user AND \(status)
                AND (session.created_at, session.id) < (:createdAt, :id)
            ORDER BY session.created_at DESC, session.id DESC LIMIT :limit
            """
        var arguments: StatementArguments = [
            "tenant": tenant.data, "user": query.user.data,
            "createdAt": query.after?.createdAt.microseconds ?? .max,
            "id": query.after?.id.data ?? Data(repeating: 0xff, count: 16), "limit": query.limit,
        ]
        if query.status != .all { arguments += ["now": query.now.microseconds] }
        return try await database.read { [arguments] db in
            let exists = try Bool.fetchOne(
                db,
                sql: "SELECT TRUE FROM user WHERE tenant = ? AND id = ? AND organization = ?",
                arguments: [tenant.data, query.user.data, query.organization.data]
            )
            guard exists == true else { return nil }
            return try Row.fetchAll(db, sql: sql, arguments: arguments).map(SessionRecord.session)
        }
    }

    private static let isActive = """
        session.ended_at IS NULL AND session.expires_at > :now AND session.user_epoch >= user.epoch \
        AND session.tenant_epoch >= tenant.epoch
        """

    public func settleCutOffs(limit: Int, at now: Timestamp) async throws -> Int {
        let unsettled = try await database.read { db in
            try Data.fetchAll(
                db,
                sql: """
                    SELECT session.id FROM user CROSS JOIN session INDEXED BY session_open
                        ON session.tenant = user.tenant AND session.user = user.id
                        AND session.user_epoch < user.epoch AND session.ended_at IS NULL
                    WHERE user.epoch > 0 LIMIT ?
                    """,
                arguments: [limit]
            )
        }
        guard !unsettled.isEmpty else { return 0 }
        return try await database.writer.write { db in
            let statement = try db.cachedStatement(
                sql: """
                    UPDATE session SET end_reason = ?, ended_at = (SELECT coalesce(cut_off_at, session.created_at)
                        FROM user WHERE user.tenant = session.tenant AND user.id = session.user)
                    WHERE id = ? AND ended_at IS NULL
                    """
            )
            for id in unsettled { try statement.execute(arguments: [EndReason.allSessionsEnded.rawValue, id]) }
            return unsettled.count
        }
    }

    public func removeSessions(over moment: Timestamp, limit: Int) async throws -> Int {
        let over = """
            SELECT id FROM session WHERE absolute_end < ?1 AND coalesce(ended_at, expires_at) < ?1 LIMIT ?2
            """
        let ids = try await database.read { db in
            try Data.fetchAll(db, sql: over, arguments: [moment.microseconds, limit])
        }
        guard !ids.isEmpty else { return 0 }
        return try await database.writer.write { db in
            let statement = try db.cachedStatement(sql: "DELETE FROM session WHERE id = ?")
            for id in ids { try statement.execute(arguments: [id]) }
            return ids.count
        }
    }
}
