public import FinHubAPI
public import FinHubCore
import Foundation
import GRDB

/// Sessions in one SQLite file.
public struct SQLiteSessionStore: SessionStore {
    let database: SQLiteDatabase

    init(_ database: SQLiteDatabase) {
        self.database = database
    }

    public func insert(
        _ session: Session,
        within limit: ConcurrentSessions?,
        noting note: AuditNote<InsertOutcome>
    ) async throws -> InsertOutcome {
        do {
            return try await database.write(noting: note) { db in
                try SessionRecord.insert(session, db)
                // A login may have read its epochs before they were raised; no cut-off waits for it.
                let settle = try db.cachedStatement(
                    sql: """
                        UPDATE session
                        SET ended_at = \(SessionRecord.cutOffAt), end_reason = \(SessionRecord.cutOffReason)
                        WHERE id = ? AND tenant = ? AND ended_at IS NULL AND (\(SessionRecord.isCutOff))
                        """
                )
                try settle.execute(arguments: [session.id.data, session.tenant.data])
                guard db.changesCount == 0, let limit else { return .inserted(superseded: []) }
                return .inserted(superseded: try Crowd(around: session).makeRoom(within: limit, db))
            }
        } catch is FullHouse {
            return .refused
        }
    }

    public func session(_ id: SessionID, in tenant: TenantID) async throws -> Session? {
        try await database.read { db in try Self.session(id, in: tenant, db) }
    }

    static func session(_ id: SessionID, in tenant: TenantID, _ db: Database) throws -> Session? {
        let statement = try db.cachedStatement(
            sql: "SELECT \(SessionRecord.columnsAsOfCutOffs) FROM session WHERE id = ? AND tenant = ?"
        )
        return try SessionRecord.fetchOne(statement, [id.data, tenant.data])
    }
}

// MARK: Rotation

extension SQLiteSessionStore {
    /// The generation is a 32-bit number in the token: the last one has no successor.
    ///
    /// After the clock was set back the expiry may be later than a refresh would make it; there it
    /// stays, for no token outlives its session.
    static let rotate = """
        UPDATE session
        SET generation = generation + 1, refreshed_at = ?1, expires_at = max(expires_at, min(?2, absolute_end))
        WHERE id = ?3 AND tenant = ?4 AND generation = ?5 AND generation < 4294967295
            AND expires_at > ?1 AND \(SessionRecord.isOpen)
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
        let statement = try db.cachedStatement(sql: rotate)
        let arguments: StatementArguments = [
            rotation.now.microseconds, rotation.expiresAt.microseconds, rotation.session.data,
            rotation.tenant.data, rotation.presented,
        ]
        if let session = try SessionRecord.fetchOne(statement, arguments) {
            // Thrown, not returned: it takes the update back with the piece's savepoint.
            guard rotation.isProven(session.salt) else { throw UnprovenToken() }
            return .rotated(session)
        }
        guard let session = try session(rotation.session, in: rotation.tenant, db),
            rotation.isProven(session.salt)
        else { return .unproven }
        return .stale(session)
    }
}

/// The refresh token presented is not the session's own.
private struct UnprovenToken: Error {}

// MARK: Lists

extension SQLiteSessionStore {
    public func sessions(matching query: SessionQuery, in tenant: TenantID) async throws -> [Session]? {
        try await database.read { db in
            guard try Account(query.user, query.organization, tenant).exists(db) else { return nil }
            let statement = try db.cachedStatement(sql: Self.list(query.status))
            let arguments: StatementArguments = [
                "tenant": tenant.data, "user": query.user.data, "now": query.now.microseconds,
                "createdAt": query.after?.createdAt.microseconds ?? .max,
                "id": query.after?.id.data ?? Data(repeating: 0xff, count: 16), "limit": query.limit,
            ]
            return try Row.fetchAll(statement, arguments: arguments).map(SessionRecord.session)
        }
    }

    /// The query for one page; every status takes the same arguments.
    static func list(_ status: SessionQuery.Status) -> String {
        let condition =
            switch status {
            case .active: Account.isActive
            case .ended: "NOT (\(Account.isActive))"
            case .all: ":now IS NOT NULL"
            }
        return """
            SELECT \(SessionRecord.columnsAsOfCutOffs) FROM session
            WHERE tenant = :tenant AND user = :user AND (created_at, id) < (:createdAt, :id) AND \(condition)
            ORDER BY created_at DESC, id DESC LIMIT :limit
            """
    }
}

/// A user, in the organization and the tenant that the caller named.
struct Account: Sendable {
    let user: UserID
    let organization: OrganizationID
    let tenant: TenantID

    init(_ user: UserID, _ organization: OrganizationID, _ tenant: TenantID) {
        self.user = user
        self.organization = organization
        self.tenant = tenant
    }

    /// Whether a session of the account is active: ``SessionRecord/isOpen`` and not expired.
    ///
    /// The epochs are the account's, so they are read once and not once for each session. No review
    /// comes after the expiry (the table checks it), so a session whose review lies ahead is seen to
    /// live from the index alone; and those that were over long ago stand apart in it.
    static let isActive = """
        ended_at IS NULL AND is_past = 0 AND user_epoch >= (SELECT epoch FROM user WHERE tenant = :tenant AND id = :user) \
        AND tenant_epoch >= (SELECT epoch FROM tenant WHERE id = :tenant) \
        AND (review_at > :now OR expires_at > :now)
        """

    /// Whether the tenant has that user, and in that organization.
    func exists(_ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: "SELECT TRUE FROM user WHERE tenant = ? AND id = ? AND organization = ? AND status <> 'deleted'"
        )
        return try Bool.fetchOne(statement, arguments: [tenant.data, user.data, organization.data]) ?? false
    }
}
