import ArgumentParser
import FinHubAPI
import FinHubServer

/// `finhub user second-factor`: what there is to do about somebody's second factor.
struct UserSecondFactor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "second-factor",
        abstract: "Administer a user's second factor.",
        subcommands: [UserSecondFactorRemove.self]
    )
}

/// `finhub user second-factor remove`: lets in a user again who has lost the device and the recovery codes.
struct UserSecondFactorRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a user's second factor, and end all of the user's sessions."
    )

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @Option(help: "The user's identifier, a UUID.")
    var user: UserID

    func run() async throws {
        try await folder.withServices { services in
            let ended = try await services.withdrawSecondFactor(from: user, inTenantNamed: tenant.tenant)
            say("User \(user) has no second factor any more. Active sessions ended: \(ended).")
        }
    }
}
