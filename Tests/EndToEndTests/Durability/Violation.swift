import FinHubAPI
import NIOHTTP1

/// The server did what it may not do.
struct Violation: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// What an answer says of the session or the storage; anything else is a ``Violation``.
enum Verdict {
    case done
    /// The session had been ended.
    case revoked
    /// The refresh token had been replaced; the session is ended by that.
    case reused
    /// The storage can't take it now, and took nothing of it; there is a time to try again at.
    case unavailable

    init(_ answer: Answer) throws {
        switch (answer.status, answer.error) {
        case (200, _): self = .done
        case (401, "SESSION_REVOKED"): self = .revoked
        case (401, "REFRESH_TOKEN_REUSED"): self = .reused
        case (503, "OVERLOADED"):
            guard let seconds = answer.headers.first(name: "Retry-After").flatMap({ Int($0) }), seconds >= 1 else {
                throw Violation("a 503 that does not say when to try again: \(answer.headers)")
            }
            self = .unavailable
        default: throw Violation("answered \(answer.status): \(answer.text)")
        }
    }
}
