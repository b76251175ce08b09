import FinHubAPI
import Foundation
import HTTPTypes
import Logging
import Metrics
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Synchronization

/// What stands behind every call: tokens, cache, repetitions, and the wire.
final class CallEngine: Sendable {
    private let configuration: FinHubClient.Configuration
    private let clock: any ClientClock
    private let preparation: CallPreparation
    private let wire: Wire
    private let repeater: Repeater
    private let shelf: AnswerShelf
    private let line = Coalescer<SharedCall, FinHubResponse>()
    private let keeper: TokenKeeper
    private let span: CallSpan
    private let metrics: ClientMetrics
    private let isShutDown = Atomic(false)

    init(
        _ configuration: FinHubClient.Configuration,
        store: any TokenStore,
        transport: any ClientTransport,
        clock: any ClientClock,
        jitter: @escaping @Sendable () -> Double
    ) throws {
        let metrics = ClientMetrics(configuration.metricsFactory ?? MetricsSystem.factory)
        let shelf = AnswerShelf(limit: configuration.cacheBytes, clock: clock, metrics: metrics)
        self.configuration = configuration
        self.clock = clock
        self.metrics = metrics
        self.shelf = shelf
        preparation = try CallPreparation(configuration)
        wire = Wire(configuration, transport: transport, clock: clock)
        repeater = Repeater(configuration, clock: clock, jitter: jitter, metrics: metrics)
        span = CallSpan(configuration)
        let renewal = TokenRenewal(
            configuration,
            exchange: SessionExchange(
                configuration: configuration,
                preparation: preparation,
                wire: wire,
                repeater: repeater,
                span: span,
                clock: clock,
                jitter: jitter
            ),
            shared: SharedTokens(
                store: store,
                identity: TokenIdentity(server: configuration.server, identity: configuration.identity),
                clock: clock,
                metrics: metrics,
                logger: configuration.logger
            ),
            metrics: metrics,
            sessionEnded: { shelf.empty() }
        )
        keeper = TokenKeeper(renewal, clock: clock)
    }

    var clockSkew: Duration? { wire.clockSkew }

    /// How many callers wait for a renewal.
    var callersWaiting: Int { keeper.flight.waiting }

    /// How many calls wait for another's answer.
    var followers: Int { line.waiting }

    /// Returns once no renewal is under way.
    func renewalsFinished() async {
        await keeper.flight.finish()
    }

    // MARK: Calls

    /// Calls with tokens, cache and repetitions.
    func send(_ request: FinHubRequest) async throws -> FinHubResponse {
        try await observed(request, status: { Int($0.status.code) }) { call in
            guard let key = call.shareKey else {
                // Whatever came of it.
                defer { shelf.note(call) }
                return try await self.call(call)
            }
            let shared = SharedCall(key: key, changes: shelf.changes)
            return try await line.value(for: shared, joined: { metrics.sharedCalls.increment() }) {
                try await self.call(call)
            }
        }
    }

    /// Calls with tokens, and returns with the answer's head.
    func stream(_ request: FinHubRequest) async throws -> StreamedResponse {
        try await observed(request, status: { Int($0.status.code) }) { call in
            defer { shelf.note(call) }
            return try await authenticated(call) { tokens in
                try await wire.stream(call, authorization: tokens.authorization)
            }
        }
    }

    /// Asks about a token; the tenant's key and secret prove who asks, in place of a session.
    func introspect(_ token: Secret<String>, options: CallOptions) async throws -> FinHubResponse {
        let credentials = try await configuration.credentials.credentials()
        let pair = credentials.tenantSecret.map { Array("\(credentials.tenantKey):\($0)".utf8) }
        let basic = pair.map { "Basic \(Data($0).base64EncodedString())" }
        let body = IntrospectBody(token: token)
        let request = FinHubRequest(.post, "/admin/sessions/introspect", writing: body, options: options)
        do {
            return try await observed(request, status: { Int($0.status.code) }) { call in
                let result = try await repeater.run(call, isRepeatable: true, isBudgeted: true) {
                    switch try await wire.exchange(call, authorization: basic) {
                    case .success(let answer): Repeater.Attempt.answer(answer)
                    case .failure(let fault): .fault(fault)
                    }
                }
                return try result.answer
            }
        } catch let error as FinHubClientError {
            throw error.without([token, credentials.tenantSecret])
        }
    }

    private func call(_ call: PreparedCall) async throws -> FinHubResponse {
        try await authenticated(call) { tokens in
            let changes = shelf.changes
            var outgoing = call
            var stale: FinHubResponse?
            switch shelf.find(call, of: tokens.session) {
            case .fresh(let answer): return .success(answer)
            case .stale(let answer, let tag):
                stale = answer
                outgoing.headers.add(name: "If-None-Match", value: tag)
            case .nothing: break
            }
            return try await wire.exchange(outgoing, authorization: tokens.authorization)
                .map { shelf.take($0, for: call, of: tokens.session, confirming: stale, asOf: changes) }
        }
    }

