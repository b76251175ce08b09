import FinHubAPI
import HTTPTypes
import Logging
import Metrics
import Synchronization

/// Repeats attempts of a call as the policy and the budget allow.
final class Repeater: Sendable {
    /// What one attempt came to.
    enum Attempt<Answer: Sendable>: Sendable {
        case answer(Answer)
        case fault(Fault)
        /// To be sent again at once, with other tokens.
        case again
    }

    private let policy: RetryPolicy
    private let clock: any ClientClock
    private let jitter: @Sendable () -> Double
    private let metrics: ClientMetrics
    private let logger: Logger
    private let budget: Mutex<RetryBudget>

    init(
        _ configuration: FinHubClient.Configuration,
        clock: any ClientClock,
        jitter: @escaping @Sendable () -> Double,
        metrics: ClientMetrics
    ) {
        policy = configuration.retries
        self.clock = clock
        self.jitter = jitter
        self.metrics = metrics
        logger = configuration.logger
        budget = Mutex(RetryBudget(configuration.retries))
    }

    /// Attempts until there is an answer, or another attempt would be of no use or against the rules.
    ///
    /// - Parameters:
    ///   - call: What is attempted.
    ///   - isRepeatable: Whether it does no harm to carry it out twice.
    ///   - isBudgeted: Whether repetitions come out of the budget. Logins and refreshes don't: there is
    ///     one at a time of them, with pauses of their own, and every other call waits for it.
    ///   - attempt: Sends it once.
    /// - Returns: The answer, or the last fault.
    /// - Throws: What `attempt` throws, and `CancellationError`.
    func run<Answer: Sendable>(
        _ call: PreparedCall,
        isRepeatable: Bool,
        isBudgeted: Bool,
        _ attempt: () async throws -> Attempt<Answer>
    ) async throws -> Result<Answer, Fault> {
        if isBudgeted { budget.withLock { $0.deposit() } }
        var attempts = 0
        while true {
            try Task.checkCancellation()
            switch try await attempt() {
            case .answer(let answer): return .success(answer)
            case .again: continue
            case .fault(let fault):
                attempts += 1
                let pause = policy.pause(
                    after: fault,
                    attempt: attempts,
                    isRepeatable: isRepeatable,
                    left: call.deadline - clock.now,
                    jitter: jitter()
                )
                guard let pause, !isBudgeted || withdraw() else { return .failure(fault) }
                report(fault, call, pause: pause)
                try await clock.pause(for: pause)
            }
        }
    }

    private func withdraw() -> Bool {
        let isGranted = budget.withLock { $0.withdraw() }
        if !isGranted { metrics.refusedRetries.increment() }
        return isGranted
    }

    private func report(_ fault: Fault, _ call: PreparedCall, pause: Duration) {
        metrics.retries.increment()
        logger.debug(
            "call is repeated",
            metadata: [
                "method": "\(call.method.rawValue)", "error": "\(fault.error.code.rawValue)",
                "correlation_id": "\(call.correlationID)", "pause": "\(pause)",
            ]
        )
    }
}
