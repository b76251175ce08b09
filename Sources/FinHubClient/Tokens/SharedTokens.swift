import FinHubAPI
import Logging
import Metrics

/// The token store as a renewal uses it: a failing store costs a warning, never the session.
struct SharedTokens: Sendable {
    let store: any TokenStore
    let identity: TokenIdentity
    let clock: any ClientClock
    let metrics: ClientMetrics
    let logger: Logger

    /// Longer than a refresh or a login takes; after it, two at once do no harm: the server gives both
    /// the same successor.
    private static let patience = Duration.seconds(15)

    /// The right to renew; `nil` when it could not be had and the renewal goes on without.
    func lock() async -> (any TokenLock)? {
        do {
            let lock = try await store.lock(identity, patience: Self.patience, clock: clock)
            if lock == nil { logger.warning("another process has held the token store for long; renewing beside it") }
            return lock
        } catch {
            report("locked", error)
            return nil
        }
    }

    func load() async -> StoredTokens? {
        do { return try await store.load(identity) } catch {
            report("read", error)
            return nil
        }
    }

    func save(_ tokens: StoredTokens) async {
        do { try await store.save(tokens, for: identity) } catch { report("written", error) }
    }

    func remove() async {
        do { try await store.remove(identity) } catch { report("cleared", error) }
    }

    private func report(_ verb: String, _ error: any Error) {
        metrics.storeFailures.increment()
        let reason = (error as? FinHubClientError)?.message ?? "\(type(of: error))"
        logger.warning("the token store can't be \(verb)", metadata: ["reason": "\(reason)"])
    }
}
