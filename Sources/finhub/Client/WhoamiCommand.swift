import ArgumentParser
import FinHubAPI
import FinHubClient

/// `finhub whoami`: the session in use.
struct WhoamiCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami",
        abstract: "Show who you are logged in as, and for how long.",
        discussion: ExitStatus.help
    )

    @OptionGroup var flags: ClientFlags
    @OptionGroup var output: OutputFlags

    func run() async throws {
        try await reportingFailures {
            try await flags.withSession { client, profile in
                let current = try await client.sessions.current()
                let rows = [
                    ["user", current.userName],
                    ["email", current.email],
                    ["roles", current.roles.joined(separator: ",")],
                    ["organization", "\(current.organizationName) (\(current.organizationID))"],
                    ["tenant", "\(current.tenantName) (\(current.tenantSlug))"],
                    ["session", current.sessionID.description],
                    ["expires in", "\(current.expiresInSeconds) s"],
                    ["server", client.configuration.server.description],
                    ["profile", profile],
                ]
                let table = Table(headings: ["FIELD", "VALUE"], rows: rows)
                try show(current, table: table, as: output.format(or: .table))
            }
        }
    }
}

/// The flag that says how a result is shown.
struct OutputFlags: ParsableArguments {
    @Option(help: "json, or table (tab-separated values when the output is no terminal).")
    var output: OutputFormat?

    func format(or standard: OutputFormat) -> OutputFormat {
        output ?? standard
    }
}

extension OutputFormat: ExpressibleByArgument {}
