import FinHubAPI
import FinHubCore
import Foundation
import GRDB

/// One row of `session`, and the only type that knows its columns.
enum SessionRecord {
    /// The columns in the order that ``session(_:)`` reads them.
    static let columns = """
        session.id, session.tenant, session.organization, session.user, session.salt, session.generation, \
        session.user_epoch, session.tenant_epoch, session.created_at, session.refreshed_at, session.expires_at, \
        session.absolute_end, session.ended_at, session.end_reason, session.client_address, session.user_agent, \
        session.forwarded_from, session.platform, session.device
        """

    /// When an epoch that was raised ended the session, the moment of that; else null.
    static let cutOff = """
        CASE WHEN session.ended_at IS NULL AND (session.user_epoch < user.epoch \
        OR session.tenant_epoch < tenant.epoch) \
        THEN coalesce(user.cut_off_at, session.created_at) END
        """

    /// Joins the rows whose epochs decide whether a session goes on.
    static let source = """
        session \
        JOIN user ON user.tenant = session.tenant AND user.id = session.user \
        JOIN tenant ON tenant.id = session.tenant
        """

    /// The session of a row of ``columns`` and, after them, ``cutOff``.
    static func session(_ row: Row) throws -> Session {
        guard let id = SessionID(row[0]), let tenant = TenantID(row[1]), let organization = OrganizationID(row[2]),
            let user = UserID(row[3])
        else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "malformed session row") }
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
            ending: ending(row),
            client: ClientDetails(
                address: row[14],
                userAgent: row[15],
                forwardedFrom: row[16],
                platform: row[17],
                device: row[18]
            )
        )
    }

    private static func ending(_ row: Row) -> Ending? {
        if let at = row[12] as Int64?, let reason = (row[13] as String?).flatMap(EndReason.init(rawValue:)) {
            return Ending(at: Timestamp(microseconds: at), reason: reason)
        }
        guard row.count > 19, let at = row[19] as Int64? else { return nil }
        return Ending(at: Timestamp(microseconds: at), reason: .allSessionsEnded)
    }

    /// The values of ``columns``, for an insert.
    static func arguments(_ session: Session) -> StatementArguments {
        [
            session.id.data, session.tenant.data, session.organization.data, session.user.data,
            Data(session.salt.reveal()), session.generation, session.userEpoch, session.tenantEpoch,
            session.createdAt.microseconds, session.refreshedAt?.microseconds, session.expiresAt.microseconds,
            session.absoluteEnd.microseconds, session.ending?.at.microseconds, session.ending?.reason.rawValue,
            session.client.address, session.client.userAgent, session.client.forwardedFrom,
            session.client.platform, session.client.device,
        ]
    }
}

extension ID {
    /// The 16 bytes as the database keeps them.
    var data: Data { Data(bytes) }

    init?(_ data: Data) {
        self.init(bytes: data)
    }
}
