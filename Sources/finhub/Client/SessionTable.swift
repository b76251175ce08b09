import ArgumentParser
import FinHubAPI
import FinHubClient

/// Which sessions to list, and how many.
struct SessionSelection: ParsableArguments {
    @Option(help: "active, ended or all.", transform: status)
    var status = SessionStatus.active
    @Option(help: "How many at most.")
    var limit = 100

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 10,000.") }
    }

    private static func status(_ text: String) throws -> SessionStatus {
        guard let status = SessionStatus(rawValue: text) else {
            throw ValidationError("--status is one of active, ended and all.")
        }
        return status
    }
}

extension Table {
    /// Sessions, one a row; the one in use has a star.
    init(_ sessions: [SessionBody], own: SessionID?) {
        headings = ["SESSION", "CURRENT", "STATUS", "CREATED", "EXPIRES IN", "ADDRESS", "PLATFORM", "USER AGENT"]
        rows = sessions.map { session in
            [
                session.sessionID.description,
                session.sessionID == own ? "*" : "",
                session.isActive ? "ACTIVE" : session.endReason ?? "ENDED",
                String(session.createdAt.description.prefix(19)) + "Z",
                session.isActive ? "\(session.expiresInSeconds) s" : "",
                session.clientAddress ?? "",
                session.platform ?? "",
                session.userAgent ?? "",
            ]
        }
    }
}
