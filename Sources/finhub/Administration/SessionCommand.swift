import ArgumentParser
import FinHubAPI
import FinHubClient
import FinHubCore
import FinHubServer

/// `finhub session`: the sessions of a tenant's users, on the data folder.
struct SessionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "session",
        abstract: "Administer the sessions of a tenant's users.",
        discussion: "This works on the data folder; `finhub sessions` works over HTTP, for a user who is logged in.",
        subcommands: [SessionList.self, SessionShow.self, SessionEnd.self]
    )
}

/// `finhub session list`.
struct SessionList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List a user's sessions, newest first."
    )

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @OptionGroup var output: OutputFlags
    @Option(help: "The user's identifier, a UUID.")
    var user: UserID
    @OptionGroup var selection: SessionSelection

    func run() async throws {
        try await folder.withServices { services in
            let sessions = try await services.sessions(
                of: user,
                SessionQuery.Status(selection.status),
                limit: selection.limit,
                ofTenantNamed: tenant.tenant
            )
            show(
                .array(try sessions.map { try JSON($0.jsonBytes) }),
                table: Table(sessions, own: nil),
                as: output.format(or: .table)
            )
        }
    }
}

/// `finhub session show`.
struct SessionShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a session.")

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @OptionGroup var output: OutputFlags
    @Argument(help: "The session's identifier, a UUID.")
    var session: SessionID

    func run() async throws {
        try await folder.withServices { services in
            let body = try await services.session(session, ofTenantNamed: tenant.tenant)
            show(try JSON(body.jsonBytes), as: output.format(or: .table))
        }
    }
}

/// `finhub session end`.
struct SessionEnd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "end",
        abstract: "End one session, or all of a user's: their tokens are refused within a second."
    )

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @Argument(help: "The session's identifier, a UUID.")
    var session: SessionID?
    @Option(help: "End all sessions of this user instead; a UUID.")
    var user: UserID?

    func validate() throws {
        guard (session == nil) != (user == nil) else {
            throw ValidationError("Name either a session, or a user with --user.")
        }
    }

    func run() async throws {
        try await folder.withServices { services in
            if let session {
                try await services.endSession(session, ofTenantNamed: tenant.tenant)
                say("Session \(session) is ended.")
            } else if let user {
                let ended = try await services.endSessions(of: user, ofTenantNamed: tenant.tenant)
                say("Active sessions ended: \(ended).")
            }
        }
    }
}

extension SessionQuery.Status {
    fileprivate init(_ status: SessionStatus) {
        switch status {
        case .active: self = .active
        case .ended: self = .ended
        case .all: self = .all
        }
    }
}
