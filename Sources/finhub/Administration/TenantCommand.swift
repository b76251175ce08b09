import ArgumentParser
import FinHubAPI
import FinHubServer

/// `finhub tenant`: the tenants themselves, on the data folder.
struct TenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant",
        abstract: "Administer tenants: session policy, IP allowlist, credentials.",
        subcommands: [
            TenantList.self, TenantShow.self, TenantPolicy.self, TenantAllowlist.self, TenantCredentialsCommand.self,
            TenantSuspend.self, TenantActivate.self,
        ]
    )
}

/// `finhub tenant list`.
struct TenantList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List all tenants.")

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var output: OutputFlags

    func run() async throws {
        try await folder.withServices { services in
            let tenants = try await services.allTenants()
            show(try JSON(listing: tenants), table: Table(tenants), as: output.format(or: .table))
        }
    }
}

/// `finhub tenant show`.
struct TenantShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a tenant.")

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @OptionGroup var output: OutputFlags

    func run() async throws {
        try await folder.withServices { services in
            let body = try await services.tenant(named: tenant.tenant)
            show(try JSON(body.jsonBytes), as: output.format(or: .table))
        }
    }
}

/// `finhub tenant suspend`.
struct TenantSuspend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspend",
        abstract: "Keep a tenant's administrators out until it is activated again; no session is ended."
    )

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption

    func run() async throws {
        try await folder.withServices { services in
            try await services.setActive(false, tenantNamed: tenant.tenant)
            say("Tenant \(tenant.tenant) is suspended.")
        }
    }
}

/// `finhub tenant activate`.
struct TenantActivate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activate",
        abstract: "Let a suspended tenant's administrators in again."
    )

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption

    func run() async throws {
        try await folder.withServices { services in
            try await services.setActive(true, tenantNamed: tenant.tenant)
            say("Tenant \(tenant.tenant) is active.")
        }
    }
}

extension JSON {
    /// A list of what the API describes by bodies.
    init(listing bodies: [some JSONWritable]) throws {
        self = .array(try bodies.map { try JSON($0.jsonBytes) })
    }
}

extension Table {
    /// Tenants, one a row.
    fileprivate init(_ tenants: [TenantBody]) {
        headings = ["TENANT", "SLUG", "NAME", "STATUS", "ALLOWLIST"]
        rows = tenants.map { tenant in
            [
                tenant.tenantID.description, tenant.slug, tenant.name, tenant.status,
                tenant.allowlistRanges == 0 ? "anywhere" : "\(tenant.allowlistRanges) ranges",
            ]
        }
    }
}
