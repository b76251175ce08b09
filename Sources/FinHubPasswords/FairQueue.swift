import FinHubAPI

/// Who runs now, who waits and who is turned away: a bounded queue, fair between tenants.
///
/// Tenants take turns, whatever the length of their lines. When the queue is full, the
/// longest line gives its newest place to a tenant whose own line is shorter, so that one
/// tenant's flood can't keep the others out. It knows no threads and no clock.
struct FairQueue<Job> {
    /// What becomes of a new job.
    enum Admission {
        /// There is a free thread: start it.
        case run
        /// It waits; the job it displaced, if any, must be refused.
        case wait(displaced: Job?)
        /// The queue is full.
        case refuse
    }

    /// What follows when a job has finished.
    struct Turn {
        /// The job to start, if any waits.
        let job: Job?
        /// Jobs that had waited too long when they came to the front: refuse them.
        let expired: [Job]
    }

    /// How many may run at once.
    let runningLimit: Int
    /// How many may wait.
    let waitingLimit: Int
    /// How long a job may wait and still be started.
    let patience: Duration
    /// How many run.
    private(set) var running = 0
    /// How many wait.
    private(set) var waiting = 0

    private var lines: [TenantID: [(job: Job, since: ContinuousClock.Instant)]] = [:]
    private var turns: [TenantID] = []

    init(runningLimit: Int, waitingLimit: Int, patience: Duration) {
        self.runningLimit = runningLimit
        self.waitingLimit = waitingLimit
        self.patience = patience
    }

    /// Takes in a new job.
    mutating func admit(_ job: Job, for tenant: TenantID, at now: ContinuousClock.Instant) -> Admission {
        guard running >= runningLimit else {
            running += 1
            return .run
        }
        var displaced: Job?
        if waiting >= waitingLimit {
            guard let longest = longestLine(beating: lines[tenant]?.count ?? 0) else { return .refuse }
            displaced = lines[longest]?.popLast()?.job
            waiting -= 1
        }
        if lines[tenant] == nil { turns.append(tenant) }
        lines[tenant, default: []].append((job, now))
        waiting += 1
        return .wait(displaced: displaced)
    }

    /// Counts one running job out and lets the next tenant's oldest job in.
    mutating func finish(at now: ContinuousClock.Instant) -> Turn {
        var expired: [Job] = []
        while let (job, since) = popFront() {
            guard since.duration(to: now) > patience else { return Turn(job: job, expired: expired) }
            expired.append(job)
        }
        running -= 1
        return Turn(job: nil, expired: expired)
    }

    /// The tenant of the longest line, if it stays longer than `count` when one is taken away.
    private func longestLine(beating count: Int) -> TenantID? {
        let longest = turns.max { lines[$0]?.count ?? 0 < lines[$1]?.count ?? 0 }
        guard let longest, let length = lines[longest]?.count, length > count + 1 else { return nil }
        return longest
    }

    private mutating func popFront() -> (job: Job, since: ContinuousClock.Instant)? {
        guard let tenant = turns.first, var line = lines[tenant], !line.isEmpty else { return nil }
        let first = line.removeFirst()
        turns.removeFirst()
        if line.isEmpty {
            lines[tenant] = nil
        } else {
            lines[tenant] = line
            turns.append(tenant)
        }
        waiting -= 1
        return first
    }
}
