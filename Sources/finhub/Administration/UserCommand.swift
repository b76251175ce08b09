import ArgumentParser

/// `finhub user`: a tenant's users, on the data folder.
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Administer a tenant's users.",
        subcommands: [
            UserList.self, UserShow.self, UserCreate.self, UserUpdate.self, UserResetPassword.self, UserUnlock.self,
            UserSecondFactor.self, UserDelete.self,
        ]
    )
}
