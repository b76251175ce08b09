import FinHubAPI
import FinHubCore
import Foundation
import GRDB

/// One row of `session`, and the only type that knows its columns.
enum SessionRecord {
    /// What is stored, in the order that ``session(_:)`` reads it.
    static let columns = "\(unchanging), ended_at, end_reason"

    /// The same, but that a session which a raised epoch ended reads as ended.
    static let columnsAsOfCutOffs = """
        \(unchanging), coalesce(ended_at, CASE WHEN \(isCutOff) THEN \(cutOffAt) END), \
        coalesce(end_reason, CASE WHEN \(isCutOff) THEN \(cutOffReason) END)
        """

    /// Nobody ended it, itself or with others; it may have expired.
    static let isOpen = "ended_at IS NULL AND NOT (\(isCutOff))"

    /// The user's or the tenant's epoch was raised above the session's.
    static let isCutOff = """
        user_epoch < (SELECT epoch FROM user WHERE user.tenant = session.tenant AND user.id = session.user) \
        OR tenant_epoch < (SELECT epoch FROM tenant WHERE tenant.id = session.tenant)
        """

    /// When the first epoch above the session's was raised; not before the session itself.
    static let cutOffAt = """
        max(created_at, coalesce((SELECT at FROM cut_off WHERE cut_off.tenant = session.tenant \
        AND cut_off.user = session.user AND cut_off.epoch > session.user_epoch \
        ORDER BY cut_off.epoch LIMIT 1), created_at))
        """

    /// Why that epoch was raised.
    static let cutOffReason = """
        coalesce((SELECT reason FROM cut_off WHERE cut_off.tenant = session.tenant \
        AND cut_off.user = session.user AND cut_off.epoch > session.user_epoch \
        ORDER BY cut_off.epoch LIMIT 1), 'ALL_SESSIONS_ENDED')
        """

    private static let unchanging = """
        id, tenant, organization, user, salt, generation, user_epoch, tenant_epoch, created_at, refreshed_at, \
        expires_at, absolute_end, address, user_agent, forwarded_from, platform, device
        """

    static func insert(_ session: Session, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO session (\(columns), review_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        try statement.execute(arguments: [
            session.id.data, session.tenant.data, session.organization.data, session.user.data,
            Data(session.salt.reveal()), session.generation, session.userEpoch, session.tenantEpoch,
            session.createdAt.microseconds, session.refreshedAt?.microseconds, session.expiresAt.microseconds,
            session.absoluteEnd.microseconds, session.client.address, session.client.userAgent,
            session.client.forwardedFrom, session.client.platform, session.client.device,
            session.ending?.at.microseconds, session.ending?.reason.rawValue,
            min(session.ending?.at ?? session.expiresAt, session.expiresAt).microseconds,
        ])
    }

    /// The session of a statement's one row of ``columns``; `nil` when it has none.
    ///
    /// The row is read as it stands in the statement, not copied out of it. The statement runs to its
    /// end: one that changes something has not done so wholly before.
    static func fetchOne(_ statement: Statement, _ arguments: StatementArguments) throws -> Session? {
        let rows = try Row.fetchCursor(statement, arguments: arguments)
        var session: Session?
        while let row = try rows.next() { session = try Self.session(row) }
        return session
    }

    /// The session of a row of ``columns``.
    static func session(_ row: Row) throws -> Session {
        guard let id = (row[0] as IDColumn).id(of: SessionName.self),
            let tenant = (row[1] as IDColumn).id(of: TenantName.self),
            let organization = (row[2] as IDColumn).id(of: OrganizationName.self),
            let user = (row[3] as IDColumn).id(of: UserName.self)
        else { throw DatabaseError.malformedRow(of: "session") }
        return Session(
            id: id,
            tenant: tenant,
            organization: organization,
            user: user,
            salt: Secret(Array(row[4] as Data)),
            generation: row[5],
            userEpoch: row[6],
            tenantEpoch: row[7],
            createdAt: Timestamp(microseconds: row[8]),
            refreshedAt: (row[9] as Int64?).map(Timestamp.init(microseconds:)),
            expiresAt: Timestamp(microseconds: row[10]),
            absoluteEnd: Timestamp(microseconds: row[11]),
            ending: try ending(row),
            client: ClientDetails(
                address: row[12],
                userAgent: row[13],
                forwardedFrom: row[14],
                platform: row[15],
                device: row[16]
            )
        )
    }

    private static func ending(_ row: Row) throws -> Ending? {
        guard let at = row[17] as Int64? else { return nil }
        guard let reason = EndReason(rawValue: row[18]) else { throw DatabaseError.malformedRow(of: "session") }
        return Ending(at: Timestamp(microseconds: at), reason: reason)
    }
}
