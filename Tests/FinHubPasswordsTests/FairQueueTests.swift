import FinHubAPI
import Testing

@testable import FinHubPasswords

@Suite("The fair queue")
struct FairQueueTests {
    private let acme = TenantID(high: 1, low: 1)
    private let globex = TenantID(high: 2, low: 2)
    private let start = ContinuousClock.now

    @Test("runs up to its limit, then lets jobs wait, then refuses")
    func bounds() {
        var queue = FairQueue<Int>(runningLimit: 2, waitingLimit: 2, patience: .seconds(2))
        let admissions = (1...5).map { queue.admit($0, for: acme, at: start).name }
        #expect(admissions == ["run", "run", "wait", "wait", "refuse"])
        #expect(queue.running == 2)
        #expect(queue.waiting == 2)
    }

    @Test("tenants take turns, whatever the length of their lines")
    func turns() {
        var queue = FairQueue<String>(runningLimit: 1, waitingLimit: 64, patience: .seconds(2))
        for job in ["a0", "a1", "a2", "a3", "a4"] { _ = queue.admit(job, for: acme, at: start) }
        for job in ["g1", "g2"] { _ = queue.admit(job, for: globex, at: start) }
        var order: [String] = []
        while let job = queue.finish(at: start).job { order.append(job) }
        #expect(order == ["a1", "g1", "a2", "g2", "a3", "a4"])
        #expect(queue.running == 0)
        #expect(queue.waiting == 0)
    }

    @Test("a full queue gives the newest place of the longest line to a tenant with less")
    func displacement() {
        var queue = FairQueue<String>(runningLimit: 1, waitingLimit: 4, patience: .seconds(2))
        for job in ["a0", "a1", "a2", "a3", "a4"] { _ = queue.admit(job, for: acme, at: start) }
        #expect(queue.admit("g1", for: globex, at: start).displaced == "a4")
        #expect(queue.admit("g2", for: globex, at: start).displaced == "a3")
        #expect(queue.admit("g3", for: globex, at: start).name == "refuse")
        #expect(queue.admit("a5", for: acme, at: start).name == "refuse")
        #expect(queue.waiting == 4)
    }

    @Test("a job that waited longer than the patience is refused at the front", arguments: zip([2, 3], [true, false]))
    func patience(seconds: Int, isStarted: Bool) {
        var queue = FairQueue<String>(runningLimit: 1, waitingLimit: 4, patience: .seconds(2))
        for job in ["a0", "old"] { _ = queue.admit(job, for: acme, at: start) }
        let later = start.advanced(by: .seconds(seconds))
        _ = queue.admit("young", for: acme, at: later)
        let turn = queue.finish(at: later)
        #expect(turn.job == (isStarted ? "old" : "young"))
        #expect(turn.expired == (isStarted ? [] : ["old"]))
        #expect(queue.running == 1)
    }
}

extension FairQueue.Admission {
    fileprivate var name: String {
        switch self {
        case .run: "run"
        case .wait: "wait"
        case .refuse: "refuse"
        }
    }

    fileprivate var displaced: Job? {
        if case .wait(let displaced) = self { displaced } else { nil }
    }
}
