public import FinHubAPI

/// What a login proves itself with: the administrator's and the tenant's.
public struct LoginCredentials: Sendable {
    /// User name or e-mail.
    public let username: String
    /// The administrator's password, at most 1,024 bytes.
    public let password: Secret<String>
    /// The tenant's public key.
    public let tenantKey: String
    /// The tenant's secret, which goes with ``tenantKey`` (reference, *Get Tenant Credentials*).
    public let tenantSecret: Secret<String>
    /// The second factor's code as of now; `nil` of a user without a second factor.
    ///
    /// It works once, so it comes from a ``CredentialSource`` that makes or asks for a new one at each login.
    public let otp: Secret<String>?

    /// The login's body (reference, *Request Body*); nothing of it may be empty.
    public init(
        username: String,
        password: Secret<String>,
        tenantKey: String,
        tenantSecret: Secret<String>,
        otp: Secret<String>? = nil
    ) {
        self.username = username
        self.password = password
        self.tenantKey = tenantKey
        self.tenantSecret = tenantSecret
        self.otp = otp
    }

    /// Whether a login with these differs in nothing from one with `other`.
    func matches(_ other: LoginCredentials) -> Bool {
        username == other.username && tenantKey == other.tenantKey && password.matches(other.password)
            && tenantSecret.matches(other.tenantSecret) && otp?.reveal() == other.otp?.reveal()
    }
}

extension LoginCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "LoginCredentials(‹redacted›)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
