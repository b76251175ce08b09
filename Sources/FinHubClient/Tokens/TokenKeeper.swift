import FinHubAPI
import Synchronization

/// Gives callers tokens that are good, and lets one renewal serve all who wait.
final class TokenKeeper: Sendable {
    let renewal: TokenRenewal
    let flight: RenewalFlight<HeldTokens>
    private let clock: any ClientClock

    init(_ renewal: TokenRenewal, clock: any ClientClock) {
        self.renewal = renewal
        self.clock = clock
        flight = RenewalFlight { try await renewal.renew() }
    }

    /// Tokens that are good now.
    ///
    /// A caller waits only when there are none, or none that will outlast the call: a renewal that is
    /// merely due goes on behind the callers' backs.
    ///
    /// - Throws: ``FinHubClientError``, or `CancellationError`.
    func tokens(until deadline: ContinuousClock.Instant) async throws -> HeldTokens {
        switch renewal.ledger.withLock({ $0.need(at: clock.now) }) {
        case .use(let tokens): return tokens
        case .useAndRenew(let tokens):
            flight.begin()
            return tokens
        case .fail(let error): throw error
        case .wait: return try await outcome(until: deadline)
        }
    }

    /// New tokens, although those in hand may be good.
    func renew(_ demand: TokenLedger.Demand, until deadline: ContinuousClock.Instant) async throws -> HeldTokens {
        renewal.ledger.withLock { $0.ask(for: demand) }
        var tokens = try await outcome(until: deadline)
        // The flight that was under way may have begun before the demand was there.
        while renewal.ledger.withLock({ $0.demand }) != nil { tokens = try await outcome(until: deadline) }
        return tokens
    }

    /// The server refused `tokens` to a call.
    func refuse(_ tokens: HeldTokens, because error: FinHubClientError) {
        renewal.ledger.withLock { $0.refuse(tokens, because: error, at: clock.now) }
    }

    /// The tokens in hand, if they have not expired.
    var held: HeldTokens? {
        renewal.ledger.withLock { $0.held }.flatMap { clock.now < $0.expires ? $0 : nil }
    }

    private func outcome(until deadline: ContinuousClock.Instant) async throws -> HeldTokens {
        do {
            return try await inTime(deadline, clock) { [flight] in try await flight.outcome() }
        } catch is TransportFailure {
            throw FinHubClientError(
                code: .clientDeadlineExceeded,
                message: "The session could not be renewed before the call's deadline."
            )
        }
    }
}
