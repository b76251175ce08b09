import ArgumentParser
import FinHubAPI
import FinHubClient
import Foundation

/// `finhub login`: a session, and a profile to come back to it.
struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Log in to a FinHub host and keep the session.",
        discussion: """
            What is not given as a flag comes from FINHUB_URL, FINHUB_TENANT, FINHUB_ORGANIZATION, FINHUB_USER and \
            FINHUB_USERNAME, then from the profile of the last login, then from you at the terminal.

            Secrets are never arguments, which other users could see. Each comes from the environment, from a file \
            that the environment names, or from you at the terminal, where it does not show: FINHUB_PASSWORD, \
            TENANT_KEY, TENANT_SECRET, or the same with _FILE at the end. The second factor's code, if the user has \
            one, is FINHUB_OTP, or is asked for when the server wants it.

            \(ExitStatus.help)
            """
    )

    @OptionGroup var flags: ClientFlags
    @Option(help: "The host's address, such as https://sandbox.finhub.cloud.")
    var server: String?
    @Option(help: "The tenant's slug, such as tenant_cloudvault, or its UUID.")
    var tenant: String?
    @Option(help: "The organization's UUID.")
    var organization: String?
    @Option(help: "The administrator's UUID.")
    var user: String?
    @Option(help: "The administrator's user name or e-mail.")
    var username: String?
    @Option(help: "Believe certificates of the authorities in this PEM file, and no others.")
    var caFile: String?
    @Flag(help: "Read the password from standard input, up to its first line end.")
    var passwordStdin = false

    func run() async throws {
        try await reportingFailures {
            let folder = ClientFolder()
            var profiles = try Profiles(from: folder.profiles)
            let name = profiles.name(given: flags.profile)
            let questions = LoginQuestions(last: profiles.profiles[name])
            let profile = try profile(questions)
            // What is wrong with it must come out before anybody types a password.
            let identity = try profile.tokenIdentity
            let store = try folder.tokenStore()
            let credentials = try questions.credentials(
                username: profile.username,
                password: passwordStdin ? Self.passwordFromInput() : nil
            )
            let previous = try? await store.load(identity)
            try await questions.askingForCode { code in
                let credentials = CredentialSource.fixed(credentials.with(otp: code))
                try await flags.withClient(profile, credentials: credentials, store: store) { client in
                    let session = try await client.sessions.create()
                    // The client goes on when its store fails; the next command could not.
                    guard try await store.load(identity)?.session == session.session else {
                        throw ClientFailure(status: .misconfigured, message: "The session could not be kept.")
                    }
                    if let previous { await end(previous, with: client) }
                }
            }
            profiles.profiles[name] = profile
            profiles.current = name
            try profiles.write(to: folder.profiles)
            say("Logged in as \(profile.username.printable) at \(profile.server), profile \(name.printable).")
        }
    }

    private func profile(_ questions: LoginQuestions) throws -> Profile {
        Profile(
            server: try questions.answer(server, ClientVariables.url, \.server, "Server", flag: "server"),
            tenant: try questions.answer(tenant, ClientVariables.tenant, \.tenant, "Tenant", flag: "tenant"),
            organization: try questions.answer(
                organization,
                ClientVariables.organization,
                \.organization,
                "Organization id",
                flag: "organization"
            ),
            user: try questions.answer(user, ClientVariables.user, \.user, "User id", flag: "user"),
            username: try questions.answer(
                username,
                ClientVariables.username,
                \.username,
                "User name or e-mail",
                flag: "username"
            ),
            caFile: caFile.map { URL(filePath: $0).standardizedFileURL.path } ?? questions.last?.caFile
        )
    }

    /// The session before this one would live on for nobody.
    private func end(_ previous: StoredTokens, with client: FinHubClient) async {
        do {
            try await client.sessions.end(previous.session)
        } catch {
            Console.note("the session before this one could not be ended: \(ClientFailure(describing: error).message)")
        }
    }

    private static func passwordFromInput() throws -> Secret<String> {
        guard let line = readLine(strippingNewline: true), !line.isEmpty else {
            throw ClientFailure(
                status: .usage,
                message: "There is no password on standard input.",
                suggestions: ["Such as: finhub login --password-stdin < password-file"]
            )
        }
        return Secret(line)
    }
}

extension ClientFailure {
    /// Whatever went wrong, as it is reported.
    init(describing error: any Error) {
        switch error {
        case let failure as ClientFailure: self = failure
        case let error as FinHubClientError: self.init(error)
        default: self.init(status: .unreachable, message: String(describing: type(of: error)))
        }
    }
}
