public import FinHubAPI

/// What a call is for, as far as limits go.
public enum RateClass: Hashable, Sendable {
    case login, refresh
    /// Everything else.
    case rest
}

/// The limits of one class of calls; `nil` for none.
public struct RatePlan: Hashable, Sendable {
    public let perAddress: RateLimit?
    public let perTenant: RateLimit?
    /// A login has no session yet.
    public let perSession: RateLimit?

    public init(perAddress: RateLimit? = nil, perTenant: RateLimit? = nil, perSession: RateLimit? = nil) {
        self.perAddress = perAddress
        self.perTenant = perTenant
        self.perSession = perSession
    }
}

/// How often calls may come: for each client address, session and tenant, set apart for each class of calls.
public struct RateLimits: Sendable {
    private struct Limiters: Sendable {
        let address: RateLimiter?
        let tenant: RateLimiter?
        let session: RateLimiter?

        init(_ plan: RatePlan) {
            address = plan.perAddress.map(RateLimiter.init)
            tenant = plan.perTenant.map(RateLimiter.init)
            session = plan.perSession.map(RateLimiter.init)
        }
    }

    private let login: Limiters
    private let refresh: Limiters
    private let rest: Limiters

    /// Without a plan there is no limit.
    public init(login: RatePlan = RatePlan(), refresh: RatePlan = RatePlan(), rest: RatePlan = RatePlan()) {
        self.login = Limiters(login)
        self.refresh = Limiters(refresh)
        self.rest = Limiters(rest)
    }

    /// Takes a call out of a client's allowance; `nil` where there is no limit or no address.
    public func spend(_ address: NetworkAddress?, for rateClass: RateClass, at now: Timestamp) -> RateStanding? {
        guard let limiter = limiters(rateClass).address, let value = address?.clientNetwork.value else { return nil }
        let key = RateKey(high: UInt64(value >> 64), low: UInt64(truncatingIfNeeded: value))
        return limiter.spend(key, at: now.nanoseconds)
    }

    /// Takes a call out of a session's allowance; `nil` where there is no limit.
    public func spend(_ session: SessionID, for rateClass: RateClass, at now: Timestamp) -> RateStanding? {
        limiters(rateClass).session?.spend(RateKey(high: session.high, low: session.low), at: now.nanoseconds)
    }

    /// Takes a call out of a tenant's allowance; `nil` where there is no limit.
    public func spend(_ tenant: TenantID, for rateClass: RateClass, at now: Timestamp) -> RateStanding? {
        limiters(rateClass).tenant?.spend(RateKey(high: tenant.high, low: tenant.low), at: now.nanoseconds)
    }

    private func limiters(_ rateClass: RateClass) -> Limiters {
        switch rateClass {
        case .login: login
        case .refresh: refresh
        case .rest: rest
        }
    }
}

extension Timestamp {
    /// Wraps around where 64 bits do not reach: a limit looks at differences alone.
    fileprivate var nanoseconds: Int64 { microseconds &* 1_000 }
}
