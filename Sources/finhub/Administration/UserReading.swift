import ArgumentParser
import FinHubAPI
import FinHubServer

/// `finhub user list`.
struct UserList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List an organization's users, in the order of their names."
    )

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var output: OutputFlags
    @Option(help: "How the user name or e-mail begins; case does not matter.")
    var search: String?
    @Option(help: "How many at most.")
    var limit = 100

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 10,000.") }
    }

    func run() async throws {
        try await folder.withServices { services in
            let users = try await services.users(
                in: organization.organization,
                beginning: search,
                limit: limit,
                ofTenantNamed: tenant.tenant
            )
            let json = JSON.array(try users.map { try JSON($0.jsonBytes) })
            show(json, table: Table(users), as: output.format(or: .table))
        }
    }
}

/// `finhub user show`.
struct UserShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a user.")

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @OptionGroup var output: OutputFlags
    @Argument(help: "The user's identifier, a UUID.")
    var user: UserID

    func run() async throws {
        try await folder.withServices { services in
            let body = try await services.user(user, ofTenantNamed: tenant.tenant)
            show(try JSON(body.jsonBytes), as: output.format(or: .table))
        }
    }
}

/// The organization that a command is about.
struct OrganizationOption: ParsableArguments {
    @Option(help: "The organization's identifier, a UUID; the tenant's only one by default.")
    var organization: OrganizationID?
}

extension Table {
    /// Users, one a row.
    fileprivate init(_ users: [UserBody]) {
        headings = ["USER", "NAME", "E-MAIL", "ROLES", "STATUS", "PASSWORD SET", "SECOND FACTOR"]
        rows = users.map { user in
            [
                user.userID.description,
                user.username,
                user.email,
                user.roles.joined(separator: ","),
                user.isActive ? "ACTIVE" : "DISABLED",
                user.hasTemporaryPassword ? "temporary" : String(user.passwordSetAt.description.prefix(10)),
                user.hasSecondFactor ? "yes" : "no",
            ]
        }
    }
}
