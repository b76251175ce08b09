import FinHubTestSupport
import Foundation
import NIOHTTP1
import Synchronization

/// Clients that create, refresh and end sessions, each its own, until they are stopped or the server dies.
///
/// Every answer is held against the ledger at once.
final class Traffic: Sendable {
    static let accounts = [Account.cloudVault, Account.finsei]

    /// What a client did, and whether the storage took it.
    struct Event: Sendable, Hashable {
        var act: Act
        var isTaken = true
    }

    enum Act: Hashable, CaseIterable {
        case create, refresh, retry, reuse, end, endAll, check, look

        /// How often of a hundred times.
        fileprivate var weight: Int {
            switch self {
            case .create: 6
            case .refresh: 60
            case .retry: 10
            case .reuse: 2
            case .end: 5
            case .endAll: 1
            case .check: 10
            case .look: 6
            }
        }
    }

    let events: AsyncStream<Event>
    private let server: RunningServer
    private let ledger: SharedLedger
    private let count = Mutex(0)
    private let isOver = Atomic(false)
    private let continuation: AsyncStream<Event>.Continuation
    private let killAfter: Int?

    /// Kills the server with the answer numbered `killAfter`, if that is given.
    init(_ server: RunningServer, _ ledger: SharedLedger, killAfter: Int? = nil) {
        self.server = server
        self.ledger = ledger
        self.killAfter = killAfter
        (events, continuation) = AsyncStream.makeStream()
    }

    /// How many answers were received.
    var answers: Int { count.withLock { $0 } }

    /// Lets every client finish what it is at.
    func stop() {
        isOver.store(true, ordering: .relaxed)
    }

    /// Runs until it is stopped or the server is dead; throws ``Violation``, or the error of a call
    /// that failed though the server lives.
    func run(clients: Int, seed: UInt64) async throws {
        defer { continuation.finish() }
        var owned = ledger.withLock { ledger in
            (0..<Self.accounts.count).map { account in
                ledger.sessions.values.filter { $0.account == account && !$0.isEnded }.map(\.id).sorted()
            }
        }
        try await withThrowingTaskGroup { group in
            for number in 0..<clients {
                let account = number % Self.accounts.count
                let share = owned[account].prefix(4)
                owned[account].removeFirst(share.count)
                let client = Client(
                    account: account,
                    endsAll: number < Self.accounts.count,
                    api: APIClient(server, tenant: Self.accounts[account].tenant),
                    ledger: ledger,
                    sessions: Array(share),
                    random: SeededGenerator(seed: seed &+ UInt64(number))
                )
                group.addTask { try await self.run(client) }
            }
            do {
                try await group.waitForAll()
            } catch {
                group.cancelAll()
                throw error
            }
        }
    }

    private func run(_ client: Client) async throws {
        var client = client
        while !isOver.load(ordering: .relaxed) {
            do {
                acknowledge(try await client.act())
            } catch let violation as Violation {
                throw violation
            } catch {
                try Task.checkCancellation()
                // Only a dead server owes an answer.
                guard try await server.process.status() == -SIGKILL else { throw error }
                return
            }
        }
    }

    private func acknowledge(_ event: Event) {
        let count = count.withLock { count in
            count += 1
            return count
        }
        if count == killAfter { server.process.end(with: SIGKILL) }
        continuation.yield(event)
    }
}

/// The ledger that all clients write in.
final class SharedLedger: Sendable {
    private let ledger = Mutex(Ledger())

    func withLock<Value: Sendable>(_ body: (inout Ledger) throws -> Value) rethrows -> Value {
        try ledger.withLock { ledger in try body(&ledger) }
    }
}

/// One client: it owns some sessions of an account, and does one thing after the other.
///
/// It never ends its last session, so that one which ends those of the others always has one.
private struct Client: Sendable {
    let account: Int
    let endsAll: Bool
    let api: APIClient
    let ledger: SharedLedger
    var sessions: [String]
    var random: SeededGenerator

