import FinHubAPI

/// The rules of sessions as the contract tells them, one call after the other in one memory.
///
/// A call goes in up to three steps, for that much the contract lets be seen: the caller is let
/// in; the call does what it does, at one moment; and what it ended is refused by the token check.
/// All three lie between the call and its answer.
struct Model: Hashable, Sendable {
    struct Session: Hashable, Sendable {
        let owner: Person
        var generation = 1
        var refreshedAt: Int64?
        var expiresAt: Int64
        let absoluteEnd: Int64
        /// How often all of the owner's sessions had been ended when it was opened, or spared.
        var epoch: Int
        var endReason: String?
        /// Whether the token check was told of its end.
        var isRefused = false
    }

    static let tokenLifetime: Int64 = 3_600
    static let absoluteLifetime: Int64 = 43_200
    static let retryWindow: Int64 = 30
    static let leeway: Int64 = 30
    private static let superseded = "SUPERSEDED"

    private(set) var now: Int64 = 0
    private(set) var sessions: [Int: Session] = [:]
    /// How often all of a person's sessions were ended; and of how many the token check knows.
    private var epochs = [0, 0, 0]
    private var knownEpochs = [0, 0, 0]
    /// The epoch that a call under way has read or made.
    private var epochOfCall: [Int: Int] = [:]
    /// Whose place a login under way has taken.
    private var supersededByCall: [Int: [Int]] = [:]
}

// MARK: Steps

extension Model {
    /// What a step came to.
    enum Step: Hashable {
        /// The call is not over.
        case goesOn
        /// The call is over, or has only ``tell(_:number:)`` before it.
        case answers(Answer, tells: Bool = false)
    }

    /// Lets the caller in, or answers why not.
    mutating func begin(_ action: Action, number: Int) -> Step {
        switch action {
        case .create(let person, _):
            epochOfCall[number] = epochs[person.rawValue]
            return .goesOn
        case .check(let bearer):
            return .answers(problem(bearer).map(Answer.refused) ?? .accepted)
        case .end(let session, let bearer):
            // Ending twice is no error, whoever did it first.
            let problem = problem(bearer)
            let isOver = problem == .sessionRevoked || problem == .sessionSuperseded
            if isOver, bearer.session == session { return .answers(.done) }
            return problem.map { .answers(.refused($0)) } ?? .goesOn
        case .refresh(_, _, let bearer):
            // Whose time is over, the token's or the session's, is told later.
            let problem = problem(bearer)
            return problem == nil || problem == .tokenExpired ? .goesOn : .answers(.refused(problem ?? .tokenInvalid))
        case .read(_, let bearer), .list(_, let bearer), .endAll(_, _, let bearer):
            return problem(bearer).map { .answers(.refused($0)) } ?? .goesOn
        case .setClock(let moment):
            now = moment
            return .answers(.done)
        case .restart:
            return .answers(.done)
        }
    }

    /// Does what the call is for, at one moment.
    mutating func act(_ action: Action, number: Int) -> Step {
        switch action {
        case .create(let person, let session): create(session, of: person, number)
        case .refresh(let session, let token, let bearer): refresh(session, token, bearer)
        case .read(let session, let bearer): .answers(read(session, bearer))
        case .list(let person, let bearer): .answers(list(person, bearer))
        case .end(let session, let bearer): end(session, bearer)
        case .endAll(let person, let sparing, let bearer): endAll(person, sparing: sparing, bearer, number)
        case .check, .setClock, .restart: .goesOn
        }
    }

    /// Tells the token check what the call ended.
    mutating func tell(_ action: Action, number: Int) {
        switch action {
        case .end(let session, _), .refresh(let session, _, _):
            sessions[session]?.isRefused = true
        case .endAll(let person, _, _):
            let epoch = epochOfCall.removeValue(forKey: number) ?? 0
            knownEpochs[person.rawValue] = max(knownEpochs[person.rawValue], epoch)
        case .create:
            for session in supersededByCall.removeValue(forKey: number) ?? [] { sessions[session]?.isRefused = true }
        case .check, .read, .list, .setClock, .restart:
            break
        }
    }
}

// MARK: The token check

extension Model {
    /// Why the token check refuses a token; `nil` when it lets it in.
    private func problem(_ bearer: AccessToken) -> ErrorCode? {
        if bearer.issuedAt > now + Self.leeway { return .tokenInvalid }
        if bearer.expiresAt <= now { return .tokenExpired }
        guard let session = sessions[bearer.session] else { return .tokenInvalid }
        if session.isRefused { return Self.problem(ofSessionEndedFor: session.endReason) }
        return session.epoch < knownEpochs[session.owner.rawValue] ? .sessionRevoked : nil
    }
}

// MARK: What calls do

