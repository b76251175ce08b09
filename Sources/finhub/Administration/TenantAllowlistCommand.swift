import ArgumentParser
import FinHubAPI
import FinHubServer

/// `finhub tenant allowlist`: where a tenant's clients may come from.
struct TenantAllowlist: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allowlist",
        abstract: "Administer a tenant's IP allowlist.",
        subcommands: [TenantAllowlistShow.self, TenantAllowlistSet.self, TenantAllowlistCheck.self]
    )
}

/// `finhub tenant allowlist show`.
struct TenantAllowlistShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a tenant's IP allowlist.")

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @OptionGroup var output: OutputFlags

    func run() async throws {
        try await folder.withServices { services in
            let allowlist = try await services.allowlist(ofTenantNamed: tenant.tenant)
            try show(allowlist, as: output.format(or: .table))
        }
    }
}

/// `finhub tenant allowlist set`.
struct TenantAllowlistSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Replace a tenant's IP allowlist. Check first whom it would keep out."
    )

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @OptionGroup var output: OutputFlags
    @OptionGroup var list: RangeFlags
    @Flag(help: "Let clients in from anywhere.")
    var none = false

    func validate() throws {
        guard list.areAny != none else { throw ValidationError("Give the ranges, or --none to let in from anywhere.") }
    }

    func run() async throws {
        let body = try list.body()
        try await folder.withServices { services in
            let new = try await services.replaceAllowlist(ofTenantNamed: tenant.tenant, with: body)
            try show(new, as: output.format(or: .table))
        }
    }
}

/// `finhub tenant allowlist check`.
struct TenantAllowlistCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Tell which logins of the last 30 days an IP allowlist would have refused; nothing is changed."
    )

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @OptionGroup var output: OutputFlags
    @OptionGroup var list: RangeFlags

    func validate() throws {
        guard list.areAny else { throw ValidationError("Give the ranges.") }
    }

    func run() async throws {
        let body = try list.body()
        try await folder.withServices { services in
            let trial = try await services.tryAllowlist(ofTenantNamed: tenant.tenant, body)
            let format = output.format(or: .table)
            if format == .table { say(trial.summary) }
            if format == .json || !trial.addresses.isEmpty { try show(trial, table: Table(trial), as: format) }
        }
    }
}

/// Network ranges on the command line.
struct RangeFlags: ParsableArguments {
    @Argument(help: "Addresses and ranges, such as 203.0.113.0/24 or 2001:db8::/32.")
    var ranges: [String] = []
    @Option(help: "A file with one in each line; # begins a comment, and - is standard input.")
    var file: String?

    var areAny: Bool { !ranges.isEmpty || file != nil }

    /// The ranges as a body, which may be out of its bounds.
    func body() throws -> AllowlistBody {
        let fromFile = try file.map { try lines(of: $0) } ?? []
        return AllowlistBody(ranges: ranges + fromFile)
    }
}

private func show(_ allowlist: AllowlistBody, as format: OutputFormat) throws {
    let table = Table(headings: ["RANGE"], rows: allowlist.ranges.map { [$0] })
    if format == .table, allowlist.ranges.isEmpty { return say("No restriction: clients may come from anywhere.") }
    try show(allowlist, table: table, as: format)
}

extension AllowlistTrialBody {
    fileprivate var summary: String {
        let scope = isComplete ? "Logins since \(since)" : "The latest logins (there are more since \(since))"
        return "\(scope): \(logins). Refused: \(refused)."
    }
}

extension Table {
    fileprivate init(_ trial: AllowlistTrialBody) {
        headings = ["ADDRESS", "LOGINS", "USERS", "LAST"]
        rows = trial.addresses.map { address in
            [
                address.address ?? "unknown", "\(address.logins)", "\(address.users)", address.lastAt.description,
            ]
        }
    }
}
