import FinHubAPI
import FinHubCore
import FinHubTokens
import HTTPTypes
import Hummingbird

/// Somebody whose access token was checked; only the ``Gate`` makes one.
struct Caller: Sendable {
    let claims: AccessClaims

    fileprivate init(claims: AccessClaims) {
        self.claims = claims
    }

    var tenant: TenantID { claims.tenant }
}

/// Lets in who has an access token of the tenant that the request names.
///
/// No database is asked.
struct Gate: Sendable {
    let check: TokenCheck
    let tenants: TenantDirectory
    let addresses: ClientAddressRule
    let limits: CallLimits
    let binding: ClientBinding
    let feed: FeedFollower
    let now: @Sendable () -> Timestamp

    /// The caller that the request's headers prove.
    ///
    /// A restricted token is good only for the call that is `allowed`: the way out of its restriction.
    ///
    /// - Throws: ``Refusal``, what is wrong with the token, or why it is refused all the same.
    func caller(
        of request: Request,
        from peer: Peer,
        allowing allowed: TokenRestriction? = nil
    ) throws -> Caller {
        let caller = try restrictedCaller(of: request, from: peer)
        if let restriction = caller.claims.restriction, restriction != allowed {
            throw AccessObjection.restricted(restriction)
        }
        return caller
    }

    /// The caller of a refresh, whose token may have expired or be restricted.
    ///
    /// Whose time is over, the token's or the session's, the session knows. A refresh is how a
    /// session gets rid of its restriction.
    func callerMaybeExpired(of request: Request, from peer: Peer) throws -> Caller {
        do {
            return try restrictedCaller(of: request, from: peer)
        } catch TokenError.expired(let claims) {
            return try caller(claims, naming: request.tenantName, request, from: peer)
        }
    }

    /// The caller of an end; `nil` when the token is good but for its session, the very one to
    /// be ended, having been ended before: ending twice is no error.
    ///
    /// A restricted token may end its own session.
    func ender(of session: SessionID, in request: Request, from peer: Peer) throws -> Caller? {
        do {
            let caller = try restrictedCaller(of: request, from: peer)
            if let restriction = caller.claims.restriction, caller.claims.session != session {
                throw AccessObjection.restricted(restriction)
            }
            return caller
        } catch TokenError.revoked(let claims) where claims.session == session {
            _ = try caller(claims, naming: request.tenantName, request, from: peer)
        } catch TokenError.superseded(let claims) where claims.session == session {
            _ = try caller(claims, naming: request.tenantName, request, from: peer)
        }
        return nil
    }

    private func restrictedCaller(of request: Request, from peer: Peer) throws -> Caller {
        let credentials = RequestCredentials(request.headers)
        let tenantName = try credentials.tenantName
        let claims = try check.claims(fromAuthorization: credentials.authorization, now: now())
        return try caller(claims, naming: tenantName, request, from: peer)
    }

    private func caller(
        _ claims: AccessClaims,
        naming tenantName: String,
        _ request: Request,
        from peer: Peer
    ) throws -> Caller {
        let address = peer.clientAddress(by: addresses, request.headers)
        try admit(claims.tenant, naming: tenantName, from: address)
        if let code = claims.client {
            let client = CallingClient(address: address, device: ClientDetails.device(request.headers))
            guard binding.admits(client, to: claims.session, by: code) else { throw AccessObjection.otherClient }
        }
        try limits.admit(claims.session, of: claims.tenant, from: peer)
        peer.user = claims.user
        return Caller(claims: claims)
    }

    /// Lets in the backend of a tenant, proven by key and secret: what keeps a token out keeps it out too.
    ///
    /// - Throws: ``Refusal`` or what becomes one.
    func admit(backendOf tenant: TenantID, in request: Request, from peer: Peer) throws {
        let address = peer.clientAddress(by: addresses, request.headers)
        try admit(tenant, naming: request.tenantName, from: address)
        try limits.admit(tenant, from: peer)
    }

    private func admit(_ tenant: TenantID, naming name: String, from address: NetworkAddress?) throws {
        if let objection = tenants.objection(toCallOf: tenant, naming: name, from: address) { throw objection }
        if tenants.revokesStrictly(tenant), !feed.isCurrent(at: now()) { throw AccessObjection.revocationsUnknown }
    }
}

extension Request {
    /// `X-Tenant-ID`, given exactly once.
    var tenantName: String {
        get throws { try RequestCredentials(headers).tenantName }
    }

    /// `Authorization`, given at most once.
    var authorization: String? {
        get throws { try RequestCredentials(headers).authorization }
    }
}

/// The two headers that say who asks, read in one pass.
private struct RequestCredentials {
    private var tenantNames = Single<String>()
    private var authorizations = Single<String>()

    init(_ headers: HTTPFields) {
        for field in headers {
            switch field.name {
            case .tenantID: tenantNames.add(field.value)
            case .authorization: authorizations.add(field.value)
            default: break
            }
        }
    }

    var tenantName: String {
        get throws {
            guard let name = tenantNames.value, !name.isEmpty, !name.utf8.contains(UInt8(ascii: ",")) else {
                throw Refusal.tenantHeaderRequired
            }
            return name
        }
    }

    var authorization: String? {
        get throws {
            guard !authorizations.isRepeated else { throw Refusal.invalid("Authorization", "must be given once") }
            return authorizations.value
        }
    }
}

/// The value of a header that may be given once.
struct Single<Value> {
    /// The value; `nil` when there is none, or more than one.
    private(set) var value: Value?
    private(set) var isRepeated = false

    mutating func add(_ value: Value) {
        isRepeated = isRepeated || self.value != nil
        self.value = isRepeated ? nil : value
    }
}
