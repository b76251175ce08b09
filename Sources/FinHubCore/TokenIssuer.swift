public import FinHubAPI
public import FinHubTokens

/// What a login or a refresh hands out.
public struct IssuedTokens: Sendable {
    public let session: Session
    public let accessToken: Secret<String>
    public let refreshToken: Secret<String>
    /// Until when both work, from their issue.
    public let lifetime: Duration
}

/// Makes the tokens of a session.
public struct TokenIssuer: Sendable {
    private let format: TokenFormat
    private let keys: KeyRing
    private let refreshTokens: RefreshTokens

    public init(format: TokenFormat, keys: KeyRing, refreshTokens: RefreshTokens) {
        self.format = format
        self.keys = keys
        self.refreshTokens = refreshTokens
    }

    /// The access and refresh tokens of `user`'s `session` as it stands.
    ///
    /// - Throws: ``MissingSigningKey`` when the tenant has none, which no tenant of ours is without.
    func tokens(for session: Session, of user: User, under policy: SessionPolicy, at now: Timestamp) throws
        -> IssuedTokens
    {
        guard let key = keys.current(for: session.tenant) else { throw MissingSigningKey(tenant: session.tenant) }
        // A retry after the clock was set back would otherwise last longer than a token may.
        let expiresAt = min(session.expiresAt.seconds, now.seconds + TokenFormat.longestLifetimeSeconds)
        let claims = AccessClaims(
            user: session.user,
            organization: session.organization,
            tenant: session.tenant,
            roles: user.roles.map(\.rawValue),
            issuedAt: now.seconds,
            expiresAt: expiresAt,
            tokenID: Base64URL.encode(ID<AccessClaims>.randomBytes()),
            session: session.id,
            userEpoch: session.userEpoch,
            tenantEpoch: session.tenantEpoch,
            restriction: policy.restriction(on: user)
        )
        return IssuedTokens(
            session: session,
            accessToken: format.sign(claims, with: key),
            refreshToken: refreshTokens.current(of: session),
            lifetime: .seconds(expiresAt - now.seconds)
        )
    }
}

/// A tenant has no key to sign with: its installation was not finished, or not read yet.
public struct MissingSigningKey: Error, Hashable, Sendable {
    public let tenant: TenantID
}

extension ID {
    /// 128 bits from the system's generator.
    static func randomBytes() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return ID(high: generator.next(), low: generator.next()).bytes
    }
}
