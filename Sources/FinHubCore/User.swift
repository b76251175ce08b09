public import FinHubAPI

/// Somebody who may sign in to a tenant.
public struct User: Hashable, Sendable {
    /// Whether the account may be used.
    public enum Status: String, Hashable, Sendable {
        case active
        case disabled
    }

    public let id: UserID
    public let tenant: TenantID
    public let organization: OrganizationID
    /// As it was entered; compare ``SignInName`` values, never this.
    public let userName: String
    public let email: String
    public let roles: [Role]
    public let status: Status
    /// Argon2id as a PHC string.
    public let passwordHash: Secret<String>
    public let passwordSetAt: Timestamp
    /// Whether somebody else set the password: its only use is to be changed.
    public let hasTemporaryPassword: Bool
    /// Whether a login asks for a code beside the password.
    public let hasSecondFactor: Bool
    public let createdAt: Timestamp
    /// Counts the user's changes from 1.
    public let version: Int64
    /// Raised to end all of the user's sessions at once; tokens of a lower epoch are refused.
    public let epoch: Int64

    public init(
        id: UserID,
        tenant: TenantID,
        organization: OrganizationID,
        userName: String,
        email: String,
        roles: [Role],
        status: Status = .active,
        passwordHash: Secret<String>,
        passwordSetAt: Timestamp,
        hasTemporaryPassword: Bool = false,
        hasSecondFactor: Bool = false,
        createdAt: Timestamp? = nil,
        version: Int64 = 1,
        epoch: Int64 = 0
    ) {
        self.id = id
        self.tenant = tenant
        self.organization = organization
        self.userName = userName
        self.email = email
        self.roles = roles
        self.status = status
        self.passwordHash = passwordHash
        self.passwordSetAt = passwordSetAt
        self.hasTemporaryPassword = hasTemporaryPassword
        self.hasSecondFactor = hasSecondFactor
        self.createdAt = createdAt ?? passwordSetAt
        self.version = version
        self.epoch = epoch
    }

    public static func == (lhs: User, rhs: User) -> Bool {
        lhs.id == rhs.id && lhs.tenant == rhs.tenant && lhs.organization == rhs.organization
            && lhs.userName == rhs.userName && lhs.email == rhs.email && lhs.roles == rhs.roles
            && lhs.status == rhs.status && lhs.passwordHash.matches(rhs.passwordHash)
            && lhs.passwordSetAt == rhs.passwordSetAt && lhs.hasTemporaryPassword == rhs.hasTemporaryPassword
            && lhs.hasSecondFactor == rhs.hasSecondFactor && lhs.createdAt == rhs.createdAt
            && lhs.version == rhs.version && lhs.epoch == rhs.epoch
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(id)
    }

    /// Whether the user's roles allow an admin session (contract, *Create*, step 8).
    public var isAdministrator: Bool {
        roles.contains(.admin) || roles.contains(.masterAdmin)
    }
}

/// What a user may do.
public enum Role: String, Hashable, Sendable, CaseIterable {
    /// Administers the own tenant.
    case admin = "ADMIN"
    /// Operates the platform.
    case masterAdmin = "MASTER_ADMIN"
    /// Uses the platform; may not open an admin session.
    case member = "MEMBER"
}
