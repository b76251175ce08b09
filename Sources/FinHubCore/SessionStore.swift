public import FinHubAPI

/// Keeps sessions.
///
/// One method is one atomic change, on disk before it returns: callers never read, decide,
/// then write. Absence is a value, not an error: a thrown error means that the storage failed
/// and nothing was changed. Every method is confined to one tenant, but for the housekeeping.
/// A change that other servers must know of writes its ``Change`` in the same transaction, and one
/// that is audited what its ``AuditNote`` says.
/// `FinHubStoreContract` states these promises as tests, and every store must pass them.
public protocol SessionStore: Sendable {
    /// Adds `session`, if its user's `limit` allows one more; makes room for it where it says so.
    ///
    /// Only active sessions count. All in one change: of any number of logins at once no more than the limit
    /// stays. Throws when there is a session of that identifier already.
    func insert(
        _ session: Session,
        within limit: ConcurrentSessions?,
        noting note: AuditNote<InsertOutcome>
    ) async throws -> InsertOutcome

    /// Finds a session, whether or not it is still active.
    ///
    /// One that a cut-off ended reads as ended, whether or not its row was settled yet.
    func session(_ id: SessionID, in tenant: TenantID) async throws -> Session?

    /// Moves a session to its next generation, if it is at the one presented and is active.
    ///
    /// This is one conditional update: of any number of callers that present one generation
    /// exactly one gets ``RotationOutcome/rotated(_:)``.
    func rotate(_ rotation: Rotation) async throws -> RotationOutcome

    /// Ends a session and says what it found.
    ///
    /// Ending an expired session ends it too; ending one twice keeps the first time and reason.
    func end(
        _ id: SessionID,
        in tenant: TenantID,
        for reason: EndReason,
        at now: Timestamp,
        noting note: AuditNote<EndOutcome>
    ) async throws -> EndOutcome

    /// Ends all of a user's sessions by raising the user's epoch: one row, however many they are.
    ///
    /// The session `spared` goes on, and its row takes the new epoch. The answer is `nil` when the
    /// tenant has no such user in that organization.
    func endAll(
        of user: UserID,
        organization: OrganizationID,
        in tenant: TenantID,
        sparing spared: SessionID?,
        at now: Timestamp,
        tokensExpireBy: Timestamp,
        noting note: AuditNote<CutOffOutcome>
    ) async throws -> CutOffOutcome?

    /// Lists a user's sessions, newest first (then by identifier), at most `limit` of them.
    ///
    /// - Returns: `nil` when the tenant has no such user in that organization.
    func sessions(matching query: SessionQuery, in tenant: TenantID) async throws -> [Session]?

    /// Writes its ending into at most `limit` rows that a cut-off ended; returns how many it did.
    func settleCutOffs(limit: Int, at now: Timestamp) async throws -> Int

    /// Puts aside at most `limit` sessions that ended or expired before `moment`; returns how many.
    ///
    /// They stay as they are, but for being no burden any more on those who count or list the active ones.
    func retireSessions(over moment: Timestamp, limit: Int) async throws -> Int

    /// Removes at most `limit` sessions that ended or expired before `moment`; returns how many.
    func removeSessions(over moment: Timestamp, limit: Int) async throws -> Int
}

extension SessionStore {
    /// Adds `session`, however many there are.
    public func insert(_ session: Session) async throws {
        _ = try await insert(session, within: nil)
    }

    /// Adds `session`, and leaves nothing in the audit log.
    public func insert(_ session: Session, within limit: ConcurrentSessions?) async throws -> InsertOutcome {
        try await insert(session, within: limit, noting: .none)
    }

    /// Ends a session, and leaves nothing in the audit log.
    public func end(
        _ id: SessionID,
        in tenant: TenantID,
        for reason: EndReason,
        at now: Timestamp
    ) async throws -> EndOutcome {
        try await end(id, in: tenant, for: reason, at: now, noting: .none)
    }

