public import FinHubAPI

/// What other servers, and this one after a restart, must know: rows in one ordered table.
///
/// A change is written in the transaction of what it tells of. Applying one twice is harmless.
public protocol ChangeFeed: Sendable {
    /// The changes after `sequence`, oldest first, at most `limit` of them.
    func changes(after sequence: Int64, limit: Int) async throws -> [Change]

    /// Removes at most `limit` changes that nobody needs after `moment`; returns how many it did.
    ///
    /// The newest change always stays, so that no sequence number is given twice.
    func removeChanges(over moment: Timestamp, limit: Int) async throws -> Int
}

/// One row of the ``ChangeFeed``.
public struct Change: Hashable, Sendable {
    /// What happened.
    public enum Kind: Hashable, Sendable {
        /// A session was ended; superseded, when a newer one took its place.
        case sessionEnded(SessionID, superseded: Bool = false)
        /// A user's sessions below `epoch` were ended, but for `spared`.
        case userCutOff(UserID, epoch: Int64, spared: SessionID?)
        /// A tenant was added or altered, its keys included: read it again.
        case tenantChanged
        /// A user was altered: read the user again.
        case userChanged(UserID)
    }

    /// The place in the feed; grows by at least one with each change.
    public let sequence: Int64
    public let tenant: TenantID
    public let kind: Kind
    /// Until when it matters: the last token it could concern has expired by then.
    public let relevantUntil: Timestamp

    public init(sequence: Int64, tenant: TenantID, kind: Kind, relevantUntil: Timestamp) {
        self.sequence = sequence
        self.tenant = tenant
        self.kind = kind
        self.relevantUntil = relevantUntil
    }
}
