import ArgumentParser
import FinHubClient

/// `finhub logout`: the end of the session, here and at the server.
struct LogoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout",
        abstract: "End the session and forget its tokens.",
        discussion: """
            The profile stays, so that the next login asks for the password alone. Without a session there is nothing \
            to do, which is no error. When the server can't be reached the tokens are kept, so that you can try again.

            \(ExitStatus.help)
            """
    )

    @OptionGroup var flags: ClientFlags

    func run() async throws {
        try await reportingFailures {
            try await flags.withSession { client, profile in
                try await client.logout()
                say("Logged out of \(client.configuration.server), profile \(profile.printable).")
            }
        }
    }
}
