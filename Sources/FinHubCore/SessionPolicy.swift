public import FinHubAPI
import FinHubTokens

/// How a tenant's sessions and passwords are guarded; each tenant has its own.
///
/// A value is within its bounds: a `PolicyBody` read from outside is, and nothing else makes one but
/// ``withTokenLifetime(_:)``, for a sandbox.
public struct SessionPolicy: Hashable, Sendable {
    /// Until when an access token works, from its issue: 5 to 60 minutes.
    public let tokenLifetime: Duration
    /// Until when refreshing works, from login: 5 minutes to 30 days, not below the token's lifetime.
    public let absoluteLifetime: Duration
    /// How long a replaced refresh token may be presented again, from its replacement: 0 to 1 hour.
    public let retryWindow: Duration
    /// How many sessions a user may have at once; `nil` for any number.
    public let concurrency: ConcurrentSessions?
    /// Whether a session works from the client address alone that it was opened from.
    public let bindsAddress: Bool
    /// Whether a session works for the device alone that it was opened by.
    public let bindsDevice: Bool
    public let passwordRules: PasswordRules
    /// After how many days a password must be changed, 1 to 3,650; `nil` for never.
    public let passwordMaximumAgeDays: Int?
    /// Whether nobody gets in without a second factor.
    public let requiresSecondFactor: Bool
    /// Whether the tenant would rather be refused than risk an ended session being let in, while
    /// this server can't learn what others ended.
    public let revokesStrictly: Bool

    public static let standard = SessionPolicy(
        tokenLifetime: .seconds(3_600),
        absoluteLifetime: .seconds(12 * 3_600),
        retryWindow: .seconds(30)
    )

    init(
        tokenLifetime: Duration,
        absoluteLifetime: Duration,
        retryWindow: Duration,
        concurrency: ConcurrentSessions? = nil,
        bindsAddress: Bool = false,
        bindsDevice: Bool = false,
        passwordRules: PasswordRules = .nist,
        passwordMaximumAgeDays: Int? = nil,
        requiresSecondFactor: Bool = false,
        revokesStrictly: Bool = false
    ) {
        self.tokenLifetime = tokenLifetime
        self.absoluteLifetime = absoluteLifetime
        self.retryWindow = retryWindow
        self.concurrency = concurrency
        self.bindsAddress = bindsAddress
        self.bindsDevice = bindsDevice
        self.passwordRules = passwordRules
        self.passwordMaximumAgeDays = passwordMaximumAgeDays
        self.requiresSecondFactor = requiresSecondFactor
        self.revokesStrictly = revokesStrictly
    }

    /// The same with tokens that live as long as that, for a sandbox alone: it shows a backend's refreshes without
    /// an hour's wait, and goes below what a tenant may ask for.
    ///
    /// - Parameter lifetime: 1 to 3,600 seconds, cut to that.
    /// - Returns: The policy, otherwise as it is.
    public func withTokenLifetime(_ lifetime: Duration) -> SessionPolicy {
        var body = self.body
        body.tokenLifetimeSeconds = Int(min(max(lifetime, .seconds(1)), .seconds(3_600)).components.seconds)
        return SessionPolicy(body)
    }

    /// Whether a password set at that moment must be changed before it opens a session.
    public func isTooOld(passwordSetAt: Timestamp, at now: Timestamp) -> Bool {
        let ages = [passwordMaximumAgeDays, passwordRules == .pci ? Self.pciMaximumAgeDays : nil].compactMap { $0 }
        return ages.min().map { now - passwordSetAt >= .seconds(Int64($0) * 86_400) } ?? false
    }

    /// What the user must do before a session of theirs can do anything else.
    func restriction(on user: User) -> TokenRestriction? {
        if user.hasTemporaryPassword { return .password }
        return requiresSecondFactor && !user.hasSecondFactor ? .secondFactor : nil
    }

    /// PCI DSS 4.0.1, requirement 8.3.9.
    static let pciMaximumAgeDays = 90
    /// Fifteen idle minutes end a session (PCI DSS 4.0.1, requirement 8.2.8); one that is not
    /// refreshed ends with its token.
    static let pciTokenLifetime: Duration = .seconds(900)

    /// The lifetime of the next token: the policy's, or less where the password rules ask for less.
    public var effectiveTokenLifetime: Duration {
        passwordRules == .pci ? min(tokenLifetime, Self.pciTokenLifetime) : tokenLifetime
    }
}

/// A limit to a user's simultaneous sessions.
public struct ConcurrentSessions: Hashable, Sendable {
    /// What happens to a login when the user has as many sessions as allowed; the raw value is the API's.
    public enum WhenFull: String, Hashable, Sendable, CaseIterable {
        /// The session opened first makes room.
        case evictOldest = "EVICT_OLDEST"
        /// The session that was refreshed or opened longest ago makes room.
        case evictLongestIdle = "EVICT_LONGEST_IDLE"
        /// The login is refused.
        case refuse = "REFUSE"
    }

    /// 1 to 1,000.
    public let maximum: Int
    public let whenFull: WhenFull

    public init(maximum: Int, whenFull: WhenFull) {
        self.maximum = maximum
        self.whenFull = whenFull
    }
}

// MARK: On the wire and on disk

extension SessionPolicy {
    /// The policy that a body states.
    public init(_ body: PolicyBody) {
        self.init(
            tokenLifetime: .seconds(Int64(body.tokenLifetimeSeconds)),
            absoluteLifetime: .seconds(Int64(body.absoluteLifetimeSeconds)),
            retryWindow: .seconds(Int64(body.refreshRetryWindowSeconds)),
            concurrency: body.concurrentSessions.flatMap { limit in
                ConcurrentSessions.WhenFull(rawValue: limit.whenFull).map {
                    ConcurrentSessions(maximum: limit.maximum, whenFull: $0)
                }
            },
            bindsAddress: body.bindToAddress,
            bindsDevice: body.bindToDevice,
            passwordRules: PasswordRules(rawValue: body.passwordRules) ?? .nist,
            passwordMaximumAgeDays: body.passwordMaximumAgeDays,
            requiresSecondFactor: body.secondFactorRequired,
            revokesStrictly: body.strictRevocation
        )
    }

    /// The policy as a body.
    public var body: PolicyBody {
        PolicyBody(
            tokenLifetimeSeconds: Int(tokenLifetime.components.seconds),
            absoluteLifetimeSeconds: Int(absoluteLifetime.components.seconds),
            refreshRetryWindowSeconds: Int(retryWindow.components.seconds),
            concurrentSessions: concurrency.map {
                PolicyBody.ConcurrentSessions(maximum: $0.maximum, whenFull: $0.whenFull.rawValue)
            },
            bindToAddress: bindsAddress,
            bindToDevice: bindsDevice,
            passwordRules: passwordRules.rawValue,
            passwordMaximumAgeDays: passwordMaximumAgeDays,
            secondFactorRequired: requiresSecondFactor,
            strictRevocation: revokesStrictly
        )
    }
}
