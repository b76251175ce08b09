public import FinHubAPI
public import FinHubCore
import FinHubTokens
import HTTPTypes
import Hummingbird

/// Everything the routes call, built once by the executable or a test.
public struct Services: Sendable {
    let logins: LoginService
    let sessions: SessionService
    let hierarchies: HierarchyService
    let secondFactors: SecondFactorService
    let userAccounts: UserService
    let passwords: PasswordService
    let tenantAdministration: TenantService
    let tenantCredentials: CredentialService
    let credentialUses: CredentialUses
    let reminders: any ReminderStore
    let audit: AuditLog
    let credentials: CredentialCheck
    let users: UserDirectory
    let tenants: TenantDirectory
    let gate: Gate
    let addresses: ClientAddressRule
    let guesses: GuessGuard
    let limits: CallLimits
    let check: TokenCheck
    let identity: TokenIdentity
    let feed: FeedFollower
    let metrics = SessionMetrics()
    let now: @Sendable () -> Timestamp

    /// Puts the services together on `stores`.
    ///
    /// ``start()`` must have returned before the first request.
    public init(
        stores: Stores,
        masterKey: MasterKey,
        hasher: any PasswordHashing,
        trustedProxies: [NetworkRange] = [],
        limits: RateLimits = RateLimits(),
        identity: TokenIdentity = TokenIdentity(),
        now: @escaping @Sendable () -> Timestamp
    ) {
        let format = TokenFormat(issuer: identity.issuer, audience: identity.audience)
        let keys = KeyRing()
        let revocations = RevocationList()
        let refreshTokens = RefreshTokens(masterKey)
        let binding = ClientBinding(masterKey)
        let issuer = TokenIssuer(format: format, keys: keys, refreshTokens: refreshTokens, binding: binding)
        tenants = TenantDirectory()
        users = UserDirectory(store: stores.directory)
        check = TokenCheck(format: format, keys: keys, revocations: revocations)
        reminders = stores.reminders
        audit = AuditLog(store: stores.audit, masterKey: masterKey, now: now)
        credentialUses = CredentialUses(store: stores.credentials, now: now)
        credentials = CredentialCheck(tenants: tenants, store: stores.directory, uses: credentialUses, now: now)
        tenantCredentials = CredentialService(store: stores.credentials, uses: credentialUses, audit: audit, now: now)
        tenantAdministration = TenantService(stores: stores, tenants: tenants, audit: audit, now: now)
        hierarchies = HierarchyService(store: stores.directory, tenants: tenants, audit: audit)
        guesses = GuessGuard(stores: stores, audit: audit, now: now)
        secondFactors = SecondFactorService(
            store: stores.secondFactors,
            masterKey: masterKey,
            tenants: tenants,
            users: users,
            revocations: revocations,
            audit: audit,
            now: now
        )
        logins = LoginService(
            stores: stores,
            guesses: guesses,
            credentials: credentials,
            tenants: tenants,
            users: users,
            secondFactors: secondFactors,
            hasher: hasher,
            revocations: revocations,
            issuer: issuer,
            audit: audit,
            now: now
        )
        let newPasswords = NewPasswords(store: stores.users, tenants: tenants, hasher: hasher)
        userAccounts = UserService(
            stores: stores,
            passwords: newPasswords,
            users: users,
            revocations: revocations,
            guesses: guesses,
            audit: audit,
            now: now
        )
        passwords = PasswordService(
            stores: stores,
            passwords: newPasswords,
            logins: logins,
            guesses: guesses,
            users: users,
            revocations: revocations,
            audit: audit,
            now: now
        )
        sessions = SessionService(
            store: stores.sessions,
            tenants: tenants,
            users: users,
            revocations: revocations,
            issuer: issuer,
            refreshTokens: refreshTokens,
            audit: audit,
            now: now
        )
        feed = FeedFollower(
            stores: stores,
            masterKey: masterKey,
            tenants: tenants,
            users: users,
            keys: keys,
            revocations: revocations,
            now: now
        )
        addresses = ClientAddressRule(trustedProxies: trustedProxies)
        self.limits = CallLimits(limits: limits, addresses: addresses, now: now)
        gate = Gate(
            check: check,
            tenants: tenants,
            addresses: addresses,
            limits: self.limits,
            binding: binding,
            feed: feed,
            now: now
        )
        self.identity = identity
        self.now = now
    }

    /// Reads tenants, keys and what was ended before; nothing can be checked before that.
    public func start() async throws {
        try await feed.start()
    }

    /// Whether the change feed was read within the last five seconds (design, *Promises*).
    func isReady() -> Bool {
        feed.isCurrent(at: now())
    }

    /// The client's network address; `nil` where there is no connection, as in an in-process test.
    func clientAddress(of request: Request, in context: APIContext) -> NetworkAddress? {
        context.peer.clientAddress(by: addresses, request.headers)
    }

    /// What the caller's headers and address say of it, cut to what a row should hold.
    func clientDetails(of request: Request, at address: NetworkAddress?) -> ClientDetails {
        ClientDetails(request.headers, address: address)
    }

    /// Who calls.
    func callingClient(of request: Request, in context: APIContext) -> CallingClient {
        CallingClient(
            address: clientAddress(of: request, in: context),
            device: ClientDetails.device(request.headers)
        )
    }

    /// What there is to say to a tenant's backend of a token: of another tenant's, nothing.
    ///
    /// One that is good for getting rid of a restriction alone is good for nothing elsewhere.
    func introspection(of token: Secret<String>, in tenant: TenantID) -> IntrospectionBody {
        guard let claims = try? check.claims(fromAuthorization: "Bearer \(token.reveal())", now: now()),
            claims.tenant == tenant, claims.restriction == nil
        else { return .inactive }
        return .active(
            user: claims.user,
            organization: claims.organization,
            tenant: claims.tenant,
            session: claims.session,
            roles: claims.roles,
            issuer: identity.issuer,
            audience: identity.audience,
            tokenID: claims.tokenID,
            issuedAtSeconds: claims.issuedAt,
            expiresAtSeconds: claims.expiresAt
        )
    }
}

/// Who issues tokens and for whom: the claims `iss` and `aud`.
public struct TokenIdentity: Sendable {
    public let issuer: String
    public let audience: String

    public init(issuer: String = "finhub", audience: String = "finhub-api") {
        self.issuer = issuer
        self.audience = audience
    }
}
