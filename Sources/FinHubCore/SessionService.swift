public import FinHubAPI
public import FinHubTokens

/// The rules of a session's life after login; it has no state of its own.
public struct SessionService: Sendable {
    private let store: any SessionStore
    private let tenants: TenantDirectory
    private let users: UserDirectory
    private let revocations: RevocationList
    private let issuer: TokenIssuer
    private let refreshTokens: RefreshTokens
    private let audit: AuditLog
    private let now: @Sendable () -> Timestamp

    public init(
        store: any SessionStore,
        tenants: TenantDirectory,
        users: UserDirectory,
        revocations: RevocationList,
        issuer: TokenIssuer,
        refreshTokens: RefreshTokens,
        audit: AuditLog,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.tenants = tenants
        self.users = users
        self.revocations = revocations
        self.issuer = issuer
        self.refreshTokens = refreshTokens
        self.audit = audit
        self.now = now
    }
}

/// Why an operation on a session was refused.
public enum SessionRefusal: Error, Hashable, Sendable {
    /// No such session or user in the caller's tenant.
    case notFound
    /// The refresh token is malformed, invented, or of another session than path or bearer.
    case invalidRefreshToken
    /// A replaced refresh token was used: somebody else has one. The session is ended.
    case refreshTokenReused(SessionID)
    /// The session's time is over.
    case expired
    /// The access token's time is over, while its session goes on with a newer one.
    case tokenExpired
    /// The session was ended.
    case revoked
    /// A newer session took its place.
    case superseded
    /// The user's password is past its maximum age: change it, then refresh.
    case passwordExpired
}

extension SessionRefusal {
    /// What there is to say of a session that was ended.
    init(_ ending: Ending) {
        self = ending.reason == .superseded ? .superseded : .revoked
    }
}

// MARK: Refresh

extension SessionService {
    /// Replaces a session's tokens by new ones.
    ///
    /// Every refresh moves the session to its next generation. The token just replaced, presented
    /// again within the retry window and before its successor was used, gets that same successor:
    /// a lost answer costs nothing. Any other use of a replaced token ends the session.
    ///
    /// - Parameters:
    ///   - id: The session that the caller names.
    ///   - presented: The refresh token.
    ///   - client: Who calls; where the policy binds tokens to their client, the new ones are bound to this.
    ///   - claims: The bearer's claims. They may have expired; then the refusal says whose time
    ///     is over, the token's or the session's.
    /// - Returns: The session's new tokens, or once more the ones whose answer was lost.
    /// - Throws: ``SessionRefusal``; nothing is changed but by
    ///   ``SessionRefusal/refreshTokenReused(_:)``.
    public func refresh(
        _ id: SessionID,
        with presented: Secret<String>,
        from client: CallingClient = CallingClient(address: nil, device: nil),
        bearer claims: AccessClaims
    ) async throws -> IssuedTokens {
        let now = now()
        guard claims.session == id else { throw SessionRefusal.invalidRefreshToken }
        guard claims.expiresAt > now.seconds else { throw try await expiry(of: claims, at: now) }
        guard let token = PresentedRefreshToken(presented),
            let generation = refreshTokens.claimedGeneration(token, of: id, in: claims.tenant)
        else { throw SessionRefusal.invalidRefreshToken }
        let policy = tenants.policy(of: claims.tenant)
        guard let identity = try await users.identity(of: claims.user, in: claims.tenant),
            identity.user.status == .active, identity.user.isAdministrator
        else { throw SessionRefusal.revoked }
        guard !policy.isTooOld(passwordSetAt: identity.user.passwordSetAt, at: now) else {
            throw SessionRefusal.passwordExpired
        }
        let rotation = Rotation(
            session: id,
            tenant: claims.tenant,
            presented: Int64(generation),
            now: now,
            expiresAt: now.flooredToSecond + policy.effectiveTokenLifetime
        ) { [refreshTokens] salt in
            refreshTokens.proves(token, generation: generation, of: id, in: claims.tenant, salt: salt)
        }
        switch try await store.rotate(rotation) {
        case .rotated(let session):
            return try issuer.tokens(for: session, of: identity.user, under: policy, to: client, at: now)
        case .stale(let session):
            try await requireRetry(of: Int64(generation), in: session, at: now)
            return try issuer.tokens(for: session, of: identity.user, under: policy, to: client, at: now)
        case .unproven:
            throw SessionRefusal.invalidRefreshToken
        }
    }

