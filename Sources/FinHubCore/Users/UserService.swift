public import FinHubAPI
public import FinHubTokens

/// The rules of an organization's users: who they are, what they may do, and when they are out.
public struct UserService: Sendable {
    private let store: any UserStore
    private let directory: any DirectoryStore
    private let users: UserDirectory
    private let revocations: RevocationList
    private let guesses: GuessGuard
    private let passwords: NewPasswords
    private let audit: AuditLog
    private let now: @Sendable () -> Timestamp

    public init(
        stores: Stores,
        passwords: NewPasswords,
        users: UserDirectory,
        revocations: RevocationList,
        guesses: GuessGuard,
        audit: AuditLog,
        now: @escaping @Sendable () -> Timestamp
    ) {
        store = stores.users
        directory = stores.directory
        self.passwords = passwords
        self.users = users
        self.revocations = revocations
        self.guesses = guesses
        self.audit = audit
        self.now = now
    }

    /// Lists one page of an organization's users, in the order of their names.
    ///
    /// - Returns: At most `query.limit` users, and where the next page begins.
    /// - Throws: ``UserRefusal/organizationNotFound``.
    public func page(_ query: UserQuery, in tenant: TenantID) async throws -> UserPage {
        let oneMore = UserQuery(
            organization: query.organization,
            prefix: query.prefix,
            after: query.after,
            limit: query.limit + 1
        )
        guard let found = try await store.users(matching: oneMore, in: tenant) else {
            throw UserRefusal.organizationNotFound
        }
        let users = Array(found.prefix(query.limit))
        let last = found.count > query.limit ? users.last : nil
        return UserPage(users: users, next: last.map { UserPosition(of: $0, prefix: query.prefix) })
    }

    /// The organization that is named, or the tenant's only one.
    ///
    /// - Throws: ``UserRefusal/organizationNotFound`` or ``UserRefusal/organizationNotNamed``.
    public func organization(_ named: OrganizationID?, in tenant: TenantID) async throws -> OrganizationID {
        let all = try await directory.organizations(of: tenant).map(\.id)
        if let named {
            guard all.contains(named) else { throw UserRefusal.organizationNotFound }
            return named
        }
        guard let only = all.first, all.count == 1 else { throw UserRefusal.organizationNotNamed }
        return only
    }

    /// Finds one user of the caller's tenant, as stored.
    ///
    /// - Throws: ``UserRefusal/userNotFound``, for another tenant's user too.
    public func user(_ id: UserID, in tenant: TenantID) async throws -> User {
        guard let user = try await directory.user(id, in: tenant) else { throw UserRefusal.userNotFound }
        return user
    }

    /// Adds a user with a temporary password.
    ///
    /// - Returns: The user, and the password if one had to be made.
    /// - Throws: ``UserRefusal``; ``PasswordHashingRefusal``; nothing is changed.
    public func create(
        _ order: NewUser,
        in tenant: TenantID,
        by administrator: Administrator
    ) async throws -> (user: User, password: Secret<String>?) {
        try administrator.requireRank(above: order.roles)
        guard try await directory.organization(order.organization, in: tenant) != nil else {
            throw UserRefusal.organizationNotFound
        }
        let password = order.password ?? passwords.random()
        let hash = try await passwords.hash(password, forUserNamed: order.userName, email: order.email, in: tenant)
        let user = User(
            id: .random(),
            tenant: tenant,
            organization: order.organization,
            userName: order.userName,
            email: order.email,
            roles: order.roles,
            passwordHash: hash,
            passwordSetAt: now(),
            hasTemporaryPassword: true
        )
        let note = audit.noteOfUser(user.id, in: tenant, .userCreated, AuditChange.all(to: user))
        _ = try done(try await store.insert(user, noting: note))
        return (user, order.password == nil ? password : nil)
    }

