import FinHubAPI
import Logging
import Metrics
import Synchronization

/// Renews the tokens: what one flight does, from the store's lock to the new tokens.
///
/// The ledger decides; here its decisions are carried out.
final class TokenRenewal: Sendable {
    let ledger: Mutex<TokenLedger>
    private let credentials: CredentialSource
    private let exchange: SessionExchange
    private let shared: SharedTokens
    private let clock: any ClientClock
    private let jitter: @Sendable () -> Double
    private let metrics: ClientMetrics
    private let logger: Logger
    /// Called when a session is over.
    private let sessionEnded: @Sendable () -> Void

    init(
        _ configuration: FinHubClient.Configuration,
        exchange: SessionExchange,
        shared: SharedTokens,
        metrics: ClientMetrics,
        sessionEnded: @escaping @Sendable () -> Void
    ) {
        var rules = TokenLedger.Rules()
        rules.refusedLoginCoolDown = configuration.refusedLoginCoolDown
        ledger = Mutex(TokenLedger(rules))
        credentials = configuration.credentials
        self.exchange = exchange
        self.shared = shared
        clock = exchange.clock
        jitter = exchange.jitter
        self.metrics = metrics
        logger = configuration.logger
        self.sessionEnded = sessionEnded
    }

    /// Good tokens, renewed if they need it.
    ///
    /// - Throws: ``FinHubClientError``.
    func renew() async throws -> HeldTokens {
        // The need may have been met since it was seen.
        switch ledger.withLock({ $0.step(at: clock.now) }) {
        case .use(let tokens): return tokens
        case .fail(let error): throw waived(error)
        case .refresh, .login: break
        }
        let lock = await shared.lock()
        let outcome: Result<HeldTokens, any Error>
        do { outcome = .success(try await renewLocked()) } catch { outcome = .failure(error) }
        await lock?.release()
        return try outcome.get()
    }

    /// Forgets the session here and in the store.
    func forget() async {
        ledger.withLock { $0.forget() }
        sessionEnded()
        await shared.remove()
    }

    /// Takes what another process left in the store, if it is better than what is held.
    func adopt() async {
        guard let tokens = await shared.load() else { return }
        let wholeLife = tokens.expiresAt - tokens.issuedAt
        // A wall clock set back since then must not make tokens live longer than they were meant to.
        let life = min(tokens.expiresAt - clock.wallClock, wholeLife)
        let candidate = exchange.held(tokens, origin: .store, at: clock.now, life: life)
        let isAdopted = ledger.withLock { ledger in
            guard life > .zero, ledger.refused?.token.matches(tokens.token) != true else { return false }
            if let held = ledger.held {
                guard !held.token.matches(tokens.token), candidate.expires > held.expires else { return false }
            }
            ledger.hold(candidate)
            return true
        }
        if isAdopted { logger.debug("took the session from the token store", metadata: candidate.metadata) }
    }

    private func renewLocked() async throws -> HeldTokens {
        await adopt()
        let (step, isDemanded) = ledger.withLock { ($0.step(at: clock.now), $0.demand != nil) }
        switch step {
        case .use(let tokens): return tokens
        case .fail(let error): throw waived(error)
        case .login: return try await login()
        case .refresh(let tokens): return try await refresh(tokens, isDemanded: isDemanded)
        }
    }

    private func refresh(_ tokens: HeldTokens, isDemanded: Bool) async throws -> HeldTokens {
        switch try await exchange.refresh(tokens) {
        case .granted(let held, let stored):
            metrics.refreshes.success.increment()
            logger.debug("session refreshed", metadata: held.metadata)
            return await keep(held, stored)
        case .refused(let error):
            metrics.refreshes.refused.increment()
            report("session ended by the server", error, at: error.code == .refreshTokenReused ? .error : .notice)
            ledger.withLock { $0.discard(tokens) }
            sessionEnded()
            await shared.remove()
            return try await login()
        case .failed(let error, let since):
            metrics.refreshes.failed.increment()
            report("refresh failed; the session goes on", error, at: .warning)
            let now = clock.now
            ledger.withLock { $0.refreshFailed(error, mayHaveWorkedSince: since, at: now, jitter: jitter()) }
            if isDemanded { throw error }
            return now < tokens.expires ? tokens : try await login()
        }
    }

    private func login() async throws -> HeldTokens {
        let outcome: SessionExchange.Outcome
        do {
            outcome = try await loginTwiceAtMost()
        } catch {
            throw loginFailed(error)
        }
        switch outcome {
        case .granted(let held, let stored):
            metrics.logins.success.increment()
            logger.info("logged in", metadata: held.metadata)
            return await keep(held, stored)
        case .refused(let error):
            metrics.logins.refused.increment()
            report("login refused", error, at: .error)
            ledger.withLock { $0.loginFailed(error, isRefusal: true, at: clock.now, jitter: jitter()) }
            throw error
        case .failed(let error, _):
            throw loginFailed(error)
        }
    }

    /// Logs in, and once more when the credentials were refused and others have come in their place.
    private func loginTwiceAtMost() async throws -> SessionExchange.Outcome {
        let first = try await credentials.credentials()
        let outcome = try await exchange.login(with: first)
        guard case .refused = outcome, let second = try? await credentials.credentials(), !second.matches(first)
        else { return outcome }
        logger.notice("login refused; the credentials have changed meanwhile and are tried")
        return try await exchange.login(with: second)
    }

    private func loginFailed(_ error: any Error) -> any Error {
        metrics.logins.failed.increment()
        guard let error = error as? FinHubClientError else { return error }
        report("login failed", error, at: .error)
        ledger.withLock { $0.loginFailed(error, isRefusal: false, at: clock.now, jitter: jitter()) }
        return error
    }

    private func keep(_ held: HeldTokens, _ stored: StoredTokens) async -> HeldTokens {
        ledger.withLock { $0.hold(held) }
        await shared.save(stored)
        return held
    }

    /// `error`, with which whatever was asked for is answered.
    private func waived(_ error: FinHubClientError) -> FinHubClientError {
        ledger.withLock { $0.waiveDemand() }
        return error
    }

    private func report(_ message: Logger.Message, _ error: FinHubClientError, at level: Logger.Level) {
        logger.log(
            level: level,
            message,
            metadata: [
                "error": "\(error.code.rawValue)", "status": "\(error.status.map(String.init) ?? "none")",
                "correlation_id": "\(error.correlationID ?? "")",
            ]
        )
    }
}

extension HeldTokens {
    /// Whose tokens, without the tokens.
    fileprivate var metadata: Logger.Metadata { ["session": "\(session)", "user": "\(user)"] }
}
