import FinHubAPI
import FinHubCore
import Synchronization

/// What the callers of one history know, and what became of their calls.
///
/// It alone knows which text is which token: a refresh token is the one that followed the token
/// presented, whatever the server says of it.
final class Notebook: Sendable {
    fileprivate struct Notes {
        var count = 0
        var calls: [Call] = []
        var owners: [Int: Person] = [:]
        var ids: [Int: SessionID] = [:]
        /// By session, from its first generation on.
        var refreshTokens: [Int: [String]] = [:]
        var accessTokens: [Int: [(token: AccessToken, text: String)]] = [:]
    }

    private let notes = Mutex(Notes())

    /// The calls that were answered, in the order of their answers.
    var calls: [Call] { notes.withLock { $0.calls } }

    /// The next number of the history's own count.
    func tick() -> Int {
        notes.withLock { notes in
            notes.count += 1
            return notes.count
        }
    }

    func note(_ action: Action, by caller: Int, madeAt: Int, _ answer: Answer) {
        notes.withLock { notes in
            notes.count += 1
            notes.calls.append(
                Call(caller: caller, madeAt: madeAt, answeredAt: notes.count, action: action, answer: answer)
            )
        }
    }
}

// MARK: Sessions

extension Notebook {
    func id(of session: Int) -> SessionID? { notes.withLock { $0.ids[session] } }

    func owner(of session: Int) -> Person? { notes.withLock { $0.owners[session] } }

    /// Notes a login's session; its tokens follow as those of any refresh.
    func open(_ session: Int, of owner: Person, as id: SessionID) {
        notes.withLock { notes in
            notes.owners[session] = owner
            notes.ids[session] = id
        }
    }
}

// MARK: Tokens

extension Notebook {
    /// Which token is meant, and its text.
    func refreshToken(_ planned: PlannedToken) -> (token: RefreshToken, text: String)? {
        notes.withLock { notes in
            guard let texts = notes.refreshTokens[planned.session] else { return nil }
            let generation = max(1, texts.count - planned.age)
            let token = RefreshToken(session: planned.session, generation: generation, isForged: planned.isForged)
            let text = texts[generation - 1]
            return (token, planned.isForged ? text.dropLast() + (text.last == "A" ? "E" : "A") : text)
        }
    }

    func accessToken(_ planned: PlannedBearer) -> (token: AccessToken, text: String)? {
        notes.withLock { notes in
            let tokens = notes.accessTokens[planned.session]
            return planned.isFirst ? tokens?.first : tokens?.last
        }
    }

    /// Notes the tokens of an answer and tells what the answer was.
    func answer(_ issued: IssuedTokens, generation: Int, of session: Int, at now: Int64) -> Answer {
        let (refreshToken, seconds) = (issued.refreshToken.reveal(), issued.lifetime.components.seconds)
        return notes.withLock { notes in
            let access = AccessToken(session: session, issuedAt: now, expiresAt: now + seconds)
            notes.accessTokens[session, default: []].append((access, issued.accessToken.reveal()))
            guard notes.isSuccessor(refreshToken, generation, of: session) else { return .fork }
            return .tokens(generation: generation, seconds: seconds)
        }
    }
}

extension Notebook.Notes {
    /// Whether a text may be the session's refresh token of that generation, and of no other.
    fileprivate mutating func isSuccessor(_ text: String, _ generation: Int, of session: Int) -> Bool {
        let known = refreshTokens[session, default: []]
        if generation <= known.count { return known[generation - 1] == text }
        guard generation == known.count + 1, !known.contains(text) else { return false }
        refreshTokens[session, default: []].append(text)
        return true
    }
}