    /// Changes a user's e-mail, roles and status, if the user still is an edition that `isExpected` accepts.
    ///
    /// Who is disabled, or loses ADMIN or MASTER_ADMIN, is out at once.
    ///
    /// - Returns: The user as of now, and how many active sessions that ended.
    /// - Throws: ``UserRefusal``; nothing is changed.
    public func change(
        _ id: UserID,
        in tenant: TenantID,
        to state: UserState,
        by administrator: Administrator,
        ifMatching isExpected: (User) -> Bool = { _ in true }
    ) async throws -> (user: User, ended: Int) {
        let user = try await user(id, in: tenant)
        guard isExpected(user) else { throw UserRefusal.changedMeanwhile }
        try administrator.requireRank(above: user.roles + state.roles)
        let now = now()
        let isAdministrator = state.status == .active && state.roles.contains(.admin)
        let lost = Set(user.roles).subtracting(state.roles)
        let update = UserUpdate(
            user: id,
            tenant: tenant,
            version: user.version,
            email: state.email,
            roles: state.roles,
            status: state.status,
            withdrawsAccess: state.status == .disabled || lost.contains(.admin) || lost.contains(.masterAdmin),
            removesAdministrator: user.isActiveAdministrator && !isAdministrator,
            now: now,
            tokensExpireBy: RevocationList.expiryOfTokensIssued(before: now)
        )
        let note = audit.noteOfUser(
            id,
            in: tenant,
            Set(user.roles) == Set(state.roles) ? .userUpdated : .authorizationChanged,
            AuditChange.changes(of: user, to: state)
        )
        let (changed, cutOff) = try done(try await store.update(update, noting: note))
        apply(cutOff, to: id, tokensExpireBy: update.tokensExpireBy)
        return (changed ?? user, cutOff?.ended ?? 0)
    }

    /// Removes a user for good, who is out at once; the name may be given to somebody else.
    ///
    /// - Returns: How many active sessions that ended.
    /// - Throws: ``UserRefusal``; nothing is changed.
    public func delete(
        _ id: UserID,
        in tenant: TenantID,
        by administrator: Administrator,
        ifMatching isExpected: (User) -> Bool = { _ in true }
    ) async throws -> Int {
        let user = try await user(id, in: tenant)
        guard isExpected(user) else { throw UserRefusal.changedMeanwhile }
        try administrator.requireRank(above: user.roles)
        let now = now()
        let removal = UserRemoval(
            user: id,
            tenant: tenant,
            version: user.version,
            removesAdministrator: user.isActiveAdministrator,
            now: now,
            tokensExpireBy: RevocationList.expiryOfTokensIssued(before: now)
        )
        let note = audit.noteOfUser(id, in: tenant, .userDeleted, AuditChange.all(from: user))
        let (_, cutOff) = try done(try await store.delete(removal, noting: note))
        apply(cutOff, to: id, tokensExpireBy: removal.tokensExpireBy)
        return cutOff?.ended ?? 0
    }

    /// Forgets all failures that keep anybody out from a user.
    ///
    /// - Throws: ``UserRefusal/userNotFound``; ``UserRefusal/otherAdministratorRequired``, for a thief of one's
    ///   token would guess at one's password for ever; ``UserRefusal/masterAdministratorRequired``.
    public func unlock(_ id: UserID, in tenant: TenantID, by administrator: Administrator) async throws {
        let user = try await user(id, in: tenant)
        guard administrator.user != id else { throw UserRefusal.otherAdministratorRequired }
        try administrator.requireRank(above: user.roles)
        try await guesses.unlock(user)
    }

    private func apply(_ cutOff: CutOffOutcome?, to user: UserID, tokensExpireBy: Timestamp) {
        if let cutOff {
            revocations.cutOff(user: user, below: cutOff.epoch, sparing: nil, tokensExpireBy: tokensExpireBy)
        }
        users.drop(user)
    }
}

/// What came of it, or why nothing did.
func done(_ outcome: UserOutcome) throws(UserRefusal) -> (User?, CutOffOutcome?) {
    switch outcome {
    case .done(let user, let cutOff): return (user, cutOff)
    case .absent: throw .userNotFound
    case .changedMeanwhile: throw .changedMeanwhile
    case .taken(let name): throw .taken(name)
    case .lastAdministrator: throw .lastAdministrator
    }
}

extension User {
    fileprivate var isActiveAdministrator: Bool { status == .active && roles.contains(.admin) }
}

/// A user to be added.
public struct NewUser: Sendable {
    public let organization: OrganizationID
    public let userName: String
    public let email: String
    public let roles: [Role]
    /// `nil` for one that is made up.
    public let password: Secret<String>?

    public init(
        organization: OrganizationID,
        userName: String,
        email: String,
        roles: [Role],
        password: Secret<String>? = nil
    ) {
        self.organization = organization
        self.userName = userName
        self.email = email
        self.roles = roles
        self.password = password
    }
}

/// What of a user an administrator may change.
public struct UserState: Hashable, Sendable {
    public let email: String
    public let roles: [Role]
    public let status: User.Status

    public init(email: String, roles: [Role], status: User.Status) {
        self.email = email
        self.roles = roles
        self.status = status
    }
}

/// One page of a list of users.
public struct UserPage: Hashable, Sendable {
    public let users: [User]
    /// The place behind which the next page begins; `nil` when this is the last.
    public let next: UserPosition?
}
