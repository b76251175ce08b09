import Crypto
public import FinHubAPI
public import FinHubTokens

/// The rules of a second factor: a code from an app beside the password, and recovery codes on paper.
public struct SecondFactorService: Sendable {
    private let store: any SecondFactorStore
    private let seal: SeedSeal
    private let recoveryCodeKey: SymmetricKey
    private let tenants: TenantDirectory
    private let users: UserDirectory
    private let revocations: RevocationList
    private let audit: AuditLog
    private let now: @Sendable () -> Timestamp

    public init(
        store: any SecondFactorStore,
        masterKey: MasterKey,
        tenants: TenantDirectory,
        users: UserDirectory,
        revocations: RevocationList,
        audit: AuditLog,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        seal = SeedSeal(masterKey)
        recoveryCodeKey = masterKey.recoveryCodeKey
        self.tenants = tenants
        self.users = users
        self.revocations = revocations
        self.audit = audit
        self.now = now
    }

    /// Lets pass a user without a second factor, and one who presents a code that is right and not used.
    ///
    /// The password must have been proven before: only who knew it learns that a code is asked for.
    ///
    /// - Throws: ``LoginRefusal/otpRequired``; ``LoginRefusal/invalidCredentials`` for a wrong or used code.
    func prove(_ code: Secret<String>?, of user: User, onWrongCode: () -> Void) async throws {
        guard user.hasSecondFactor else { return }
        guard let code else { throw LoginRefusal.otpRequired }
        guard let checked = try await check(code, of: user.id, in: user.tenant),
            try await store.spend(checked, for: .signIn)
        else {
            onWrongCode()
            throw LoginRefusal.invalidCredentials
        }
    }

    /// The code, if it is right; `nil` for any other.
    private func check(_ code: Secret<String>, of user: UserID, in tenant: TenantID) async throws -> CheckedCode? {
        guard let presented = PresentedCode(code), let factor = try await store.factor(of: user, in: tenant) else {
            return nil
        }
        let now = now()
        switch presented {
        case .recovery(let code):
            let digest = code.digest(for: user, in: tenant, key: recoveryCodeKey)
            return CheckedCode(.recoveryCode(digest: digest), of: user, in: tenant, at: now)
        case .timed(let digits):
            let totp = TOTP(seed: try seal.open(factor.sealedSeed, for: user, in: tenant))
            return totp.step(of: digits, at: now).map { step in
                CheckedCode(.step(step, sealedSeed: factor.sealedSeed), of: user, in: tenant, at: now)
            }
        }
    }
}

// MARK: One's own

extension SecondFactorService {
    /// Makes a seed that counts for nothing until ``confirm(_:of:in:by:)``; a second call replaces it.
    ///
    /// - Parameters:
    ///   - user: Whose factor it will be.
    ///   - caller: The bearer's claims: the user, and nobody else.
    ///   - proving: Throws when the caller is not the user for sure: a thief of the token would lock out its owner.
    ///     Who has just signed in to enrol, and can do nothing else, has proven it then and is not asked.
    /// - Returns: The seed, for the user's app.
    /// - Throws: ``SecondFactorRefusal/userNotFound``, ``SecondFactorRefusal/notOwn`` or
    ///   ``SecondFactorRefusal/alreadyEnrolled``; what `proving` throws.
    public func begin(
        for user: UserID,
        by caller: AccessClaims,
        proving: () async throws -> Void
    ) async throws -> Enrolment {
        let tenant = caller.tenant
        let identity = try await ownIdentity(of: user, in: tenant, caller.user)
        if caller.restriction == nil { try await proving() }
        guard let owner = tenants.tenant(tenant) else { throw SecondFactorRefusal.userNotFound }
        let seed = Secret(systemRandomBytes(TOTP.seedLength))
        let sealed = try seal.seal(seed, for: user, in: tenant)
        guard try await store.begin(of: user, in: tenant, sealedSeed: sealed, at: now()) else {
            throw SecondFactorRefusal.alreadyEnrolled
        }
        return Enrolment(seed: seed, user: identity.user, tenant: owner)
    }

    /// Puts the factor in force, when `code` shows that the app has the seed.
    ///
    /// - Returns: The recovery codes; nobody can read them again.
    /// - Throws: ``SecondFactorRefusal``; nothing is changed.
    public func confirm(
        _ code: Secret<String>,
        of user: UserID,
        in tenant: TenantID,
        by caller: UserID
    ) async throws -> [Secret<String>] {
        _ = try await ownIdentity(of: user, in: tenant, caller)
        guard let factor = try await store.factor(of: user, in: tenant) else { throw SecondFactorRefusal.notEnrolled }
        guard factor.confirmedAt == nil else { throw SecondFactorRefusal.alreadyEnrolled }
        let codes = RecoveryCode.newSet()
        try await spend(code, of: user, in: tenant, for: .confirmation(recoveryCodes: digests(codes, user, tenant)))
        users.drop(user)
        return codes.map(\.grouped)
    }

