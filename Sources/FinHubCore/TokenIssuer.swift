public import FinHubAPI
public import FinHubTokens

/// What a login or a refresh hands out.
public struct IssuedTokens: Sendable {
    public let session: Session
    public let accessToken: Secret<String>
    public let refreshToken: Secret<String>
    public let expiresAt: Timestamp
    /// Until when both work, from their issue.
    public let lifetime: Duration
    /// Which sessions were ended to make room for this one.
    public internal(set) var superseded: [SessionID] = []
}

/// Makes the tokens of a session.
public struct TokenIssuer: Sendable {
    private let format: TokenFormat
    private let keys: KeyRing
    private let refreshTokens: RefreshTokens
    private let binding: ClientBinding

    public init(format: TokenFormat, keys: KeyRing, refreshTokens: RefreshTokens, binding: ClientBinding) {
        self.format = format
        self.keys = keys
        self.refreshTokens = refreshTokens
        self.binding = binding
    }

    /// The access and refresh tokens of `user`'s `session` as it stands, for `client`.
    ///
    /// - Throws: ``MissingSigningKey`` when the tenant has none, which no tenant of ours is without.
    func tokens(
        for session: Session,
        of user: User,
        under policy: SessionPolicy,
        to client: CallingClient,
        at now: Timestamp
    ) throws -> IssuedTokens {
        guard let key = keys.current(for: session.tenant) else { throw MissingSigningKey(tenant: session.tenant) }
        // The session may last longer: older tokens do when the policy has become stricter, or the clock was set back.
        let expiresAt = min(session.expiresAt.seconds, now.seconds + policy.effectiveTokenLifetime.components.seconds)
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
            restriction: policy.restriction(on: user),
            client: binding.code(of: client, for: session.id, under: policy)
        )
        return IssuedTokens(
            session: session,
            accessToken: format.sign(claims, with: key),
            refreshToken: refreshTokens.current(of: session),
            expiresAt: Timestamp(seconds: expiresAt),
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
