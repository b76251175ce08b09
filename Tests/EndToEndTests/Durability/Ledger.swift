/// What the clients of a server were told of their sessions, and what they asked and were not told yet.
///
/// Whoever calls the server notes it here before and after. One session has one owner, who waits
/// for each answer; that all sessions of an account end may come between at any time.
struct Ledger: Sendable {
    private struct EndAll {
        let account: Int
        let spared: String
        /// The sessions that were there before, all of which it ends or none.
        let targets: Set<String>
        var isAcknowledged = false
        /// Whether it is found to have happened, when its answer was lost.
        var isSpent: Bool?
    }

    private(set) var sessions: [String: KnownSession] = [:]
    /// Per account, the sessions asked for whose answer was lost.
    private var unanswered: [Int: Int] = [:]
    /// Sessions found on the server whose tokens nobody got.
    private var strangers: Set<String> = []
    /// Sessions that ended long ago.
    private var buried: Set<String> = []
    private var endAlls: [Int: EndAll] = [:]
    /// Logins under way, each with the endings that overlap it.
    private var logins: [Int: (account: Int, doubts: Set<Int>)] = [:]
    private var lastNumber = 0

    private mutating func number() -> Int {
        lastNumber += 1
        return lastNumber
    }

    private mutating func update(_ id: String, _ change: (inout KnownSession) -> Void) {
        if var session = sessions[id] {
            change(&session)
            sessions[id] = session
        }
    }

    /// Notes that a session was found ended; somebody must have ended it.
    mutating func foundEnded(_ id: String) throws {
        guard let session = sessions[id], session.isEnded || !session.doubts.isEmpty else {
            throw Violation("session \(id) is ended, though nobody ended it")
        }
        update(id) { $0.end() }
    }
}

// MARK: Create

extension Ledger {
    mutating func sendLogin(account: Int) -> Int {
        let login = number()
        let overlapping = endAlls.filter { $0.value.account == account && !$0.value.isAcknowledged }
        logins[login] = (account, Set(overlapping.keys))
        return login
    }

    /// - Returns: Whether the session was created.
    mutating func receive(_ answer: Answer, toLogin login: Int) throws -> KnownSession? {
        guard let (account, doubts) = logins.removeValue(forKey: login) else { throw Violation("answered twice") }
        switch try Verdict(answer) {
        case .done:
            let session = KnownSession(try SessionTokens(answer), account: account, doubts: doubts)
            guard sessions.updateValue(session, forKey: session.id) == nil else {
                throw Violation("session \(session.id) was created twice")
            }
            return session
        case .unavailable: return nil
        case .revoked, .reused: throw Violation("a login was answered \(answer.text)")
        }
    }
}

// MARK: Refresh

extension Ledger {
    mutating func sendRefresh(_ id: String) -> KnownSession? {
        update(id) { $0.sendRefresh() }
        return ask(id)
    }

    /// A session as it is known now, to hold the answer to a question about it against.
    func ask(_ id: String) -> KnownSession? {
        guard var session = sessions[id] else { return nil }
        session.survivable = session.doubts.filter { endAlls[$0]?.isAcknowledged ?? false }
        return session
    }

    /// Takes the answer to a refresh with the tokens that were current in `asked`.
    mutating func receive(_ answer: Answer, toRefresh asked: KnownSession) throws -> Verdict {
        let verdict = try Verdict(answer)
        switch verdict {
        case .done:
            let next = try SessionTokens(answer)
            guard !asked.isEnded else { throw Violation("the ended session \(asked.id) was refreshed") }
            guard next.session == asked.id, next.refresh != asked.current.refresh,
                !asked.replaced.contains(next.refresh)
            else { throw Violation("session \(asked.id) was given an old token as its next") }
            update(asked.id) { $0.rotate(to: next) }
            outlived(asked)
        case .unavailable: update(asked.id) { $0.isRefreshing = false }
        case .revoked: try foundEnded(asked.id)
        case .reused: throw Violation("the current token of session \(asked.id) was taken for a replaced one")
        }
        return verdict
    }

    /// Takes the answer to a refresh with the token replaced last, as `asked` has it.
    mutating func receive(_ answer: Answer, toRetry asked: KnownSession) throws -> Verdict {
        let verdict = try Verdict(answer)
        switch verdict {
        case .done:
            guard !asked.isEnded else { throw Violation("the ended session \(asked.id) was refreshed") }
            guard try SessionTokens(answer).refresh == asked.current.refresh else {
                throw Violation("session \(asked.id) has two lineages: a retry got another successor")
            }
            outlived(asked)
        case .unavailable: break
        case .revoked: try foundEnded(asked.id)
        case .reused:
            // The refresh whose answer was lost may have been kept; then this token is an old one.
            guard asked.isRefreshing || asked.isPastRetry else {
                throw Violation("session \(asked.id) was ended by a retry")
            }
            update(asked.id) { $0.end() }
        }
        return verdict
    }

