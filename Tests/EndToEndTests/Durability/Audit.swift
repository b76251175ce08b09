import FinHubAPI
import FinHubTestSupport
import NIOHTTP1

/// Holds a server, of whose clients none is waiting, against all that they know.
struct Audit {
    private let server: RunningServer
    private let ledger: SharedLedger
    private var random: SeededGenerator

    init(_ server: RunningServer, _ ledger: SharedLedger, seed: UInt64) {
        self.server = server
        self.ledger = ledger
        random = SeededGenerator(seed: seed)
    }

    /// - Returns: How many sessions it found alive, and how many ended.
    /// - Throws: ``Violation``.
    mutating func run() async throws -> (alive: Int, ended: Int) {
        ledger.withLock { $0.giveUp() }
        let sessions = ledger.withLock { $0.sessions.values.sorted { $0.id < $1.id } }
        for session in sessions { try await look(at: session) }
        for account in Traffic.accounts.indices { try await compareList(account) }
        return ledger.withLock { ledger in
            let ended = ledger.sessions.values.count { $0.isEnded }
            ledger.settle(keepingEnded: 60)
            return (sessions.count - ended, ended)
        }
    }

    private func api(_ account: Int) -> APIClient {
        APIClient(server, tenant: Traffic.accounts[account].tenant)
    }

    /// Both tokens of a session must agree on whether it lives.
    private mutating func look(at session: KnownSession) async throws {
        if session.isEnded { return try await expectEnded(session) }
        switch try Verdict(try await api(session.account).current(session.current.access)) {
        case .done:
            try ledger.withLock { try $0.found(session, alive: true) }
            try await expectOneLineage(session)
        case .revoked:
            try ledger.withLock { try $0.found(session, alive: false) }
            try await expectEnded(session)
        case .reused, .unavailable:
            throw Violation("the access token of session \(session.id) can't be checked")
        }
    }

    private func expectEnded(_ session: KnownSession) async throws {
        let api = api(session.account)
        guard case .revoked = try Verdict(try await api.current(session.current.access)) else {
            throw Violation("the access token of the ended session \(session.id) is good")
        }
        guard case .revoked = try Verdict(try await api.refresh(session.current)) else {
            throw Violation("the ended session \(session.id) can be refreshed")
        }
    }

    /// The token replaced last gets the current one again, unless a later refresh was kept; the
    /// current one, presented by two at once, gets both the same successor.
    private mutating func expectOneLineage(_ session: KnownSession) async throws {
        let api = api(session.account)
        if let replaced = session.replaced.first, Int.random(in: 0..<3, using: &random) == 0 {
            let answer = try await api.refresh(SessionTokens(session.current, refresh: replaced))
            switch try ledger.withLock({ try $0.receive(answer, toRetry: session) }) {
            case .done: break
            case .reused: return try await expectEnded(session)
            case .revoked, .unavailable: throw Violation("a retry was answered \(answer.text)")
            }
        }
        _ = ledger.withLock { $0.sendRefresh(session.id) }
        async let first = api.refresh(session.current)
        async let second = api.refresh(session.current)
        let answers = try await [first, second]
        if session.isRefreshing, session.isPastRetry, answers.contains(where: { $0.error == "REFRESH_TOKEN_REUSED" }) {
            // The refresh was kept whose answer was lost, and this came too late for a retry.
            try ledger.withLock { try $0.receive(.reused, toEnd: 0, of: session.id) }
            return try await expectEnded(session)
        }
        if let refusal = answers.first(where: { $0.status != 200 }) {
            throw Violation("session \(session.id) can't go on from the last tokens it was given: \(refusal.text)")
        }
        guard try SessionTokens(answers[0]).refresh == SessionTokens(answers[1]).refresh else {
            throw Violation("session \(session.id) has two lineages: two callers got two successors")
        }
        _ = try ledger.withLock { try $0.receive(answers[0], toRefresh: session) }
    }

    private func compareList(_ account: Int) async throws {
        let api = api(account)
        let login = ledger.withLock { $0.sendLogin(account: account) }
        let answer = try await api.tryLogin(as: Traffic.accounts[account])
        guard let session = try ledger.withLock({ try $0.receive(answer, toLogin: login) }) else {
            throw Violation("nobody can log in: \(answer.text)")
        }
        let path = Traffic.accounts[account].sessionsPath + "?status=active&limit=200"
        let page = try await api.send(.GET, path, token: session.current.access)
        guard let items = page.data?["items"]?.array else { throw Violation("no list: \(page.text)") }
        let listed = Set(items.compactMap { $0.object?["sessionId"]?.string })
        try ledger.withLock { try $0.found(active: listed, account: account) }
    }
}
