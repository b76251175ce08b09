import FinHubAPI

/// A failing history as people read it.
struct HistoryText {
    let history: [Call]

    /// The calls in the order in which they were made, and where no order of them goes on.
    var description: String {
        let calls = history.enumerated().sorted { $0.element.madeAt < $1.element.madeAt }
        var lines = calls.map { "\($0.offset + 1). ".leftPadded(to: 5) + $0.element.text }
        if let impasse = Linearizability.impasse(in: history) {
            let order = impasse.order.map { "\($0 + 1)" }.joined(separator: ", ")
            lines.append("The rules allow, at best, \(order.isEmpty ? "none" : "in this order \(order)"); then")
            lines += impasse.expected.map { expectation in
                let answer = expectation.answer.map(\.text) ?? "no answer yet"
                return "\(expectation.call + 1). ".leftPadded(to: 5) + "must be answered: \(answer)"
            }
        }
        return lines.joined(separator: "\n")
    }
}

extension Call {
    /// Who made it, from when to when on the history's count, what it was, and the answer.
    fileprivate var text: String {
        let who = caller < Generator.callers ? "caller \(caller + 1)" : "everybody waits"
        return "[\(madeAt)-\(answeredAt)]".rightPadded(to: 9) + "\(who): \(action.text)"
            + (caller < Generator.callers ? " -> \(answer.text)" : "")
    }
}

extension Action {
    fileprivate var text: String {
        switch self {
        case .create(let person, let session): "\(person) signs in, session \(session)"
        case .refresh(let session, let token, let bearer):
            "refresh session \(session) with \(token.text), \(bearer.text)"
        case .check(let bearer): "check \(bearer.text)"
        case .read(let session, let bearer): "read session \(session), \(bearer.text)"
        case .list(let person, let bearer): "list \(person)'s active sessions, \(bearer.text)"
        case .end(let session, let bearer): "end session \(session), \(bearer.text)"
        case .endAll(let person, let sparing, let bearer):
            "end all of \(person)'s sessions\(sparing ? " but the caller's" : ""), \(bearer.text)"
        case .setClock(let moment): "the clock is set to \(moment) s"
        case .restart: "the server is restarted"
        }
    }
}

extension RefreshToken {
    fileprivate var text: String { "\(isForged ? "a forged token" : "token") \(generation) of session \(session)" }
}

extension AccessToken {
    fileprivate var text: String { "bearer of session \(session) (\(issuedAt) to \(expiresAt) s)" }
}

extension Answer {
    fileprivate var text: String {
        switch self {
        case .tokens(let generation, let seconds): "token \(generation), \(seconds) s"
        case .fork: "a refresh token that is not the one successor"
        case .accepted: "accepted"
        case .session(let sight):
            "generation \(sight.generation), refreshed \(sight.refreshedAt.map { "at \($0) s" } ?? "never"), "
                + "expires at \(sight.expiresAt) s, \(sight.endReason ?? "not ended")"
        case .active(let sessions): "active: \(sessions)"
        case .ended(let count): "\(count) ended"
        case .done: "done"
        case .refused(let code): code.rawValue
        case .failed(let error): "failed: \(error)"
        }
    }
}

extension String {
    fileprivate func leftPadded(to width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }

    fileprivate func rightPadded(to width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