    /// `asked` was alive when it was asked for, so that endings acknowledged before that spared it.
    ///
    /// One acknowledged while it was asked for may have come after the answer was made.
    private mutating func outlived(_ asked: KnownSession) {
        update(asked.id) { $0.doubts.subtract(asked.survivable) }
    }
}

// MARK: End

extension Ledger {
    /// Notes that something was sent that ends one session; the number is the ending's.
    mutating func sendEnd(_ id: String) -> Int {
        let ending = number()
        update(id) { if !$0.isEnded { $0.doubts.insert(ending) } }
        return ending
    }

    mutating func receive(_ verdict: Verdict, toEnd ending: Int, of id: String) throws {
        switch verdict {
        case .done, .reused: update(id) { $0.end() }
        case .unavailable: update(id) { $0.doubts.remove(ending) }
        case .revoked: try foundEnded(id)
        }
    }

    /// Notes that all sessions of an account are to end, but for one of them.
    mutating func sendEndAll(sparing spared: KnownSession) -> Int {
        let ending = number()
        let targets = sessions.values.filter { $0.account == spared.account && !$0.isEnded && $0.id != spared.id }
        endAlls[ending] = EndAll(account: spared.account, spared: spared.id, targets: Set(targets.map(\.id)))
        for target in targets { update(target.id) { $0.doubts.insert(ending) } }
        for (login, entry) in logins where entry.account == spared.account {
            logins[login]?.doubts.insert(ending)
        }
        return ending
    }

    mutating func receive(_ answer: Answer, toEndAll ending: Int) throws -> Verdict {
        let verdict = try Verdict(answer)
        guard let endAll = endAlls[ending] else { throw Violation("answered twice") }
        switch verdict {
        case .done:
            endAlls[ending]?.isAcknowledged = true
            for id in endAll.targets { update(id) { $0.end() } }
        case .unavailable, .revoked:
            // It did not happen.
            endAlls[ending] = nil
            for id in sessions.keys { update(id) { $0.doubts.remove(ending) } }
            for login in logins.keys { logins[login]?.doubts.remove(ending) }
            if case .revoked = verdict { try foundEnded(endAll.spared) }
        case .reused: throw Violation("ending all was answered \(answer.text)")
        }
        return verdict
    }
}

// MARK: After a restart

extension Ledger {
    /// Takes it that what is not answered by now never will be.
    mutating func giveUp() {
        for login in logins.values { unanswered[login.account, default: 0] += 1 }
        logins = [:]
    }

    /// Notes how a session is found that was alive or in doubt; an ending of many must be whole.
    mutating func found(_ session: KnownSession, alive isAlive: Bool) throws {
        guard isAlive || !session.doubts.isEmpty else {
            throw Violation("session \(session.id) is ended, though nobody ended it")
        }
        if session.doubts.count == 1, let ending = session.doubts.first,
            let endAll = endAlls[ending], endAll.targets.contains(session.id)
        {
            guard endAll.isSpent ?? !isAlive == !isAlive else {
                throw Violation("ending all of an account's sessions was done by half: \(session.id)")
            }
            endAlls[ending]?.isSpent = !isAlive
        }
        update(session.id) { session in
            if isAlive { session.doubts = [] } else { session.end() }
        }
    }

    /// Notes which sessions of an account the server lists as active.
    mutating func found(active listed: Set<String>, account: Int) throws {
        let known = sessions.values.filter { $0.account == account }
        for session in known where session.isEnded == listed.contains(session.id) {
            throw Violation("session \(session.id) is listed as \(session.isEnded ? "active" : "ended")")
        }
        guard listed.isDisjoint(with: buried) else { throw Violation("a session is active that was ended long ago") }
        let news = listed.subtracting(sessions.keys).subtracting(strangers)
        let unanswered = unanswered[account, default: 0]
        guard news.count <= unanswered else {
            throw Violation(
                "\(news.count) sessions that nobody knows, though only \(unanswered) logins were not answered"
            )
        }
        strangers.formUnion(news)
    }

    /// Begins anew: everything was found, and what ended long ago needs no more looking at.
    mutating func settle(keepingEnded limit: Int) {
        unanswered = [:]
        endAlls = [:]
        let ended = sessions.values.compactMap { session in session.endedAt.map { (session.id, $0) } }
        for (id, _) in ended.sorted(by: { $0.1 > $1.1 }).dropFirst(limit) {
            sessions[id] = nil
            buried.insert(id)
        }
    }
}
