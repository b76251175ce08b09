public import FinHubAPI
public import FinHubTokens

/// Lets administrators in: the nine checks of the contract's *Create*, in their order.
public struct LoginService: Sendable {
    private let sessions: any SessionStore
    private let credentials: CredentialCheck
    private let guesses: GuessGuard
    private let tenants: TenantDirectory
    private let secondFactors: SecondFactorService
    let proof: PasswordProof
    private let revocations: RevocationList
    private let issuer: TokenIssuer
    private let audit: AuditLog
    private let now: @Sendable () -> Timestamp

    public init(
        stores: Stores,
        guesses: GuessGuard,
        credentials: CredentialCheck,
        tenants: TenantDirectory,
        users: UserDirectory,
        secondFactors: SecondFactorService,
        hasher: any PasswordHashing,
        revocations: RevocationList,
        issuer: TokenIssuer,
        audit: AuditLog,
        now: @escaping @Sendable () -> Timestamp
    ) {
        sessions = stores.sessions
        self.credentials = credentials
        self.guesses = guesses
        self.tenants = tenants
        self.secondFactors = secondFactors
        proof = PasswordProof(directory: stores.directory, users: users, hasher: hasher)
        self.revocations = revocations
        self.issuer = issuer
        self.audit = audit
        self.now = now
    }

    /// Opens a session for the administrator that `order` proves to be.
    ///
    /// - Parameters:
    ///   - order: What the caller presents.
    ///   - admit: Throws when the tenant, which is proven by then, has too many logins.
    /// - Returns: The new session's tokens.
    /// - Throws: ``LoginRefusal``, and no session exists; ``GuessRefusal`` and ``PasswordHashingRefusal``,
    ///   likewise; what `admit` throws, likewise; or the store's own error, after which it is unknown
    ///   whether the session exists, though nobody holds a token of it.
    public func open(
        _ order: LoginOrder,
        admitting admit: (TenantID) throws -> Void = { _ in }
    ) async throws -> IssuedTokens {
        try await proving(order, admitting: admit) { tenant in try await openSession(order, in: tenant) }
    }

    /// Runs `body`, which proves who the user is, when the tenant is proven and may come in; whoever fails is noted.
    func proving<Proof>(
        _ order: LoginOrder,
        admitting admit: (TenantID) throws -> Void,
        _ body: (Tenant) async throws -> Proof
    ) async throws -> Proof {
        do {
            return try await provingUnnoted(order, admitting: admit, body)
        } catch let refusal as LoginRefusal {
            try await note(refusal, of: order)
            throw refusal
        }
    }

    /// Notes a login that failed for another reason than a wrong guess, which was noted when it was counted.
    ///
    /// One that was refused for its number alone is not noted: it costs nothing, and there may be any number of them.
    private func note(_ refusal: LoginRefusal, of order: LoginOrder) async throws {
        guard refusal != .invalidCredentials, refusal != .invalidTenantCredentials,
            let tenant = tenants.tenant(named: order.tenantName)
        else { return }
        // Whoever is named and is nobody is not kept: a name costs a guesser nothing.
        let subject = try await proof.exists(order.user, in: tenant.id) ? order.user : nil
        try await audit.append(
            AuditHappening(event: .loginFailed, subject: subject, reason: refusal.code),
            in: tenant.id
        )
    }

    private func provingUnnoted<Proof>(
        _ order: LoginOrder,
        admitting admit: (TenantID) throws -> Void,
        _ body: (Tenant) async throws -> Proof
    ) async throws -> Proof {
        let record = try await guesses.record(of: order.guess(at: tenants.tenant(named: order.tenantName)?.id))
        let tenant = try await guesses.provingTenant(record) {
            try await credentials.tenant(
                named: order.tenantName,
                key: order.tenantKey,
                secret: order.tenantSecret,
                by: order.client
            )
        }
        guard tenants.admits(order.address, to: tenant.id) else { throw LoginRefusal.ipNotAllowed }
        guard tenant.status == .active else { throw LoginRefusal.tenantSuspended }
        try admit(tenant.id)
        return try await guesses.provingUser(record) { try await body(tenant) }
    }

    /// The checks of who the user is, and what the user may do.
    private func openSession(_ order: LoginOrder, in tenant: Tenant) async throws -> IssuedTokens {
        let (user, hasWeakHash) = try await provenUser(order, in: tenant)
        if hasWeakHash { try await proof.strengthenHash(of: user, password: order.password) }
        guard user.status == .active else { throw LoginRefusal.accountDisabled }
        let policy = tenant.policy.value
        guard !policy.isTooOld(passwordSetAt: user.passwordSetAt, at: now()) else { throw LoginRefusal.passwordExpired }
        guard user.isAdministrator else { throw LoginRefusal.adminRoleRequired }
        try await proveSecondFactor(order, of: user)
        let session = newSession(of: user, in: tenant, client: order.client)
        let superseded = try await insert(session, within: policy.concurrency)
        var issued = try issuer.tokens(
            for: session,
            of: user,
            under: policy,
            to: order.caller,
            at: session.createdAt
        )
        issued.superseded = superseded
        return issued
    }

