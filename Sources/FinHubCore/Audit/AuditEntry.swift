public import FinHubAPI

/// Something that happened to a tenant, and by whom; what the audit log keeps.
public struct AuditEntry: Hashable, Sendable {
    public let tenant: TenantID
    public let at: Timestamp
    public let event: AuditEvent
    public let actor: AuditActor
    /// The user whom it is about; `nil` where it is about nobody.
    public let subject: UserID?
    public let session: SessionID?
    /// What of the tenant was changed, such as `policy`; `nil` where the event says it.
    public let object: String?
    /// Why, as a machine code: why a login failed, why a session was ended.
    public let reason: String?
    /// Finds the request in the server's log; empty for what no request caused.
    public let correlationID: String
    public let changes: [AuditChange]
    /// Where it came from; `nil` when nothing is known of it, or the user whose it was was erased.
    public let client: ClientDetails?

    public init(
        tenant: TenantID,
        at: Timestamp,
        event: AuditEvent,
        actor: AuditActor,
        subject: UserID? = nil,
        session: SessionID? = nil,
        object: String? = nil,
        reason: String? = nil,
        correlationID: String = "",
        changes: [AuditChange] = [],
        client: ClientDetails? = nil
    ) {
        self.tenant = tenant
        self.at = at
        self.event = event
        self.actor = actor
        self.subject = subject
        self.session = session
        self.object = object
        self.reason = reason
        self.correlationID = correlationID
        self.changes = changes
        self.client = client
    }
}

/// What happened, in the words of OWASP's logging vocabulary.
public enum AuditEvent: String, Hashable, Sendable, CaseIterable {
    /// A tenant was installed: the first entry of every log.
    case tenantCreated = "sensitive_create"
    case loginSucceeded = "authn_login_success"
    case loginFailed = "authn_login_fail"
    /// Failures came so far that somebody has to wait.
    case loginLocked = "authn_login_lock"
    /// A replaced refresh token was used again; its session is ended.
    case tokenReused = "authn_token_reuse"
    /// Sessions were ended by hand.
    case tokenRevoked = "authn_token_revoked"
    case passwordChanged = "authn_password_change"
    case userCreated = "user_created"
    case userUpdated = "user_updated"
    case userDeleted = "user_deleted"
    /// A user's roles were changed.
    case authorizationChanged = "authz_change"
    /// An administrator changed something else of the tenant, or of a user's sign-in.
    case administered = "authz_admin"
}

/// Who did it.
public enum AuditActor: Hashable, Sendable {
    case user(UserID)
    /// Somebody who had not proven to be anyone.
    case stranger
    /// Whoever has the data folder.
    case `operator`
    /// The server itself.
    case system

    /// The user, if it was one.
    public var user: UserID? {
        if case .user(let user) = self { user } else { nil }
    }

    /// How the log calls it.
    public var kind: String {
        switch self {
        case .user: "USER"
        case .stranger: "STRANGER"
        case .operator: "OPERATOR"
        case .system: "SYSTEM"
        }
    }

    /// - Returns: `nil` when kind and user don't go together.
    public init?(kind: String, user: UserID?) {
        switch (kind, user) {
        case ("USER", let user?): self = .user(user)
        case ("STRANGER", nil): self = .stranger
        case ("OPERATOR", nil): self = .operator
        case ("SYSTEM", nil): self = .system
        default: return nil
        }
    }
}

/// One thing that is now otherwise; never a secret.
public struct AuditChange: Hashable, Sendable {
    public let name: String
    /// `nil` for what was not there, and for personal data of a user who was erased.
    public let before: String?
    public let after: String?
    /// Whether it tells who somebody is: then it can be read only as long as that user is not erased.
    public let isPersonal: Bool

    public init(_ name: String, before: String? = nil, after: String? = nil, isPersonal: Bool = false) {
        self.name = name
        self.before = before
        self.after = after
        self.isPersonal = isPersonal
    }
}

/// Where a change comes from, as far as it is not its own business: known by the task that makes it, like the
/// correlation id of its log lines.
public struct AuditOrigin: Sendable {
    /// Who acts, as far as that is proven when it is asked for.
    let actor: @Sendable () -> AuditActor
    let client: @Sendable () -> ClientDetails?
    let correlationID: String

    /// - Parameters:
    ///   - correlationID: Of the request; empty for what no request causes.
    ///   - actor: Who acts, as far as that is proven by then. Asked when there is an entry to write.
    ///   - client: Where it comes from; asked at the same time.
    public init(
        correlationID: String = "",
        actor: @escaping @Sendable () -> AuditActor,
        client: @escaping @Sendable () -> ClientDetails? = { nil }
    ) {
        self.actor = actor
        self.client = client
        self.correlationID = correlationID
    }

    /// What has no other origin the server does itself.
    @TaskLocal public static var current = AuditOrigin { .system }
}
