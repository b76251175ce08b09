import ArgumentParser
import FinHubAPI
import FinHubClient

/// `finhub sessions`: look at and end sessions.
struct SessionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract: "List or end a user's sessions.",
        subcommands: [List.self, End.self]
    )

    /// Whose sessions.
    struct Whose: ParsableArguments {
        @Option(help: "The user's UUID; yours by default.")
        var user: String?
        @Option(help: "The organization's UUID of that user; yours by default.")
        var organization: String?

        var userID: UserID? {
            get throws {
                try user.map { try Self.identifier($0, "user id") }
            }
        }

        var organizationID: OrganizationID? {
            get throws {
                try organization.map { try Self.identifier($0, "organization id") }
            }
        }

        static func identifier<Named>(_ text: String, _ kind: String) throws -> ID<Named> {
            guard let id = ID<Named>(text) else {
                throw ClientFailure(status: .usage, message: "“\(text)” is no \(kind): it is a UUID.")
            }
            return id
        }
    }
}

extension SessionsCommand {
    /// `finhub sessions list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List sessions, newest first.",
            discussion: ExitStatus.help
        )

        @OptionGroup var flags: ClientFlags
        @OptionGroup var output: OutputFlags
        @OptionGroup var whose: Whose
        @OptionGroup var selection: SessionSelection

        func run() async throws {
            try await reportingFailures {
                let (user, organization) = (try whose.userID, try whose.organizationID)
                try await flags.withSession { client, _ in
                    let own = try await client.ensureAuthenticated().session
                    var sessions: [SessionBody] = []
                    for try await session in client.sessions.all(of: user, in: organization, status: selection.status) {
                        sessions.append(session)
                        if sessions.count == selection.limit { break }
                    }
                    show(
                        .array(try sessions.map { try JSON($0.jsonBytes) }),
                        table: Table(sessions, own: own),
                        as: output.format(or: .table)
                    )
                }
            }
        }
    }

    /// `finhub sessions end`.
    struct End: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End one session, or all of a user's.",
            discussion: ExitStatus.help
        )

        @OptionGroup var flags: ClientFlags
        @OptionGroup var whose: Whose
        @Argument(help: "The session's UUID.")
        var session: String?
        @Flag(help: "End all sessions of the user.")
        var all = false
        @Flag(help: "With --all: let the session in use go on.")
        var exceptCurrent = false

        mutating func validate() throws {
            guard (session != nil) != all else { throw ValidationError("Name a session, or say --all.") }
            guard all || !exceptCurrent else { throw ValidationError("--except-current goes with --all.") }
            guard all || (whose.user == nil && whose.organization == nil) else {
                throw ValidationError("--user and --organization go with --all.")
            }
        }

        func run() async throws {
            try await reportingFailures {
                if let session {
                    try await end(SessionsCommand.Whose.identifier(session, "session id"))
                } else {
                    try await endAll()
                }
            }
        }

        private func end(_ id: SessionID) async throws {
            try await flags.withSession { client, _ in
                if try await client.ensureAuthenticated().session == id {
                    try await client.logout()
                } else {
                    try await client.sessions.end(id)
                }
                say("Ended \(id).")
            }
        }

        private func endAll() async throws {
            let (user, organization) = (try whose.userID, try whose.organizationID)
            try await flags.withSession { client, _ in
                let count = try await client.sessions.endAll(
                    of: user,
                    in: organization,
                    sparingCurrent: exceptCurrent
                )
                let own = client.configuration.identity
                // Its tokens are good for nothing any more.
                if !exceptCurrent, (user ?? own.user) == own.user { try await client.logout() }
                say("Ended \(count) \(count == 1 ? "session" : "sessions").")
            }
        }
    }
}