    /// Passes if a proven token that is not the current one is a retry; else throws what it is.
    private func requireRetry(of generation: Int64, in session: Session, at now: Timestamp) async throws {
        if let ending = session.ending { throw SessionRefusal(ending) }
        guard now < session.expiresAt else { throw SessionRefusal.expired }
        guard generation < session.generation else { throw SessionRefusal.invalidRefreshToken }
        let isLastReplaced = generation == session.generation - 1
        if isLastReplaced, let refreshedAt = session.refreshedAt,
            now - refreshedAt < tenants.policy(of: session.tenant).retryWindow
        {
            return
        }
        let earlier = try await end(session.id, in: session.tenant, for: .refreshTokenReused)
        throw earlier.map { SessionRefusal($0) } ?? .refreshTokenReused(session.id)
    }

    private func expiry(of claims: AccessClaims, at now: Timestamp) async throws -> SessionRefusal {
        guard let session = try await store.session(claims.session, in: claims.tenant) else { return .tokenExpired }
        if let ending = session.ending { return SessionRefusal(ending) }
        return session.isActive(at: now) ? .tokenExpired : .expired
    }
}

// MARK: Look, list, end

extension SessionService {
    /// Finds one session of the caller's tenant.
    ///
    /// - Throws: ``SessionRefusal/notFound``, for another tenant's session too.
    public func session(_ id: SessionID, in tenant: TenantID) async throws -> Session {
        guard let session = try await store.session(id, in: tenant) else { throw SessionRefusal.notFound }
        return session
    }

    /// Lists one page of a user's sessions, newest first.
    ///
    /// - Returns: At most `query.limit` sessions, and whether there are more.
    /// - Throws: ``SessionRefusal/notFound`` when the tenant has no such user.
    public func page(_ query: SessionQuery, in tenant: TenantID) async throws -> SessionPage {
        let oneMore = SessionQuery(
            user: query.user,
            organization: query.organization,
            status: query.status,
            now: query.now,
            after: query.after,
            limit: query.limit + 1
        )
        guard let found = try await store.sessions(matching: oneMore, in: tenant) else {
            throw SessionRefusal.notFound
        }
        return SessionPage(sessions: Array(found.prefix(query.limit)), hasMore: found.count > query.limit)
    }

    /// Ends a session: its tokens are refused from here on, on this server at once.
    ///
    /// - Throws: ``SessionRefusal/notFound``; ending one twice is no error.
    public func end(_ id: SessionID, in tenant: TenantID) async throws {
        _ = try await end(id, in: tenant, for: .endedByAdministrator)
    }

    /// Ends a session, and says what had ended it before; `nil` when this call is the one that did.
    ///
    /// Its tokens are refused here in either case: who ended it may not have got as far as that,
    /// or may be another server.
    private func end(_ id: SessionID, in tenant: TenantID, for reason: EndReason) async throws -> Ending? {
        let note: AuditNote<EndOutcome> = audit.note(in: tenant) { outcome in
            guard case .ended(let session) = outcome else { return nil }
            return AuditHappening(
                event: reason == .refreshTokenReused ? .tokenReused : .tokenRevoked,
                subject: session.user,
                session: id,
                reason: reason.rawValue
            )
        }
        switch try await store.end(id, in: tenant, for: reason, at: now(), noting: note) {
        case .ended(let session):
            refuseTokens(of: session)
            return nil
        case .alreadyEnded(let session):
            refuseTokens(of: session)
            return session.ending
        case .absent:
            throw SessionRefusal.notFound
        }
    }

    private func refuseTokens(of session: Session) {
        let isSuperseded = session.ending?.reason == .superseded
        revocations.end(session.id, superseded: isSuperseded, tokensExpireBy: session.expiresAt)
    }

    /// Ends all sessions of a user, but for the one spared.
    ///
    /// - Returns: How many active sessions that ended.
    /// - Throws: ``SessionRefusal/notFound`` when the tenant has no such user.
    public func endAll(
        of user: UserID,
        organization: OrganizationID,
        in tenant: TenantID,
        sparing spared: SessionID?
    ) async throws -> Int {
        let now = now()
        let tokensExpireBy = RevocationList.expiryOfTokensIssued(before: now)
        let outcome = try await store.endAll(
            of: user,
            organization: organization,
            in: tenant,
            sparing: spared,
            at: now,
            tokensExpireBy: tokensExpireBy,
            noting: audit.note(in: tenant) { outcome in
                AuditHappening(
                    event: .tokenRevoked,
                    subject: user,
                    session: outcome.spared,
                    reason: EndReason.allSessionsEnded.rawValue,
                    changes: [AuditChange("endedSessions", after: "\(outcome.ended)")]
                )
            }
        )
        guard let outcome else { throw SessionRefusal.notFound }
        revocations.cutOff(user: user, below: outcome.epoch, sparing: outcome.spared, tokensExpireBy: tokensExpireBy)
        users.drop(user)
        return outcome.ended
    }
}

/// One page of a list of sessions.
public struct SessionPage: Hashable, Sendable {
    public let sessions: [Session]
    public let hasMore: Bool
}