    /// Stores the session, and refuses the tokens of those that made room for it.
    private func insert(_ session: Session, within limit: ConcurrentSessions?) async throws -> [SessionID] {
        let note: AuditNote<InsertOutcome> = audit.note(in: session.tenant, by: session.user) { outcome in
            guard case .inserted(let superseded) = outcome else { return nil }
            let others = superseded.map(\.id.description).joined(separator: " ")
            return AuditHappening(
                event: .loginSucceeded,
                subject: session.user,
                session: session.id,
                changes: others.isEmpty ? [] : [AuditChange("supersededSessions", after: others)]
            )
        }
        guard case .inserted(let superseded) = try await sessions.insert(session, within: limit, noting: note) else {
            throw LoginRefusal.sessionLimitReached
        }
        for other in superseded {
            revocations.end(other.id, superseded: true, tokensExpireBy: other.expiresAt)
        }
        return superseded.map(\.id)
    }

    /// The user whose identifier, organization, name and password `order` gives.
    func provenUser(_ order: LoginOrder, in tenant: Tenant) async throws -> (user: User, hasWeakHash: Bool) {
        let name = SignInName(order.username)
        return try await proof.user(order.user, in: tenant.id, password: order.password) { user in
            let isNamed = name == SignInName(user.userName) || name == SignInName(user.email)
            return isNamed && (order.organization ?? user.organization) == user.organization
        }
    }

    /// Passes when the user has no second factor, or the code is one of it.
    func proveSecondFactor(_ order: LoginOrder, of user: User) async throws {
        try await secondFactors.prove(order.otp, of: user, onWrongCode: order.onWrongOTP)
    }

    private func newSession(of user: User, in tenant: Tenant, client: ClientDetails) -> Session {
        let createdAt = now()
        let policy = tenant.policy.value
        return Session(
            id: .random(),
            tenant: tenant.id,
            organization: user.organization,
            user: user.id,
            salt: Secret(SessionID.randomBytes()),
            userEpoch: user.epoch,
            tenantEpoch: tenant.epoch,
            createdAt: createdAt,
            expiresAt: createdAt.flooredToSecond + policy.effectiveTokenLifetime,
            absoluteEnd: createdAt.flooredToSecond + policy.absoluteLifetime,
            client: client
        )
    }
}

/// What a caller presents to get a session.
public struct LoginOrder: Sendable {
    /// `X-Tenant-ID` as it came.
    public let tenantName: String
    /// `nil` where it is not asked for, as by a change of the password.
    public let organization: OrganizationID?
    public let user: UserID
    /// User name or e-mail.
    public let username: String
    public let password: Secret<String>
    public let tenantKey: String
    public let tenantSecret: Secret<String>
    /// The second factor's code, or a recovery code; `nil` when none was given.
    public let otp: Secret<String>?
    /// The client's network address, as the server saw it.
    public let address: NetworkAddress?
    public let client: ClientDetails
    /// Told when failures have come so far that somebody has to wait.
    let onLock: @Sendable (GuessLock) -> Void
    /// Told when everything was right but ``otp``.
    let onWrongOTP: @Sendable () -> Void

    public init(
        tenantName: String,
        organization: OrganizationID?,
        user: UserID,
        username: String,
        password: Secret<String>,
        tenantKey: String,
        tenantSecret: Secret<String>,
        otp: Secret<String>? = nil,
        address: NetworkAddress?,
        client: ClientDetails,
        onLock: @escaping @Sendable (GuessLock) -> Void = { _ in },
        onWrongOTP: @escaping @Sendable () -> Void = {}
    ) {
        self.tenantName = tenantName
        self.organization = organization
        self.user = user
        self.username = username
        self.password = password
        self.tenantKey = tenantKey
        self.tenantSecret = tenantSecret
        self.otp = otp
        self.address = address
        self.client = client
        self.onLock = onLock
        self.onWrongOTP = onWrongOTP
    }

    fileprivate var caller: CallingClient { CallingClient(address: address, device: client.device) }

    /// What is guessed if the order is not an honest one.
    fileprivate func guess(at tenant: TenantID?) -> Guess {
        Guess(
            from: caller,
            at: tenant,
            named: tenantName,
            user: user,
            name: username,
            onLock: onLock
        )
    }
}

/// Why nobody was let in.
public enum LoginRefusal: Error, Hashable, Sendable {
    /// Unknown tenant, unknown or expired key, or wrong secret: one answer for all of these.
    case invalidTenantCredentials
    /// The tenant has an allowlist, and the client's address is not on it.
    case ipNotAllowed
    case tenantSuspended
    /// Unknown user, wrong name, password, organization or code: one answer for all of these.
    case invalidCredentials
    case accountDisabled
    /// The password was right, and is past its maximum age.
    case passwordExpired
    case adminRoleRequired
    /// Everything else was right, and the user has a second factor whose code is missing.
    case otpRequired
    /// Everything was right, and the user has as many sessions as the tenant's policy allows.
    case sessionLimitReached

    /// How the audit log calls it, which is how the answer does.
    var code: String {
        switch self {
        case .invalidTenantCredentials: ErrorCode.invalidTenantCredentials.rawValue
        case .ipNotAllowed: ErrorCode.ipNotAllowed.rawValue
        case .tenantSuspended: ErrorCode.tenantSuspended.rawValue
        case .invalidCredentials: ErrorCode.invalidCredentials.rawValue
        case .accountDisabled: ErrorCode.accountDisabled.rawValue
        case .passwordExpired: ErrorCode.passwordExpired.rawValue
        case .adminRoleRequired: ErrorCode.adminRoleRequired.rawValue
        case .otpRequired: ErrorCode.otpRequired.rawValue
        case .sessionLimitReached: ErrorCode.sessionLimitReached.rawValue
        }
    }
}
