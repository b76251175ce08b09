import FinHubAPI
import FinHubCore
import NIOPosix
import Synchronization

/// Runs costly work on threads of its own, bounded and fair between tenants.
///
/// A caller that is cancelled while it waits still gets its turn: the line is short.
final class HashingFence: Sendable {
    private struct Job: Sendable {
        let run: @Sendable () -> Void
        let refuse: @Sendable () -> Void
    }

    private let pool: NIOThreadPool
    private let queue: Mutex<FairQueue<Job>>
    private let now: @Sendable () -> ContinuousClock.Instant

    /// Starts `threads` threads, which run until ``shutdown()``.
    init(
        threads: Int,
        waitingLimit: Int,
        patience: Duration,
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        pool = NIOThreadPool(numberOfThreads: threads)
        queue = Mutex(FairQueue(runningLimit: threads, waitingLimit: waitingLimit, patience: patience))
        self.now = now
        pool.start()
    }

    /// How many wait for a thread.
    var waiting: Int { queue.withLock { $0.waiting } }

    /// Runs `work` when it is the tenant's turn.
    ///
    /// - Throws: What `work` throws, or ``PasswordHashingRefusal/busy`` when it did not run.
    func run<Value: Sendable>(
        for tenant: TenantID,
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let job = Job(
                run: { continuation.resume(with: Result(catching: work)) },
                refuse: { continuation.resume(throwing: PasswordHashingRefusal.busy) }
            )
            enter(job, for: tenant)
        }
    }

    /// Lets what runs finish, refuses what waits and whatever comes later, and ends the threads.
    func shutdown() async throws {
        try await pool.shutdownGracefully()
    }

    private func enter(_ job: Job, for tenant: TenantID) {
        let moment = now()
        switch queue.withLock({ $0.admit(job, for: tenant, at: moment) }) {
        case .run: start(job)
        case .wait(let displaced): displaced?.refuse()
        case .refuse: job.refuse()
        }
    }

    private func start(_ job: Job) {
        pool.submit { state in
            if state == .active { job.run() } else { job.refuse() }
            self.startNext()
        }
    }

    private func startNext() {
        let moment = now()
        let turn = queue.withLock { $0.finish(at: moment) }
        for job in turn.expired { job.refuse() }
        if let job = turn.job { start(job) }
    }
}