extension Model {
    private func endReason(_ session: Session) -> String? {
        session.endReason ?? (session.epoch < epochs[session.owner.rawValue] ? "ALL_SESSIONS_ENDED" : nil)
    }

    private static func problem(ofSessionEndedFor reason: String?) -> ErrorCode {
        reason == superseded ? .sessionSuperseded : .sessionRevoked
    }

    private func isActive(_ session: Session) -> Bool {
        endReason(session) == nil && now < session.expiresAt
    }

    /// The session, if the bearer's tenant has it.
    private func session(_ number: Int, _ bearer: AccessToken) -> Session? {
        sessions[number].flatMap { session in belongs(session.owner, bearer) ? session : nil }
    }

    private func belongs(_ person: Person, _ bearer: AccessToken) -> Bool {
        sessions[bearer.session]?.owner.isCompatriot(of: person) ?? false
    }

    /// A login that all sessions were ended under is over as it begins, and nobody makes room for it.
    private mutating func create(_ number: Int, of person: Person, _ call: Int) -> Step {
        let isOver = epochOfCall[call, default: 0] < epochs[person.rawValue]
        let others = person.hasOneSession && !isOver ? active(of: person) : []
        for other in others { sessions[other]?.endReason = Self.superseded }
        supersededByCall[call] = others.isEmpty ? nil : others
        sessions[number] = Session(
            owner: person,
            expiresAt: now + Self.tokenLifetime,
            absoluteEnd: now + Self.absoluteLifetime,
            epoch: epochOfCall.removeValue(forKey: call) ?? 0
        )
        return .answers(.tokens(generation: 1, seconds: Self.tokenLifetime), tells: !others.isEmpty)
    }

    private mutating func refresh(_ number: Int, _ token: RefreshToken, _ bearer: AccessToken) -> Step {
        guard bearer.session == number, var session = sessions[number] else { return .refused(.invalidRefreshToken) }
        guard bearer.expiresAt > now else {
            if let reason = endReason(session) { return .refused(Self.problem(ofSessionEndedFor: reason)) }
            return .refused(now < session.expiresAt ? .tokenExpired : .sessionExpired)
        }
        guard token.session == number, !token.isForged else { return .refused(.invalidRefreshToken) }
        if let reason = endReason(session) { return .refused(Self.problem(ofSessionEndedFor: reason)) }
        guard now < session.expiresAt else { return .refused(.sessionExpired) }
        if token.generation == session.generation {
            session.generation += 1
            session.refreshedAt = now
            session.expiresAt = max(session.expiresAt, min(now + Self.tokenLifetime, session.absoluteEnd))
        } else if token.generation != session.generation - 1 || now - (session.refreshedAt ?? now) >= Self.retryWindow {
            session.endReason = "REFRESH_TOKEN_REUSED"
            sessions[number] = session
            return .answers(.refused(.refreshTokenReused), tells: true)
        }
        sessions[number] = session
        let seconds = min(session.expiresAt - now, Self.tokenLifetime)
        return .answers(.tokens(generation: session.generation, seconds: seconds))
    }

    private func read(_ number: Int, _ bearer: AccessToken) -> Answer {
        guard let session = session(number, bearer) else { return .refused(.sessionNotFound) }
        return .session(
            Sight(
                generation: session.generation,
                refreshedAt: session.refreshedAt,
                expiresAt: session.expiresAt,
                endReason: endReason(session)
            )
        )
    }

    private func list(_ person: Person, _ bearer: AccessToken) -> Answer {
        guard belongs(person, bearer) else { return .refused(.sessionNotFound) }
        return .active(active(of: person))
    }

    private func active(of person: Person) -> [Int] {
        sessions.filter { $0.value.owner == person && isActive($0.value) }.keys.sorted()
    }

    private mutating func end(_ number: Int, _ bearer: AccessToken) -> Step {
        guard let session = session(number, bearer) else { return .refused(.sessionNotFound) }
        if endReason(session) == nil { sessions[number]?.endReason = "ENDED_BY_ADMINISTRATOR" }
        return .answers(.done, tells: true)
    }

    private mutating func endAll(_ person: Person, sparing: Bool, _ bearer: AccessToken, _ call: Int) -> Step {
        guard belongs(person, bearer) else { return .refused(.sessionNotFound) }
        let active = active(of: person)
        let spared = sparing && active.contains(bearer.session) ? bearer.session : nil
        epochs[person.rawValue] += 1
        epochOfCall[call] = epochs[person.rawValue]
        if let spared { sessions[spared]?.epoch = epochs[person.rawValue] }
        return .answers(.ended(active.count - (spared == nil ? 0 : 1)), tells: true)
    }
}

extension Model.Step {
    fileprivate static func refused(_ code: ErrorCode) -> Self { .answers(.refused(code)) }
}
