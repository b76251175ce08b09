public import FinHubAPI

/// What an access token says (contract, *Tokens*).
///
/// On the wire beside these: `iss` and `aud` of the ``TokenFormat``, `userType` (`"ADMIN"`) and
/// `token_use` (`"access"`). The two epochs are ours: raising one ends everything below it.
public struct AccessClaims: Hashable, Sendable {
    public let user: UserID
    public let organization: OrganizationID
    public let tenant: TenantID
    public let roles: [String]
    /// `iat`, whole seconds since 1970 (RFC 7519, section 4.1.6).
    public let issuedAt: Int64
    /// `exp`, whole seconds since 1970; the token is refused from that second on.
    public let expiresAt: Int64
    /// `jti`: 128 random bits, 22 base64url characters.
    public let tokenID: String
    public let session: SessionID
    public let userEpoch: Int64
    public let tenantEpoch: Int64
    /// The one thing that the token is good for, the claim `scope` (RFC 8693, section 4.2);
    /// `nil`, and no claim, for everything.
    public let restriction: TokenRestriction?
    /// A code of the client that alone may use the token, in base64url; `nil` for any client.
    ///
    /// On the wire the member `client` of `cnf` (RFC 7800, section 3.1).
    public let client: String?

    public init(
        user: UserID,
        organization: OrganizationID,
        tenant: TenantID,
        roles: [String],
        issuedAt: Int64,
        expiresAt: Int64,
        tokenID: String,
        session: SessionID,
        userEpoch: Int64,
        tenantEpoch: Int64,
        restriction: TokenRestriction? = nil,
        client: String? = nil
    ) {
        self.user = user
        self.organization = organization
        self.tenant = tenant
        self.roles = roles
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.tokenID = tokenID
        self.session = session
        self.userEpoch = userEpoch
        self.tenantEpoch = tenantEpoch
        self.restriction = restriction
        self.client = client
    }
}

/// What must be done before a session can do anything else; the raw value is the claim's.
public enum TokenRestriction: String, Hashable, Sendable, CaseIterable {
    /// The own password must be changed: somebody else knows it.
    case password
    /// A second factor must be enrolled: the tenant asks for one.
    case secondFactor = "second_factor"
}

/// What is wrong with an access token.
public enum TokenError: Error, Hashable, Sendable {
    /// There is no bearer credential, or it has not the shape of one.
    case malformed
    /// It is not one of ours, or not for here, or was altered: no detail.
    case invalid
    /// It is one of ours, and its time is over.
    case expired(AccessClaims)
    /// It is one of ours, and its session was ended.
    case revoked(AccessClaims)
    /// It is one of ours, and a newer session took the place of its session.
    case superseded(AccessClaims)
}
