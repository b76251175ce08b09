import FinHubAPI

/// What is known of the session, and what is to be done about it: every rule of keeping a session,
/// without a clock, a network or a lock of its own.
///
/// A session ends only by word of the server. Whatever else goes wrong leaves tokens that are still
/// good where they are, and is tried again later.
struct TokenLedger: Sendable {
    /// The times that the rules go by.
    struct Rules: Sendable {
        /// How long refused credentials are not tried again.
        var refusedLoginCoolDown = Duration.seconds(30)
        /// The shortest time between two logins, when the first one's token was refused in use.
        var loginInterval = Duration.seconds(10)
        /// How long after an attempt that may have worked a refresh token may be presented again.
        ///
        /// The server takes it for a retry for 30 seconds (contract, *Refresh*), and for a theft after.
        var refreshRetryWindow = Duration.seconds(25)
        /// The ceiling of the pause after the first failed refresh; it doubles with each.
        var firstCoolDown = Duration.seconds(5)
        /// The longest pause, but for one before a login that the server itself asks for.
        var longestCoolDown = Duration.seconds(300)
        /// The longest pause before a login, whatever the server asks for: a lock is waited out, a
        /// slip of a digit must not keep a client out for a day.
        var longestLoginCoolDown = Duration.seconds(3_600)
        /// The shortest pause after a failed refresh, however soon the tokens end.
        var shortestCoolDown = Duration.milliseconds(500)
    }

    /// What a caller does who needs a token.
    enum Need {
        /// Uses these.
        case use(HeldTokens)
        /// Uses these, and sees to it that they are renewed meanwhile.
        case useAndRenew(HeldTokens)
        /// Waits for the renewal.
        case wait
        /// Fails.
        case fail(FinHubClientError)
    }

    /// What a renewal does.
    enum Step {
        /// Nothing: these are good.
        case use(HeldTokens)
        case refresh(HeldTokens)
        case login
        case fail(FinHubClientError)
    }

    let rules: Rules
    private(set) var held: HeldTokens?
    /// The tokens that the server refused last; a store may still have them.
    private(set) var refused: HeldTokens?
    /// What somebody asked for although nothing forces it.
    private(set) var demand: Demand?
    private var refreshNotBefore: ContinuousClock.Instant?
    private var refreshNotAfter: ContinuousClock.Instant?
    private var failures = 0
    private var noLogin: (until: ContinuousClock.Instant, error: FinHubClientError)?

    /// A renewal that was asked for.
    enum Demand: Sendable {
        case refresh
        case login
    }

    init(_ rules: Rules = Rules()) {
        self.rules = rules
    }

    // MARK: Questions

    /// What a caller does who needs a token at `now`.
    func need(at now: ContinuousClock.Instant) -> Need {
        guard let held, now < held.expires else {
            return loginFailure(at: now).map { .fail($0) } ?? .wait
        }
        guard now >= held.renewal, !isCoolingDown(at: now) else { return .use(held) }
        let isLast = now >= held.lastMoments
        if mayRefresh(at: now) { return isLast ? .wait : .useAndRenew(held) }
        return isLast && loginFailure(at: now) == nil ? .wait : .use(held)
    }

    /// What a renewal does at `now`.
    func step(at now: ContinuousClock.Instant) -> Step {
        let login: Step = loginFailure(at: now).map { .fail($0) } ?? .login
        guard let held, now < held.expires, demand != .login else { return login }
        let refresh: Step = mayRefresh(at: now) ? .refresh(held) : login
        if demand == .refresh { return refresh }
        switch need(at: now) {
        case .use(let tokens): return .use(tokens)
        case .fail(let error): return .fail(error)
        case .useAndRenew, .wait: return refresh
        }
    }

    /// When there is something to do again; `nil` when nothing is held.
    func nextRenewal(after now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        guard let held else { return noLogin?.until }
        return max(held.renewal, refreshNotBefore ?? held.renewal)
    }

    private func mayRefresh(at now: ContinuousClock.Instant) -> Bool {
        refreshNotAfter.map { now < $0 } ?? true
    }

