import ArgumentParser
import FinHubAPI
import FinHubServer

/// `finhub tenant credentials`: the keys and secrets of a tenant's backends.
struct TenantCredentialsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credentials",
        abstract: "Administer a tenant's keys and secrets.",
        subcommands: [
            TenantCredentialsList.self, TenantCredentialsRotate.self, TenantCredentialsRevoke.self,
            TenantCredentialsClients.self,
        ]
    )
}

/// `finhub tenant credentials list`.
struct TenantCredentialsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List a tenant's keys, never a secret, and when each was last used."
    )

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @OptionGroup var output: OutputFlags

    func run() async throws {
        try await folder.withServices { services in
            let credentials = try await services.credentials(ofTenantNamed: tenant.tenant)
            show(try JSON(listing: credentials), table: Table(credentials), as: output.format(or: .table))
        }
    }
}

/// `finhub tenant credentials rotate`.
struct TenantCredentialsRotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Make a new key and secret, shown once; the old ones are good for some time yet."
    )

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @OptionGroup var output: OutputFlags
    @Option(help: "How long the old ones are good, 0 to 720.")
    var overlapHours = 24

    func validate() throws {
        guard (0...720).contains(overlapHours) else { throw ValidationError("--overlap-hours is 0 to 720.") }
    }

    func run() async throws {
        try await folder.withServices { services in
            let new = try await services.rotateCredential(
                ofTenantNamed: tenant.tenant,
                overlapSeconds: overlapHours * 3_600
            )
            try show(new, table: Table(new), as: output.format(or: .table))
        }
    }
}

/// `finhub tenant credentials revoke`.
struct TenantCredentialsRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "End a key now; sessions that were opened with it go on."
    )

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @OptionGroup var credential: KeyOption
    @Flag(help: "Even the last one that lasts, without which nobody can log in before long.")
    var force = false

    func run() async throws {
        try await folder.withServices { services in
            try await services.revokeCredential(credential.key, ofTenantNamed: tenant.tenant, evenLast: force)
            say("Tenant key \(credential.key) is revoked.")
        }
    }
}

/// `finhub tenant credentials clients`.
struct TenantCredentialsClients: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clients",
        abstract: "Tell which clients use a key, the latest first."
    )

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @OptionGroup var output: OutputFlags
    @OptionGroup var credential: KeyOption

    func run() async throws {
        try await folder.withServices { services in
            let clients = try await services.clients(ofCredential: credential.key, ofTenantNamed: tenant.tenant)
            show(try JSON(listing: clients), table: Table(clients), as: output.format(or: .table))
        }
    }
}

/// The key that a command is about.
struct KeyOption: ParsableArguments {
    // A key may begin with a hyphen.
    @Option(parsing: .unconditional, help: "The tenant key, as list shows it.")
    var key: String
}

extension Table {
    fileprivate init(_ credentials: [CredentialBody]) {
        headings = ["KEY", "CREATED", "ENDS", "LAST USED", "ROTATE BY", "IN FORCE"]
        rows = credentials.map { credential in
            [
                credential.tenantKey, credential.createdAt.day, credential.expiresAt?.description ?? "",
                credential.lastUsedAt?.description ?? "never", credential.rotateBy.day,
                credential.isInForce ? "yes" : "no",
            ]
        }
    }

    fileprivate init(_ new: RotatedCredentialBody) {
        headings = ["FIELD", "VALUE"]
        rows = [
            ["tenantKey", new.tenantKey], ["tenantSecret", new.tenantSecret.reveal()],
            ["rotateBy", new.rotateBy.day],
        ]
        rows += new.replaced.map {
            ["replaces", "\($0.tenantKey), good until \($0.expiresAt?.description ?? "revoked")"]
        }
    }

    fileprivate init(_ clients: [CredentialClientBody]) {
        headings = ["ADDRESS", "USER AGENT", "FIRST", "LAST", "USES"]
        rows = clients.map { client in
            [
                client.address ?? "unknown", client.userAgent ?? "", client.firstAt.description,
                client.lastAt.description, "\(client.uses)",
            ]
        }
    }
}

extension Timestamp {
    fileprivate var day: String { String(description.prefix(10)) }
}