    /// Attempts a call with good tokens; with new ones, once, when the server refuses the first.
    private func authenticated<Answer: Sendable>(
        _ call: PreparedCall,
        _ attempt: (HeldTokens) async throws -> Result<Answer, Fault>
    ) async throws -> Answer {
        var wasRefused = false
        let result = try await repeater.run(call, isRepeatable: call.isRepeatable, isBudgeted: true) {
            let tokens = try await keeper.tokens(until: call.deadline)
            switch try await attempt(tokens) {
            case .success(let answer): return Repeater.Attempt.answer(answer)
            case .failure(let fault):
                let fault = fault.without(tokens.token)
                guard fault.endsSession else { return .fault(fault) }
                keeper.refuse(tokens, because: fault.error)
                shelf.empty()
                if wasRefused { return .fault(fault) }
                wasRefused = true
                return .again
            }
        }
        return try result.answer
    }

    private func observed<Answer: Sendable>(
        _ request: FinHubRequest,
        status: (Answer) -> Int?,
        _ body: (PreparedCall) async throws -> Answer
    ) async throws -> Answer {
        guard !isShutDown.load(ordering: .acquiring) else {
            throw FinHubClientError(code: .clientShutDown, message: "The client was shut down.")
        }
        let start = clock.now
        let call = try preparation.prepare(request, at: start)
        do {
            let answer = try await span.record(call, status: status, body)
            metrics.duration.record(duration: clock.now - start)
            return answer
        } catch {
            metrics.failedDuration.record(duration: clock.now - start)
            throw error
        }
    }

    // MARK: Sessions

    func session() async throws -> ClientSession {
        try checkOpen()
        return session(try await keeper.tokens(until: clock.now + configuration.deadline))
    }

    func renewSession(byLogin: Bool) async throws -> ClientSession {
        try checkOpen()
        let deadline = clock.now + configuration.deadline
        return session(try await keeper.renew(byLogin ? .login : .refresh, until: deadline))
    }

    /// Ends the session that is in hand or in the store; with none there is nothing to end.
    func logout() async throws {
        try checkOpen()
        await keeper.flight.finish()
        if keeper.held == nil { await keeper.renewal.adopt() }
        if let tokens = keeper.held {
            let call = try preparation.prepare(
                FinHubRequest(.delete, "/admin/sessions/\(tokens.session)"),
                at: clock.now
            )
            let result = try await repeater.run(call, isRepeatable: true, isBudgeted: true) {
                switch try await wire.exchange(call, authorization: tokens.authorization) {
                case .success(let answer): Repeater.Attempt.answer(answer)
                case .failure(let fault): .fault(fault.without(tokens.token))
                }
            }
            // A session that the server does not honour any more needs no ending.
            if case .failure(let fault) = result, !fault.endsSession, fault.error.status != 404 { throw fault.error }
        }
        await keeper.renewal.forget()
    }

    /// Renews the session whenever it is due, until the task is cancelled or a shutdown begins.
    func keepFresh() async {
        await cancelWhenGracefulShutdown { [self] in
            while !Task.isCancelled {
                // What fails is logged where it fails, and tried again at the time the ledger names.
                _ = try? await keeper.tokens(until: clock.now + configuration.deadline)
                await keeper.flight.finish()
                let now = clock.now
                let next = keeper.renewal.ledger.withLock { $0.nextRenewal(after: now) }
                try? await clock.reach(max(next ?? now, now + .seconds(1)))
            }
        }
    }

    func shutdown() async {
        let (isFirst, _) = isShutDown.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing)
        guard isFirst else { return }
        await keeper.flight.finish()
        shelf.empty()
        await wire.shutdown()
    }

    private func checkOpen() throws {
        guard !isShutDown.load(ordering: .acquiring) else {
            throw FinHubClientError(code: .clientShutDown, message: "The client was shut down.")
        }
    }

    private func session(_ tokens: HeldTokens) -> ClientSession {
        ClientSession(
            session: tokens.session,
            user: tokens.user,
            token: tokens.token,
            remaining: max(tokens.expires - clock.now, .zero)
        )
    }
}

/// A call that may be answered by another's answer, unless something was changed between the two: who has
/// changed something must not be told what stood there before.
private struct SharedCall: Hashable {
    let key: PreparedCall.ShareKey
    let changes: Int
}

extension Fault {
    /// Whether FinHub said that the token in use is good no more.
    ///
    /// `TOKEN_REQUIRED`, for one, says that something on the way took the token off: another would fare alike.
    fileprivate var endsSession: Bool {
        error.status == 401 && isServersWord && !error.code.leavesSession
    }
}

extension Result where Failure == Fault {
    /// The answer, or the fault's error thrown.
    fileprivate var answer: Success {
        get throws {
            switch self {
            case .success(let answer): answer
            case .failure(let fault): throw fault.error
            }
        }
    }
}
