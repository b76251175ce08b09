import AsyncAlgorithms
public import FinHubAPI
public import FinHubCore
public import Logging
import Metrics
public import ServiceLifecycle

/// Stores every few seconds who used which tenant credential, and once more when the server stops.
///
/// It must stop after what lets anybody in. A failed storing is tried again with the next.
public struct CredentialUseService: Service {
    private let uses: CredentialUses
    private let logger: Logger

    public init(_ services: Services, logger: Logger) {
        uses = services.credentialUses
        self.logger = logger
    }

    public func run() async throws {
        let beats = AsyncTimerSequence(interval: .seconds(5), clock: .continuous).cancelOnGracefulShutdown()
        var streak = FailureStreak(reminder: 12)
        for await _ in beats { await flush(&streak) }
        await flush(&streak)
    }

    private func flush(_ streak: inout FailureStreak) async {
        do {
            try await uses.flush()
            if let failures = streak.succeed() {
                logger.notice("credential_uses_stored_again", metadata: ["failures": "\(failures)"])
            }
        } catch  where streak.fail() {
            logger.error("credential_uses_not_stored", metadata: ["error": "\(String(reflecting: error))"])
        } catch {
            return
        }
    }
}

/// Looks for secrets and passwords that are too old: at start, then every hour for the gauges, and once a day
/// for the log.
public struct ReminderService: Service {
    private let store: any ReminderStore
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let secrets = Gauge(label: "finhub_tenant_credentials_old")
    private let passwords = Gauge(label: "finhub_user_passwords_old")

    public init(stores: Stores, logger: Logger, now: @escaping @Sendable () -> Timestamp) {
        store = stores.reminders
        self.logger = logger
        self.now = now
    }

    public func run() async throws {
        var loggedAt: Timestamp?
        await look(&loggedAt)
        let beats = AsyncTimerSequence(interval: .seconds(3_600), clock: .continuous).cancelOnGracefulShutdown()
        for await _ in beats { await look(&loggedAt) }
    }

    /// Sets the gauges, and logs what is too old unless that was done within the last day.
    func look(_ loggedAt: inout Timestamp?) async {
        let now = now()
        do {
            let summary = try await store.summary(at: now)
            secrets.record(summary.secretCount)
            passwords.record(summary.passwordCount)
            if let loggedAt, now - loggedAt < .seconds(86_400) { return }
            loggedAt = now
            log(summary)
        } catch {
            logger.error("reminders_unreadable", metadata: ["error": "\(String(reflecting: error))"])
        }
    }

    private func log(_ summary: ReminderSummary) {
        for secret in summary.secrets {
            logger.warning(
                "credential_old",
                metadata: ["tenant": "\(secret.tenant)", "key": "\(secret.key)", "since": "\(secret.createdAt)"]
            )
        }
        for tenant in summary.passwords {
            logger.warning("password_old", metadata: ["tenant": "\(tenant.tenant)", "users": "\(tenant.count)"])
        }
    }
}
