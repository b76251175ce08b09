import ArgumentParser
import FinHubAPI
import FinHubServer

/// `finhub user unlock`: lets a user in again before a wait is over.
struct UserUnlock: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock",
        abstract: "Forget a user's failed attempts, so that nobody has to wait to sign in."
    )

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @Argument(help: "The user's identifier, a UUID.")
    var user: UserID

    func run() async throws {
        try await folder.withServices { services in
            try await services.unlock(user, inTenantNamed: tenant.tenant)
            say("User \(user) is unlocked.")
        }
    }
}
