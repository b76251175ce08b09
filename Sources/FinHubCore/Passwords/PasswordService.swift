public import FinHubAPI
public import FinHubTokens

/// The rules of changing and resetting passwords; each ends the user's sessions at once.
public struct PasswordService: Sendable {
    private let store: any UserStore
    private let directory: any DirectoryStore
    private let passwords: NewPasswords
    private let proof: PasswordProof
    private let logins: LoginService
    private let guesses: GuessGuard
    private let users: UserDirectory
    private let revocations: RevocationList
    private let audit: AuditLog
    private let now: @Sendable () -> Timestamp

    public init(
        stores: Stores,
        passwords: NewPasswords,
        logins: LoginService,
        guesses: GuessGuard,
        users: UserDirectory,
        revocations: RevocationList,
        audit: AuditLog,
        now: @escaping @Sendable () -> Timestamp
    ) {
        store = stores.users
        directory = stores.directory
        self.passwords = passwords
        proof = logins.proof
        self.logins = logins
        self.guesses = guesses
        self.users = users
        self.revocations = revocations
        self.audit = audit
        self.now = now
    }

    /// Changes one's own password, which needs the present one; the session in use goes on.
    ///
    /// - Returns: How many other sessions that ended.
    /// - Throws: ``LoginRefusal/invalidCredentials`` for a wrong present password; ``GuessRefusal``;
    ///   ``UserRefusal/passwordRejected(_:)``; ``PasswordHashingRefusal``. Nothing is changed.
    public func changeOwn(
        _ guess: Guess,
        of claims: AccessClaims,
        from current: Secret<String>,
        to password: Secret<String>
    ) async throws -> Int {
        try await guesses.provingUser(guesses.record(of: guess)) {
            let user = try await proof.user(claims.user, in: claims.tenant, password: current).user
            let hash = try await passwords.hash(password, for: user)
            return try await set(hash, of: user, proven: true, sparing: claims.session)
        }
    }

    /// Passes when `password` is the caller's own.
    ///
    /// - Throws: ``LoginRefusal/invalidCredentials``; ``GuessRefusal``; ``PasswordHashingRefusal``.
    public func prove(_ password: Secret<String>, of claims: AccessClaims, as guess: Guess) async throws {
        try await guesses.provingUser(guesses.record(of: guess), signsIn: false) {
            _ = try await proof.user(claims.user, in: claims.tenant, password: password)
        }
    }

    /// Changes the password of somebody who can't sign in with it any more, as it is too old.
    ///
    /// Everything that a login asks for is asked for here, but for the role; all sessions of the user end.
    ///
    /// - Returns: How many active sessions that ended.
    /// - Throws: As ``LoginService/open(_:admitting:)`` does; ``UserRefusal/passwordRejected(_:)``.
    public func changeSignedOut(
        _ order: LoginOrder,
        to password: Secret<String>,
        admitting admit: (TenantID) throws -> Void
    ) async throws -> Int {
        try await logins.proving(order, admitting: admit) { tenant in
            let user = try await logins.provenUser(order, in: tenant).user
            guard user.status == .active else { throw LoginRefusal.accountDisabled }
            // Before the code, which is used up: who has to choose another password can send it again.
            let hash = try await passwords.hash(password, for: user)
            try await logins.proveSecondFactor(order, of: user)
            return try await set(hash, of: user, proven: true, sparing: nil)
        }
    }

    /// Sets somebody else's password, which they have to change before they can do anything else.
    ///
    /// - Parameters:
    ///   - password: The temporary password; `nil` for one that is made up.
    ///   - id: Whose.
    ///   - tenant: The administrator's tenant.
    ///   - administrator: Anybody but the user, who has to change it with the present one.
    /// - Returns: The password that was made up, and how many active sessions ended.
    /// - Throws: ``UserRefusal``; ``PasswordHashingRefusal``. Nothing is changed.
    public func reset(
        to password: Secret<String>? = nil,
        of id: UserID,
        in tenant: TenantID,
        by administrator: Administrator
    ) async throws -> (password: Secret<String>?, ended: Int) {
        guard administrator.user != id else { throw UserRefusal.currentPasswordRequired }
        let temporary = password ?? passwords.random()
        let ended: Int
        do {
            ended = try await set(temporary, of: id, in: tenant, by: administrator)
        } catch UserRefusal.changedMeanwhile {
            // Hashing takes its time; whoever the user is by now is looked at again.
            ended = try await set(temporary, of: id, in: tenant, by: administrator)
        }
        // The password is set, and only now to be seen; waits that can't be forgotten end by themselves.
        if let user = try? await directory.user(id, in: tenant) { try? await guesses.unlock(user) }
        return (password == nil ? temporary : nil, ended)
    }

    private func set(
        _ temporary: Secret<String>,
        of id: UserID,
        in tenant: TenantID,
        by administrator: Administrator
    ) async throws -> Int {
        guard let user = try await directory.user(id, in: tenant) else { throw UserRefusal.userNotFound }
        try administrator.requireRank(above: user.roles)
        let hash = try await passwords.hash(temporary, for: user)
        return try await set(hash, of: user, proven: false, sparing: nil)
    }

    private func set(
        _ hash: Secret<String>,
        of user: User,
        proven isProven: Bool,
        sparing spared: SessionID?
    ) async throws -> Int {
        let now = now()
        let change = PasswordChange(
            user: user.id,
            tenant: user.tenant,
            replacing: isProven ? user.passwordHash : nil,
            // Whose rank was looked at is whose password is set.
            version: isProven ? nil : user.version,
            hash: hash,
            isTemporary: !isProven,
            remembered: PasswordRules.remembered - 1,
            spared: spared,
            now: now,
            tokensExpireBy: RevocationList.expiryOfTokensIssued(before: now)
        )
        // Who has proven the present one is the user, signed in or not.
        let note = audit.noteOfUser(
            user.id,
            in: user.tenant,
            by: isProven ? user.id : nil,
            .passwordChanged,
            reason: isProven ? nil : "RESET"
        )
        let outcome = try await store.setPassword(change, noting: note)
        // The password that was proven is not the user's any more.
        if isProven, outcome == .changedMeanwhile { throw LoginRefusal.invalidCredentials }
        guard let cutOff = try done(outcome).1 else { return 0 }
        revocations.cutOff(
            user: user.id,
            below: cutOff.epoch,
            sparing: cutOff.spared,
            tokensExpireBy: change.tokensExpireBy
        )
        users.drop(user.id)
        return cutOff.ended
    }
}
