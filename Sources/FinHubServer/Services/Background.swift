import AsyncAlgorithms
public import FinHubAPI
public import FinHubCore
public import Logging
public import ServiceLifecycle

/// Follows the change feed four times a second until the server begins to stop.
///
/// After a failed reading the next one still comes. The first of a row is logged, then one a
/// minute, and the end; `/readyz` tells when it lasts.
public struct FeedService: Service {
    private let services: Services
    private let logger: Logger

    public init(_ services: Services, logger: Logger) {
        self.services = services
        self.logger = logger
    }

    public func run() async throws {
        let beats = AsyncTimerSequence(interval: .milliseconds(250), clock: .continuous).cancelOnGracefulShutdown()
        var streak = FailureStreak(reminder: 240)
        for await _ in beats {
            do {
                try await services.feed.catchUp()
                if let failures = streak.succeed() {
                    logger.notice("feed_readable_again", metadata: ["failures": "\(failures)"])
                }
            } catch  where streak.fail() {
                logger.error("feed_unreadable", metadata: ["error": "\(String(reflecting: error))"])
            } catch {
                continue
            }
        }
    }
}

/// Clears up behind the sessions, a step at a time, until the server begins to stop.
///
/// A failed step is tried again. The first of a row is logged, then one a minute, and the end.
public struct HousekeepingService: Service {
    private let housekeeping: Housekeeping
    private let logger: Logger

    public init(stores: Stores, logger: Logger, now: @escaping @Sendable () -> Timestamp) {
        housekeeping = Housekeeping(stores: stores, now: now)
        self.logger = logger
    }

    public func run() async throws {
        let beats = AsyncTimerSequence(interval: .seconds(1), clock: .continuous).cancelOnGracefulShutdown()
        var streak = FailureStreak(reminder: 60)
        for await _ in beats {
            do {
                _ = try await housekeeping.step()
                if let failures = streak.succeed() {
                    logger.notice("housekeeping_works_again", metadata: ["failures": "\(failures)"])
                }
            } catch  where streak.fail() {
                logger.error("housekeeping_failed", metadata: ["error": "\(String(reflecting: error))"])
            } catch {
                continue
            }
        }
    }
}
