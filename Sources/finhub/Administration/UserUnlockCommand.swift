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
    var user: String

    func validate() throws {
        guard UserID(user) != nil else { throw ValidationError("“\(user)” is no user identifier: it must be a UUID.") }
    }

    func run() async throws {
        guard let id = UserID(user) else { return }
        try await folder.withServices { services in
            try await services.unlock(id, inTenantNamed: tenant.tenant)
            say("User \(id) is unlocked.")
        }
    }
}