    /// Ends all of a user's sessions, and leaves nothing in the audit log.
    public func endAll(
        of user: UserID,
        organization: OrganizationID,
        in tenant: TenantID,
        sparing spared: SessionID?,
        at now: Timestamp,
        tokensExpireBy: Timestamp
    ) async throws -> CutOffOutcome? {
        try await endAll(
            of: user,
            organization: organization,
            in: tenant,
            sparing: spared,
            at: now,
            tokensExpireBy: tokensExpireBy,
            noting: .none
        )
    }
}

/// What became of a new session.
public enum InsertOutcome: Hashable, Sendable {
    /// It is there, and these were ended to make room for it.
    case inserted(superseded: [Session])
    /// Nothing was changed: the user has as many sessions as allowed.
    case refused
}

/// A refresh as the store sees it.
public struct Rotation: Sendable {
    public let session: SessionID
    public let tenant: TenantID
    /// The generation of the refresh token presented.
    public let presented: Int64
    public let now: Timestamp
    /// What the session's expiry becomes, unless its absolute end comes first, or it is later already.
    public let expiresAt: Timestamp
    /// Whether the token presented is the session's own, once its salt is known.
    ///
    /// Pure and quick: it runs in the transaction.
    public let isProven: @Sendable (_ salt: Secret<[UInt8]>) -> Bool

    public init(
        session: SessionID,
        tenant: TenantID,
        presented: Int64,
        now: Timestamp,
        expiresAt: Timestamp,
        isProven: @escaping @Sendable (_ salt: Secret<[UInt8]>) -> Bool
    ) {
        self.session = session
        self.tenant = tenant
        self.presented = presented
        self.now = now
        self.expiresAt = expiresAt
        self.isProven = isProven
    }
}

/// What became of a ``Rotation``.
public enum RotationOutcome: Hashable, Sendable {
    /// The session, one generation further.
    case rotated(Session)
    /// Nothing was changed, because the session has ended, expired, or is at another
    /// generation: this is how it stands.
    case stale(Session)
    /// Nothing was changed: there is no such session in the tenant, or the token was not its own.
    case unproven
}

/// What ``SessionStore/end(_:in:for:at:)`` found.
public enum EndOutcome: Hashable, Sendable {
    /// This call ended it.
    case ended(Session)
    /// It had been ended before, by whichever server.
    case alreadyEnded(Session)
    /// The tenant has no such session.
    case absent
}

/// What a cut-off did.
public struct CutOffOutcome: Hashable, Sendable {
    /// The user's new epoch: tokens below it are refused.
    public let epoch: Int64
    /// How many active sessions it ended.
    public let ended: Int
    /// The session it spared; `nil` when none was asked for, or that one was not active.
    public let spared: SessionID?

    public init(epoch: Int64, ended: Int, spared: SessionID? = nil) {
        self.epoch = epoch
        self.ended = ended
        self.spared = spared
    }
}

/// Which of a user's sessions to list.
public struct SessionQuery: Hashable, Sendable {
    /// Which sessions by their state; the raw value is the API's.
    public enum Status: String, Hashable, Sendable, CaseIterable {
        case active
        case ended
        case all
    }

    public let user: UserID
    public let organization: OrganizationID
    public let status: Status
    /// The moment at which "active" is meant.
    public let now: Timestamp
    /// Only sessions listed after this one.
    public let after: SessionPosition?
    /// At least 1.
    public let limit: Int

    public init(
        user: UserID,
        organization: OrganizationID,
        status: Status,
        now: Timestamp,
        after: SessionPosition? = nil,
        limit: Int
    ) {
        self.user = user
        self.organization = organization
        self.status = status
        self.now = now
        self.after = after
        self.limit = limit
    }
}

/// Where a session stands in a list that runs from new to old.
public struct SessionPosition: Hashable, Sendable {
    public let createdAt: Timestamp
    public let id: SessionID

    public init(createdAt: Timestamp, id: SessionID) {
        self.createdAt = createdAt
        self.id = id
    }
}

/// The storage can't take a change or answer now: full, read-only, locked or gone.
///
/// A store wraps its driver's error in it when trying again may help; nothing was changed.
public struct StorageUnavailable: Error, Sendable {
    public let cause: any Error

    public init(cause: any Error) {
        self.cause = cause
    }
}