    /// Does one thing, whichever comes up, and notes what the server says.
    mutating func act() async throws -> Traffic.Event {
        let known = ledger.withLock { ledger in sessions.compactMap { ledger.ask($0) } }
        sessions.removeAll { id in !known.contains { $0.id == id && !$0.isEnded } }
        guard let session = known.filter({ !$0.isEnded }).randomElement(using: &random) else {
            return try await create()
        }
        switch pick() {
        case .create: return try await create()
        case .refresh: return try await refresh(session.id)
        case .retry where session.canRetry: return try await retry(session)
        case .reuse where session.replaced.count > 1 && sessions.count > 1: return try await reuse(session)
        case .end where sessions.count > 1: return try await end(session)
        case .endAll where endsAll: return try await endAll(session)
        case .look: return try await look(session)
        case .retry, .reuse, .end, .endAll, .check: return try await check(session)
        }
    }

    private mutating func pick() -> Traffic.Act {
        let acts = Traffic.Act.allCases
        var left = Int.random(in: 0..<acts.reduce(0) { $0 + $1.weight }, using: &random)
        return acts.first { act in
            left -= act.weight
            return left < 0
        } ?? .refresh
    }

    private mutating func create() async throws -> Traffic.Event {
        let login = ledger.withLock { $0.sendLogin(account: account) }
        let answer = try await api.tryLogin(as: Traffic.accounts[account])
        let session = try ledger.withLock { try $0.receive(answer, toLogin: login) }
        if let session { sessions.append(session.id) }
        return Traffic.Event(act: .create, isTaken: session != nil)
    }

    private func refresh(_ id: String) async throws -> Traffic.Event {
        guard let asked = ledger.withLock({ $0.sendRefresh(id) }) else { throw Violation("no session \(id)") }
        let answer = try await api.refresh(asked.current)
        return event(.refresh, try ledger.withLock { try $0.receive(answer, toRefresh: asked) })
    }

    private func retry(_ asked: KnownSession) async throws -> Traffic.Event {
        let answer = try await api.refresh(SessionTokens(asked.current, refresh: asked.replaced[0]))
        return event(.retry, try ledger.withLock { try $0.receive(answer, toRetry: asked) })
    }

    /// Presents a token that was replaced twice, which ends the session.
    private func reuse(_ asked: KnownSession) async throws -> Traffic.Event {
        let ending = ledger.withLock { $0.sendEnd(asked.id) }
        let verdict = try Verdict(try await api.refresh(SessionTokens(asked.current, refresh: asked.replaced[1])))
        if case .done = verdict { throw Violation("session \(asked.id) has two lineages: an old token is good") }
        try ledger.withLock { try $0.receive(verdict, toEnd: ending, of: asked.id) }
        return event(.reuse, verdict)
    }

    private func end(_ asked: KnownSession) async throws -> Traffic.Event {
        let ending = ledger.withLock { $0.sendEnd(asked.id) }
        let verdict = try Verdict(try await api.end(asked.current))
        try ledger.withLock { try $0.receive(verdict, toEnd: ending, of: asked.id) }
        return event(.end, verdict)
    }

    private func endAll(_ asked: KnownSession) async throws -> Traffic.Event {
        let ending = ledger.withLock { $0.sendEndAll(sparing: asked) }
        let answer = try await api.endOthers(asked.current, of: Traffic.accounts[account])
        return event(.endAll, try ledger.withLock { try $0.receive(answer, toEndAll: ending) })
    }

    /// Has the access token checked, which needs no storage.
    private func check(_ asked: KnownSession) async throws -> Traffic.Event {
        try await read(.check, asked, try await api.current(asked.current.access))
    }

    /// Has the session read from the storage.
    private func look(_ asked: KnownSession) async throws -> Traffic.Event {
        let answer = try await api.send(.GET, "/admin/sessions/\(asked.id)", token: asked.current.access)
        return try await read(.look, asked, answer)
    }

    private func read(_ act: Traffic.Act, _ asked: KnownSession, _ answer: Answer) async throws -> Traffic.Event {
        let verdict = try Verdict(answer)
        switch verdict {
        case .done where !asked.isEnded: break
        case .revoked: try ledger.withLock { try $0.foundEnded(asked.id) }
        default: throw Violation("session \(asked.id) was read, which was answered \(answer.text)")
        }
        return event(act, verdict)
    }

    private func event(_ act: Traffic.Act, _ verdict: Verdict) -> Traffic.Event {
        if case .unavailable = verdict { return Traffic.Event(act: act, isTaken: false) }
        return Traffic.Event(act: act)
    }
}
