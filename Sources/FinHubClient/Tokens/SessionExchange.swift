import FinHubAPI
import HTTPTypes
import NIOHTTP1

/// Asks the server for tokens: by login, and by refresh.
struct SessionExchange: Sendable {
    /// What came of it.
    enum Outcome: Sendable {
        case granted(HeldTokens, StoredTokens)
        /// The server said no; asking the same again would not help.
        case refused(FinHubClientError)
        /// There was no word from the server on it.
        ///
        /// It may have been carried out since the moment given, unless that is `nil`.
        case failed(FinHubClientError, mayHaveWorkedSince: ContinuousClock.Instant?)
    }

    let configuration: FinHubClient.Configuration
    let preparation: CallPreparation
    let wire: Wire
    let repeater: Repeater
    let span: CallSpan
    let clock: any ClientClock
    let jitter: @Sendable () -> Double

    /// A connection that hangs must not use up the time in which a second attempt could succeed.
    private static let attemptLimit = Duration.seconds(10)
    /// Shorter than the server's window for retries of one refresh (contract, *Refresh*).
    private static let refreshLimit = Duration.seconds(20)

    /// Creates a session (contract, *Create*).
    func login(with credentials: LoginCredentials) async throws -> Outcome {
        let identity = configuration.identity
        let body = CreateSessionBody(
            username: credentials.username,
            password: credentials.password,
            tenantKey: credentials.tenantKey,
            tenantSecret: credentials.tenantSecret,
            otp: credentials.otp
        )
        let path: APIPath = "/admin/organization/\(identity.organization)/users/\(identity.user)/sessions"
        let outcome = try await ask(
            FinHubRequest(.post, path, writing: body, options: CallOptions()),
            authorization: nil,
            origin: .login,
            isRefusal: { (400..<500).contains($0.status ?? 0) && $0.status != 408 && $0.status != 429 }
        )
        return outcome.without(credentials.password, credentials.tenantSecret, credentials.otp ?? Secret(""))
    }

    /// Refreshes the session of `tokens` (contract, *Refresh*).
    ///
    /// It is repeated when its answer was lost: the server then gives the same successor again.
    func refresh(_ tokens: HeldTokens) async throws -> Outcome {
        let outcome = try await ask(
            FinHubRequest(
                .post,
                "/admin/sessions/\(tokens.session)/refresh",
                writing: RefreshSessionBody(refreshToken: tokens.refreshToken),
                options: CallOptions(deadline: min(configuration.deadline, Self.refreshLimit))
            ),
            authorization: tokens.authorization,
            origin: .refresh,
            isRefusal: { [401, 403, 404, 409, 410].contains($0.status) && !$0.code.leavesSession }
        )
        return outcome.without(tokens.token, tokens.refreshToken)
    }

    private func ask(
        _ request: FinHubRequest,
        authorization: Secret<String>?,
        origin: HeldTokens.Origin,
        isRefusal: (FinHubClientError) -> Bool
    ) async throws -> Outcome {
        let call = try preparation.prepare(request, at: clock.now)
        var unclearSince: ContinuousClock.Instant?
        var sent = (instant: clock.now, wallClock: clock.wallClock)
        let result = try await span.record(call, status: \.status) { call in
            try await repeater.run(call, isRepeatable: true, isBudgeted: false) {
                sent = (clock.now, clock.wallClock)
                switch try await wire.exchange(call, authorization: authorization, limit: Self.attemptLimit) {
                case .success(let answer): return Repeater.Attempt.answer(answer)
                case .failure(let fault):
                    if fault.mayHaveWorked, unclearSince == nil { unclearSince = sent.instant }
                    return .fault(fault)
                }
            }
        }
        switch result {
        case .success(let answer):
            do {
                let tokens = try stored(answer, at: sent.wallClock)
                return .granted(held(tokens, origin: origin, at: sent.instant), tokens)
            } catch let error as FinHubClientError {
                return .failed(error, mayHaveWorkedSince: unclearSince ?? sent.instant)
            }
        case .failure(let fault):
            if fault.isServersWord, isRefusal(fault.error) { return .refused(fault.error) }
            return .failed(fault.error, mayHaveWorkedSince: unclearSince)
        }
    }

    /// Reads tokens and how long they are good: by the duration if the server names one, else by the
    /// server's own clock, else by ours.
    private func stored(_ answer: FinHubResponse, at wallClock: Timestamp) throws -> StoredTokens {
        let body: TokensBody = try answer.decode()
        let serverClock = answer.wire.first(name: "Date").flatMap(HTTPDate.read) ?? wallClock
        let life = body.expiresInSeconds.map { Duration.seconds($0) } ?? body.expiresAt - serverClock
        guard life > .zero else {
            throw answer.error(.clientUnreadableAnswer, "The tokens had expired when they came.")
        }
        return StoredTokens(
            session: body.sessionID,
            user: body.userID,
            token: body.token,
            refreshToken: body.refreshToken,
            issuedAt: wallClock,
            expiresAt: wallClock + min(life, .seconds(31_536_000))
        )
    }

    /// The tokens with their times on the monotonic clock.
    func held(
        _ tokens: StoredTokens,
        origin: HeldTokens.Origin,
        at now: ContinuousClock.Instant,
        life: Duration? = nil
    ) -> HeldTokens {
        let wholeLife = tokens.expiresAt - tokens.issuedAt
        return HeldTokens(
            tokens,
            origin: origin,
            obtained: now,
            life: life ?? wholeLife,
            wholeLife: wholeLife,
            margin: configuration.refreshMargin,
            jitter: jitter()
        )
    }
}

extension Result<FinHubResponse, Fault> {
    /// The HTTP status, whatever it says; `nil` when no answer came.
    fileprivate var status: Int? {
        switch self {
        case .success(let answer): Int(answer.status.code)
        case .failure(let fault): fault.error.status
        }
    }
}

extension Fault {
    /// Whether the server may have done what it was asked.
    fileprivate var mayHaveWorked: Bool {
        switch effect {
        case .unknown: true
        case .notCarriedOut: false
        case .settled: !isServersWord && error.code != .clientTLSFailed || (error.status ?? 0) >= 500
        }
    }
}

extension SessionExchange.Outcome {
    /// The same, with no word left of what was sent, should a server repeat it.
    fileprivate func without(_ secrets: Secret<String>...) -> SessionExchange.Outcome {
        switch self {
        case .granted: self
        case .refused(let error): .refused(error.without(secrets))
        case .failed(let error, let since): .failed(error.without(secrets), mayHaveWorkedSince: since)
        }
    }
}

extension FinHubClientError {
    /// The same error with every occurrence of `secrets` cut out of its sentences.
    func without(_ secrets: [Secret<String>]) -> FinHubClientError {
        func clean(_ text: String) -> String {
            secrets.reduce(text) { text, secret in
                secret.reveal().isEmpty ? text : text.replacing(secret.reveal(), with: secret.description)
            }
        }
        return FinHubClientError(
            code: ErrorCode(rawValue: clean(code.rawValue)),
            message: clean(message),
            status: status,
            correlationID: correlationID.map(clean),
            problems: problems.map { FieldProblem(field: clean($0.field), message: clean($0.message)) },
            suggestions: suggestions.map(clean),
            retryAfter: retryAfter
        )
    }
}