    /// Makes new recovery codes; those from before, used or not, are good for nothing.
    ///
    /// - Throws: ``SecondFactorRefusal``; nothing is changed.
    public func renewRecoveryCodes(
        _ code: Secret<String>,
        of user: UserID,
        in tenant: TenantID,
        by caller: UserID
    ) async throws -> [Secret<String>] {
        _ = try await ownIdentity(of: user, in: tenant, caller)
        _ = try await confirmedFactor(of: user, in: tenant)
        let codes = RecoveryCode.newSet()
        try await spend(code, of: user, in: tenant, for: .renewal(recoveryCodes: digests(codes, user, tenant)))
        return codes.map(\.grouped)
    }

    /// Removes the caller's own factor and its recovery codes; the sessions go on.
    ///
    /// - Throws: ``SecondFactorRefusal``; nothing is changed.
    public func remove(_ code: Secret<String>, of user: UserID, in tenant: TenantID) async throws {
        _ = try await confirmedFactor(of: user, in: tenant)
        try await spend(code, of: user, in: tenant, for: .removal)
        users.drop(user)
    }

    private func spend(
        _ code: Secret<String>,
        of user: UserID,
        in tenant: TenantID,
        for purpose: CodePurpose
    ) async throws {
        let note: AuditNote<Bool> = audit.note(in: tenant) { isDone in
            isDone
                ? AuditHappening(
                    event: .administered,
                    subject: user,
                    object: "user/second-factor",
                    reason: purpose.auditReason
                ) : nil
        }
        guard let checked = try await check(code, of: user, in: tenant),
            try await store.spend(checked, for: purpose, noting: note)
        else { throw SecondFactorRefusal.wrongCode }
    }

    private func digests(_ codes: [RecoveryCode], _ user: UserID, _ tenant: TenantID) -> [[UInt8]] {
        codes.map { $0.digest(for: user, in: tenant, key: recoveryCodeKey) }
    }

    private func ownIdentity(of user: UserID, in tenant: TenantID, _ caller: UserID) async throws -> Identity {
        guard let identity = try await users.identity(of: user, in: tenant) else {
            throw SecondFactorRefusal.userNotFound
        }
        guard user == caller else { throw SecondFactorRefusal.notOwn }
        return identity
    }
}

// MARK: Anybody's

extension SecondFactorService {
    /// The factor that is asked for when the user signs in; `nil` when none is.
    ///
    /// - Throws: ``SecondFactorRefusal/userNotFound``.
    public func factor(of user: UserID, in tenant: TenantID) async throws -> SecondFactor? {
        guard try await users.identity(of: user, in: tenant) != nil else { throw SecondFactorRefusal.userNotFound }
        let factor = try await store.factor(of: user, in: tenant)
        return factor?.confirmedAt == nil ? nil : factor
    }

    /// Takes the factor from a user who has lost the device, and ends all sessions of that user.
    ///
    /// - Returns: How many active sessions that ended.
    /// - Throws: ``SecondFactorRefusal/userNotFound`` or ``SecondFactorRefusal/notEnrolled``;
    ///   ``UserRefusal/masterAdministratorRequired``.
    public func withdraw(from user: UserID, in tenant: TenantID, by administrator: Administrator) async throws -> Int {
        guard let identity = try await users.identity(of: user, in: tenant) else {
            throw SecondFactorRefusal.userNotFound
        }
        try administrator.requireRank(above: identity.user.roles)
        _ = try await confirmedFactor(of: user, in: tenant)
        let now = now()
        let tokensExpireBy = RevocationList.expiryOfTokensIssued(before: now)
        let outcome = try await store.withdraw(
            from: user,
            in: tenant,
            at: now,
            tokensExpireBy: tokensExpireBy,
            noting: audit.note(in: tenant) { outcome in
                outcome.map { _ in
                    AuditHappening(
                        event: .administered,
                        subject: user,
                        object: "user/second-factor",
                        reason: "WITHDRAWN"
                    )
                }
            }
        )
        guard let outcome else { throw SecondFactorRefusal.notEnrolled }
        revocations.cutOff(user: user, below: outcome.epoch, sparing: nil, tokensExpireBy: tokensExpireBy)
        users.drop(user)
        return outcome.ended
    }

    private func confirmedFactor(of user: UserID, in tenant: TenantID) async throws -> SecondFactor {
        guard let factor = try await factor(of: user, in: tenant) else { throw SecondFactorRefusal.notEnrolled }
        return factor
    }
}

extension CodePurpose {
    /// How the audit log calls what is done with the code.
    fileprivate var auditReason: String {
        switch self {
        case .signIn: "USED"
        case .confirmation: "ENROLLED"
        case .renewal: "RECOVERY_CODES_RENEWED"
        case .removal: "REMOVED"
        }
    }
}

/// Why nothing was done about a second factor.
public enum SecondFactorRefusal: Error, Hashable, Sendable {
    /// No such tenant, where it is named on the command line.
    case tenantNotFound
    /// No such user in the caller's tenant.
    case userNotFound
    /// Only the user may do that.
    case notOwn
    /// There is a factor in force.
    case alreadyEnrolled
    /// There is no factor in force, or none to be confirmed.
    case notEnrolled
    /// The code is not the right one now, or was used before.
    case wrongCode
}
