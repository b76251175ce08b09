/// The stable reason of a refusal, `error` on the wire, shared by server, SDK and proxy.
///
/// A struct, not an enum: an older client must be able to carry a code it has never heard of.
public struct ErrorCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    // 400, 404, 405, 408, 412 … 431: the request itself
    public static let validationFailed = ErrorCode(rawValue: "VALIDATION_FAILED")
    public static let malformedJSON = ErrorCode(rawValue: "MALFORMED_JSON")
    public static let malformedRequest = ErrorCode(rawValue: "MALFORMED_REQUEST")
    public static let tenantHeaderRequired = ErrorCode(rawValue: "TENANT_HEADER_REQUIRED")
    public static let notFound = ErrorCode(rawValue: "NOT_FOUND")
    public static let methodNotAllowed = ErrorCode(rawValue: "METHOD_NOT_ALLOWED")
    public static let requestTimeout = ErrorCode(rawValue: "REQUEST_TIMEOUT")
    public static let preconditionFailed = ErrorCode(rawValue: "PRECONDITION_FAILED")
    public static let preconditionRequired = ErrorCode(rawValue: "PRECONDITION_REQUIRED")
    public static let bodyTooLarge = ErrorCode(rawValue: "BODY_TOO_LARGE")
    public static let targetTooLong = ErrorCode(rawValue: "TARGET_TOO_LONG")
    public static let unsupportedMediaType = ErrorCode(rawValue: "UNSUPPORTED_MEDIA_TYPE")
    public static let unknownFeature = ErrorCode(rawValue: "UNKNOWN_FEATURE")
    public static let headersTooLarge = ErrorCode(rawValue: "HEADERS_TOO_LARGE")

    // 401 and 403: who is asking
    public static let tokenRequired = ErrorCode(rawValue: "TOKEN_REQUIRED")
    public static let tokenInvalid = ErrorCode(rawValue: "TOKEN_INVALID")
    public static let tokenExpired = ErrorCode(rawValue: "TOKEN_EXPIRED")
    public static let invalidCredentials = ErrorCode(rawValue: "INVALID_CREDENTIALS")
    public static let accountDisabled = ErrorCode(rawValue: "ACCOUNT_DISABLED")
    public static let invalidTenantCredentials = ErrorCode(rawValue: "INVALID_TENANT_CREDENTIALS")
    public static let tenantSuspended = ErrorCode(rawValue: "TENANT_SUSPENDED")
    public static let tenantMismatch = ErrorCode(rawValue: "TENANT_MISMATCH")
    public static let ipNotAllowed = ErrorCode(rawValue: "IP_NOT_ALLOWED")
    public static let passwordExpired = ErrorCode(rawValue: "PASSWORD_EXPIRED")
    public static let passwordChangeRequired = ErrorCode(rawValue: "PASSWORD_CHANGE_REQUIRED")
    public static let secondFactorRequired = ErrorCode(rawValue: "SECOND_FACTOR_REQUIRED")
    public static let otpRequired = ErrorCode(rawValue: "OTP_REQUIRED")
    public static let adminRoleRequired = ErrorCode(rawValue: "ADMIN_ROLE_REQUIRED")
    public static let otherAdministratorRequired = ErrorCode(rawValue: "OTHER_ADMIN_REQUIRED")
    public static let masterAdministratorRequired = ErrorCode(rawValue: "MASTER_ADMIN_ROLE_REQUIRED")
    public static let currentPasswordRequired = ErrorCode(rawValue: "CURRENT_PASSWORD_REQUIRED")
    public static let ownAccountOnly = ErrorCode(rawValue: "OWN_ACCOUNT_ONLY")

    // 401 and 404: the session
    public static let sessionNotFound = ErrorCode(rawValue: "SESSION_NOT_FOUND")
    public static let sessionExpired = ErrorCode(rawValue: "SESSION_EXPIRED")
    public static let sessionRevoked = ErrorCode(rawValue: "SESSION_REVOKED")
    public static let sessionSuperseded = ErrorCode(rawValue: "SESSION_SUPERSEDED")
    public static let invalidRefreshToken = ErrorCode(rawValue: "INVALID_REFRESH_TOKEN")
    public static let refreshTokenReused = ErrorCode(rawValue: "REFRESH_TOKEN_REUSED")

    // 404, 409 and 422: what an administrator administers
    public static let userNotFound = ErrorCode(rawValue: "USER_NOT_FOUND")
    public static let secondFactorExists = ErrorCode(rawValue: "SECOND_FACTOR_EXISTS")
    public static let secondFactorNotFound = ErrorCode(rawValue: "SECOND_FACTOR_NOT_FOUND")
    public static let userExists = ErrorCode(rawValue: "USER_EXISTS")
    public static let lastAdministrator = ErrorCode(rawValue: "LAST_ADMINISTRATOR")
    public static let passwordRejected = ErrorCode(rawValue: "PASSWORD_REJECTED")
    public static let credentialNotFound = ErrorCode(rawValue: "CREDENTIAL_NOT_FOUND")
    public static let credentialLimitReached = ErrorCode(rawValue: "CREDENTIAL_LIMIT_REACHED")
    public static let wouldLockOut = ErrorCode(rawValue: "WOULD_LOCK_OUT")
    public static let sessionLimitReached = ErrorCode(rawValue: "SESSION_LIMIT_REACHED")

    // 429: too much, too often
    public static let tooManyAttempts = ErrorCode(rawValue: "TOO_MANY_ATTEMPTS")
    public static let rateLimited = ErrorCode(rawValue: "RATE_LIMITED")

    // 500 and 503: the server
    public static let internalError = ErrorCode(rawValue: "INTERNAL_ERROR")
    public static let overloaded = ErrorCode(rawValue: "OVERLOADED")
}
