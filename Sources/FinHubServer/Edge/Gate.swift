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
    let now: @Sendable () -> Timestamp

    /// The caller that the request's headers prove.
    ///
    /// - Throws: ``Refusal``, or what is wrong with the token.
    func caller(of request: Request) throws -> Caller {
        let credentials = RequestCredentials(request.headers)
        let tenantName = try credentials.tenantName
        let claims = try check.claims(fromAuthorization: credentials.authorization, now: now())
        return try caller(claims, in: tenantName)
    }

    /// The caller of a refresh, whose token may have expired: whose time is over, the token's or
    /// the session's, the session knows.
    func callerMaybeExpired(of request: Request) throws -> Caller {
        do {
            return try caller(of: request)
        } catch TokenError.expired(let claims) {
            return try caller(claims, in: request.tenantName)
        }
    }

    /// The caller of an end; `nil` when the token is good but for its session, the very one to
    /// be ended, having been ended before: ending twice is no error.
    func ender(of session: SessionID, in request: Request) throws -> Caller? {
        do {
            return try caller(of: request)
        } catch TokenError.revoked(let claims) where claims.session == session {
            _ = try caller(claims, in: request.tenantName)
            return nil
        }
    }

    private func caller(_ claims: AccessClaims, in tenantName: String) throws -> Caller {
        guard tenants.tenant(named: tenantName)?.id == claims.tenant else { throw Refusal.tenantMismatch }
        return Caller(claims: claims)
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
