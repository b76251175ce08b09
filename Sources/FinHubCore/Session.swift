public import FinHubAPI

/// One signed-in administrator: the row behind an access token and its refresh tokens.
public struct Session: Hashable, Sendable {
    public let id: SessionID
    public let tenant: TenantID
    public let organization: OrganizationID
    public let user: UserID
    /// 128 random bits that go into every refresh token of the session; never leaves the server.
    public let salt: Secret<[UInt8]>
    /// Which refresh token is the current one, counted from 1.
    public var generation: Int64
    /// The user's epoch when the session was opened, or when a cut-off spared it.
    public var userEpoch: Int64
    /// The tenant's epoch when the session was opened.
    public var tenantEpoch: Int64
    public let createdAt: Timestamp
    /// When ``generation`` last went up; `nil` until the first refresh.
    public var refreshedAt: Timestamp?
    /// When the session ends unless it is refreshed; also what the last access token says.
    public var expiresAt: Timestamp
    /// What no refresh passes.
    public let absoluteEnd: Timestamp
    /// When and why it was ended; `nil` while nobody ended it, though it may have expired.
    public var ending: Ending?
    public let client: ClientDetails

    public init(
        id: SessionID,
        tenant: TenantID,
        organization: OrganizationID,
        user: UserID,
        salt: Secret<[UInt8]>,
        generation: Int64 = 1,
        userEpoch: Int64,
        tenantEpoch: Int64,
        createdAt: Timestamp,
        refreshedAt: Timestamp? = nil,
        expiresAt: Timestamp,
        absoluteEnd: Timestamp,
        ending: Ending? = nil,
        client: ClientDetails
    ) {
        self.id = id
        self.tenant = tenant
        self.organization = organization
        self.user = user
        self.salt = salt
        self.generation = generation
        self.userEpoch = userEpoch
        self.tenantEpoch = tenantEpoch
        self.createdAt = createdAt
        self.refreshedAt = refreshedAt
        self.expiresAt = expiresAt
        self.absoluteEnd = absoluteEnd
        self.ending = ending
        self.client = client
    }

    /// Whether the session admits a refresh at `now`; its expiry itself is too late.
    public func isActive(at now: Timestamp) -> Bool {
        ending == nil && now < expiresAt
    }

    public static func == (lhs: Session, rhs: Session) -> Bool {
        lhs.id == rhs.id && lhs.tenant == rhs.tenant && lhs.organization == rhs.organization
            && lhs.user == rhs.user && lhs.salt.matches(rhs.salt) && lhs.generation == rhs.generation
            && lhs.userEpoch == rhs.userEpoch && lhs.tenantEpoch == rhs.tenantEpoch
            && lhs.createdAt == rhs.createdAt && lhs.refreshedAt == rhs.refreshedAt
            && lhs.expiresAt == rhs.expiresAt && lhs.absoluteEnd == rhs.absoluteEnd
            && lhs.ending == rhs.ending && lhs.client == rhs.client
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(id)
    }
}

/// When and why a session was ended.
public struct Ending: Hashable, Sendable {
    public let at: Timestamp
    public let reason: EndReason

    public init(at: Timestamp, reason: EndReason) {
        self.at = at
        self.reason = reason
    }
}

/// Why a session was ended before its time; the raw value is what the API shows.
public enum EndReason: String, Hashable, Sendable, CaseIterable {
    /// An administrator ended this session.
    case endedByAdministrator = "ENDED_BY_ADMINISTRATOR"
    /// An administrator ended all of the user's sessions.
    case allSessionsEnded = "ALL_SESSIONS_ENDED"
    /// A replaced refresh token was used again: somebody else has it.
    case refreshTokenReused = "REFRESH_TOKEN_REUSED"
    /// A newer session of the user took its place.
    case superseded = "SUPERSEDED"
    /// The user's password was changed or reset.
    case passwordChanged = "PASSWORD_CHANGED"
    /// The user was disabled, deleted, or lost the role that an admin session needs.
    case accessWithdrawn = "ACCESS_WITHDRAWN"
}

/// What the caller said of itself when it opened the session; shown, never trusted.
public struct ClientDetails: Hashable, Sendable {
    /// The client's network address, as the server saw it.
    public let address: String?
    public let userAgent: String?
    /// The backend's own word for where the request came from.
    public let forwardedFrom: String?
    public let platform: String?
    public let device: String?

    public init(
        address: String? = nil,
        userAgent: String? = nil,
        forwardedFrom: String? = nil,
        platform: String? = nil,
        device: String? = nil
    ) {
        self.address = address
        self.userAgent = userAgent
        self.forwardedFrom = forwardedFrom
        self.platform = platform
        self.device = device
    }
}
