public import FinHubAPI

/// Keeps the users of organizations, and the passwords that they had.
///
/// The promises of ``SessionStore`` hold here too. Every change counts the user's version up, and tells the
/// ``ChangeFeed``. A name belongs to one user of a tenant, be it as user name or as e-mail.
public protocol UserStore: Sendable {
    /// A page of an organization's users; `nil` when the tenant has no such organization.
    func users(matching query: UserQuery, in tenant: TenantID) async throws -> [User]?

    /// Adds a user, whose organization exists.
    func insert(_ user: User, noting note: AuditNote<UserOutcome>) async throws -> UserOutcome

    /// Changes a user who still has the version, and ends the user's sessions if it says so; all or nothing.
    func update(_ update: UserUpdate, noting note: AuditNote<UserOutcome>) async throws -> UserOutcome

    /// Sets another password and ends the user's sessions; all or nothing.
    func setPassword(_ change: PasswordChange, noting note: AuditNote<UserOutcome>) async throws -> UserOutcome

    /// Removes a user who still has the version, ends the user's sessions, and frees the name.
    ///
    /// No other user gets the identifier: sessions that tell of it are kept for a while.
    func delete(_ removal: UserRemoval, noting note: AuditNote<UserOutcome>) async throws -> UserOutcome

    /// The hashes of the passwords that the user had before the present one, latest first.
    func formerPasswords(of user: UserID, in tenant: TenantID) async throws -> [Secret<String>]

    /// Forgets removed users whom no session tells of any more; how many.
    func forgetDeleted(limit: Int) async throws -> Int
}

/// The same, leaving nothing in the audit log.
extension UserStore {
    public func insert(_ user: User) async throws -> UserOutcome {
        try await insert(user, noting: .none)
    }

    public func update(_ update: UserUpdate) async throws -> UserOutcome {
        try await self.update(update, noting: .none)
    }

    public func setPassword(_ change: PasswordChange) async throws -> UserOutcome {
        try await setPassword(change, noting: .none)
    }

    public func delete(_ removal: UserRemoval) async throws -> UserOutcome {
        try await delete(removal, noting: .none)
    }
}

/// How a change of a user came out; only by ``done(_:_:)`` is anything changed.
public enum UserOutcome: Hashable, Sendable {
    /// The user as of now; `nil` when removed. Which sessions ended, if any had to.
    case done(User?, CutOffOutcome?)
    case absent
    /// The user has another version, or another password, than the caller knows.
    case changedMeanwhile
    /// Another user has the name.
    case taken(NameKind)
    /// No other active user has the role ADMIN.
    case lastAdministrator
}

/// Where a user's name is written.
public enum NameKind: Hashable, Sendable {
    case userName
    case email
}

/// What a page of users is asked with; they come in the order of their names' canonical form.
public struct UserQuery: Sendable {
    public let organization: OrganizationID
    /// How user name or e-mail begins; `nil` for all users.
    public let prefix: SignInName?
    /// The place behind which the page begins; `nil` for the first page.
    public let after: UserPosition?
    public let limit: Int

    public init(organization: OrganizationID, prefix: SignInName? = nil, after: UserPosition? = nil, limit: Int) {
        self.organization = organization
        self.prefix = prefix
        self.after = after
        self.limit = limit
    }
}

/// A place in a list of users: first come those found by user name, then those found by e-mail alone.
public struct UserPosition: Hashable, Sendable {
    public let foundBy: NameKind
    public let name: SignInName

    public init(foundBy: NameKind, name: SignInName) {
        self.foundBy = foundBy
        self.name = name
    }

    /// Where a user stands in the list of those whose name begins so.
    public init(of user: User, prefix: SignInName?) {
        let name = SignInName(user.userName)
        if prefix.map({ name.utf8.starts(with: $0.utf8) }) ?? true {
            self.init(foundBy: .userName, name: name)
        } else {
            self.init(foundBy: .email, name: SignInName(user.email))
        }
    }
}

/// A user's new state.
public struct UserUpdate: Sendable {
    public let user: UserID
    public let tenant: TenantID
    /// The version that is changed.
    public let version: Int64
    public let email: String
    public let roles: [Role]
    public let status: User.Status
    /// Whether the user loses what an admin session needs.
    public let withdrawsAccess: Bool
    /// Whether the user was one of the tenant's active ADMINs, and is no more.
    public let removesAdministrator: Bool
    public let now: Timestamp
    public let tokensExpireBy: Timestamp

    public init(
        user: UserID,
        tenant: TenantID,
        version: Int64,
        email: String,
        roles: [Role],
        status: User.Status,
        withdrawsAccess: Bool,
        removesAdministrator: Bool,
        now: Timestamp,
        tokensExpireBy: Timestamp
    ) {
        self.user = user
        self.tenant = tenant
        self.version = version
        self.email = email
        self.roles = roles
        self.status = status
        self.withdrawsAccess = withdrawsAccess
        self.removesAdministrator = removesAdministrator
        self.now = now
        self.tokensExpireBy = tokensExpireBy
    }
}

/// A user's new password.
public struct PasswordChange: Sendable {
    public let user: UserID
    public let tenant: TenantID
    /// The present hash, which must still be it; `nil` for whichever it is.
    public let replacing: Secret<String>?
    /// The user's present version, which must still be it; `nil` for whichever it is.
    public let version: Int64?
    public let hash: Secret<String>
    public let isTemporary: Bool
    /// How many former hashes are kept.
    public let remembered: Int
    /// A session that goes on.
    public let spared: SessionID?
    public let now: Timestamp
    public let tokensExpireBy: Timestamp

    public init(
        user: UserID,
        tenant: TenantID,
        replacing: Secret<String>?,
        version: Int64? = nil,
        hash: Secret<String>,
        isTemporary: Bool,
        remembered: Int,
        spared: SessionID?,
        now: Timestamp,
        tokensExpireBy: Timestamp
    ) {
        self.user = user
        self.tenant = tenant
        self.replacing = replacing
        self.version = version
        self.hash = hash
        self.isTemporary = isTemporary
        self.remembered = remembered
        self.spared = spared
        self.now = now
        self.tokensExpireBy = tokensExpireBy
    }
}

/// A user's removal.
public struct UserRemoval: Sendable {
    public let user: UserID
    public let tenant: TenantID
    /// The version that is removed.
    public let version: Int64
    public let removesAdministrator: Bool
    public let now: Timestamp
    public let tokensExpireBy: Timestamp

    public init(
        user: UserID,
        tenant: TenantID,
        version: Int64,
        removesAdministrator: Bool,
        now: Timestamp,
        tokensExpireBy: Timestamp
    ) {
        self.user = user
        self.tenant = tenant
        self.version = version
        self.removesAdministrator = removesAdministrator
        self.now = now
        self.tokensExpireBy = tokensExpireBy
    }
}