    private func isCoolingDown(at now: ContinuousClock.Instant) -> Bool {
        refreshNotBefore.map { now < $0 } ?? false
    }

    private func loginFailure(at now: ContinuousClock.Instant) -> FinHubClientError? {
        guard let noLogin, now < noLogin.until else { return nil }
        return noLogin.error.retry(after: noLogin.until - now)
    }

    // MARK: Events

    /// New tokens are there.
    mutating func hold(_ tokens: HeldTokens) {
        held = tokens
        refreshNotBefore = nil
        refreshNotAfter = nil
        failures = 0
        noLogin = nil
        if tokens.origin == .login || demand == .refresh { demand = nil }
    }

    /// Somebody wants new tokens although the old ones are good.
    mutating func ask(for demand: Demand) {
        if self.demand != .login { self.demand = demand }
    }

    /// What was asked for can't be had now.
    mutating func waiveDemand() {
        demand = nil
    }

    /// The server refused `tokens` to somebody who used them.
    mutating func refuse(_ tokens: HeldTokens, because error: FinHubClientError, at now: ContinuousClock.Instant) {
        guard held === tokens else { return }
        discard(tokens)
        // A server that lets us in and then refuses what it gave us must not be stormed with logins.
        let next = tokens.obtained + rules.loginInterval
        if tokens.origin == .login, now < next { noLogin = (next, error) }
    }

    /// The server refused to refresh `tokens`: the session is over.
    mutating func discard(_ tokens: HeldTokens) {
        guard held === tokens else { return }
        refused = tokens
        held = nil
        refreshNotBefore = nil
        refreshNotAfter = nil
        failures = 0
    }

    /// A refresh failed without a word from the server about the session.
    ///
    /// - Parameters:
    ///   - error: How; it may name a time to wait.
    ///   - mayHaveWorkedSince: When it first may have been carried out; `nil` when it was not.
    ///   - now: When it was given up.
    ///   - jitter: A random number from 0 to 1.
    mutating func refreshFailed(
        _ error: FinHubClientError,
        mayHaveWorkedSince: ContinuousClock.Instant?,
        at now: ContinuousClock.Instant,
        jitter: Double
    ) {
        demand = nil
        var pause = min(max(coolDown(jitter), error.retryAfter ?? .zero), rules.longestCoolDown)
        // Tokens with little time left are not to end in the pause: each leaves three quarters of it.
        if error.retryAfter == nil, let held {
            pause = min(pause, max((held.expires - now) / 4, rules.shortestCoolDown))
        }
        refreshNotBefore = now + pause
        if let since = mayHaveWorkedSince, refreshNotAfter == nil { refreshNotAfter = since + rules.refreshRetryWindow }
    }

    /// A login was refused, or failed; until a while has passed all callers get `error`.
    mutating func loginFailed(
        _ error: FinHubClientError,
        isRefusal: Bool,
        at now: ContinuousClock.Instant,
        jitter: Double
    ) {
        demand = nil
        let pause = isRefusal ? rules.refusedLoginCoolDown : coolDown(jitter)
        let named = min(error.retryAfter ?? .zero, rules.longestLoginCoolDown)
        noLogin = (now + max(pause, named), error)
    }

    /// Forgets the session, as after a logout.
    mutating func forget() {
        if let held { refused = held }
        held = nil
        demand = nil
        noLogin = nil
        refreshNotBefore = nil
        refreshNotAfter = nil
        failures = 0
    }

    private mutating func coolDown(_ jitter: Double) -> Duration {
        failures += 1
        let ceiling = min(rules.firstCoolDown * (1 << min(failures - 1, 20)), rules.longestCoolDown)
        return ceiling * ((1 + jitter) / 2)
    }
}

extension FinHubClientError {
    /// The same error, with the time that is left to wait.
    fileprivate func retry(after duration: Duration) -> FinHubClientError {
        FinHubClientError(
            code: code,
            message: message,
            status: status,
            correlationID: correlationID,
            problems: problems,
            suggestions: suggestions,
            retryAfter: duration
        )
    }
}
