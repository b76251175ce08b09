import ArgumentParser
import FinHubAPI
import FinHubServer

/// `finhub user create`.
struct UserCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Add a user, with a temporary password that is shown once."
    )

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @OptionGroup var organization: OrganizationOption
    @Option(help: "What the user signs in with.")
    var username: String
    @Option(help: "The user's e-mail, with which the user may sign in as well.")
    var email: String
    @Option(help: "ADMIN, MASTER_ADMIN or MEMBER; give it once for each role.")
    var role = ["ADMIN"]
    @OptionGroup var password: PasswordInput

    func run() async throws {
        let given = try password.read()
        try await folder.withServices { services in
            let body = try CreateUserBody(username: username, email: email, roles: role, temporaryPassword: given)
            let created = try await services.createUser(
                body,
                in: organization.organization,
                ofTenantNamed: tenant.tenant
            )
            say("User \(created.user.userID) is created.")
            created.temporaryPassword.map(sayTemporaryPassword)
        }
    }
}

/// `finhub user update`.
struct UserUpdate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change a user's e-mail, roles or status.",
        discussion: "Who is disabled, or loses ADMIN or MASTER_ADMIN, is out at once."
    )

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @Argument(help: "The user's identifier, a UUID.")
    var user: UserID
    @Option(help: "The new e-mail.")
    var email: String?
    @Option(help: "The new roles, in place of all others; give it once for each.")
    var role: [String] = []
    @Flag(inversion: .prefixedEnableDisable, help: "Let the user sign in, or not any more.")
    var access: Bool?

    func validate() throws {
        guard email != nil || !role.isEmpty || access != nil else {
            throw ValidationError("Say what to change: --email, --role, --enable-access or --disable-access.")
        }
    }

    func run() async throws {
        try await folder.withServices { services in
            let (_, ended) = try await services.updateUser(
                user,
                ofTenantNamed: tenant.tenant,
                email: email,
                roles: role.isEmpty ? nil : role,
                isActive: access
            )
            say("User \(user) is changed. Active sessions ended: \(ended).")
        }
    }
}

/// `finhub user reset-password`.
struct UserResetPassword: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset-password",
        abstract: "Give a user a temporary password, shown once, and end all of the user's sessions."
    )

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @Argument(help: "The user's identifier, a UUID.")
    var user: UserID
    @OptionGroup var password: PasswordInput

    func run() async throws {
        let given = try password.read()
        try await folder.withServices { services in
            let (made, ended) = try await services.resetPassword(
                to: given,
                of: user,
                ofTenantNamed: tenant.tenant
            )
            say("The password of user \(user) is reset. Active sessions ended: \(ended).")
            made.map(sayTemporaryPassword)
        }
    }
}

/// `finhub user delete`.
struct UserDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Remove a user for good, and end all of the user's sessions."
    )

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @Argument(help: "The user's identifier, a UUID.")
    var user: UserID

    func run() async throws {
        try await folder.withServices { services in
            let ended = try await services.deleteUser(user, ofTenantNamed: tenant.tenant)
            say("User \(user) is deleted. Active sessions ended: \(ended).")
        }
    }
}

/// Where a new password comes from; never from the command line, which others can see.
struct PasswordInput: ParsableArguments {
    @Flag(help: "Read the temporary password from standard input; a random one is made otherwise.")
    var passwordStdin = false

    /// The password; `nil` for one that is to be made up.
    ///
    /// - Throws: `ValidationError` when there is none to read.
    func read() throws -> Secret<String>? {
        guard passwordStdin else { return nil }
        guard let line = readLine(strippingNewline: true), !line.isEmpty else {
            throw ValidationError("There is no password on standard input.")
        }
        return Secret(line)
    }
}

private func sayTemporaryPassword(_ password: Secret<String>) {
    say("  temporary password  \(password.reveal())")
    say("It is shown this once, and good for nothing but to be changed.")
}
