import ArgumentParser
import FinHubAPI
import FinHubServer

/// `finhub tenant policy`: how a tenant's sessions and passwords are guarded.
struct TenantPolicy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Administer a tenant's session policy.",
        subcommands: [TenantPolicyShow.self, TenantPolicySet.self]
    )
}

/// `finhub tenant policy show`.
struct TenantPolicyShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a tenant's session policy.")

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @OptionGroup var output: OutputFlags

    func run() async throws {
        try await folder.withServices { services in
            let policy = try await services.policy(ofTenantNamed: tenant.tenant)
            show(try JSON(policy.jsonBytes), as: output.format(or: .table))
        }
    }
}

/// `finhub tenant policy set`.
struct TenantPolicySet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change a tenant's session policy: what is not named stays as it is."
    )

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @OptionGroup var output: OutputFlags
    @OptionGroup var changes: PolicyFlags

    func validate() throws {
        guard changes.areAny else { throw ValidationError("Say what is to be changed.") }
    }

    func run() async throws {
        let whole = try changes.file.map { try PolicyBody(JSONObject(file: $0)) }
        try await folder.withServices { services in
            let policy = try await services.changePolicy(ofTenantNamed: tenant.tenant) {
                changes.applied(to: whole ?? $0)
            }
            show(try JSON(policy.jsonBytes), as: output.format(or: .table))
        }
    }
}

/// What of a policy is to be changed.
struct PolicyFlags: ParsableArguments {
    @Option(help: "A JSON file of a whole policy, as `finhub tenant policy show --output json` prints it.")
    var file: String?
    @Option(help: "5 to 60.")
    var tokenLifetimeMinutes: Int?
    @Option(help: "5 to 43200.")
    var absoluteLifetimeMinutes: Int?
    @Option(help: "0 to 3600.")
    var refreshRetryWindowSeconds: Int?
    @Option(help: "How many sessions a user may have at once, 1 to 1000; 0 for any number.")
    var concurrentSessions: Int?
    @Option(help: "EVICT_OLDEST, EVICT_LONGEST_IDLE or REFUSE.")
    var whenFull: String?
    @Option(help: "true or false: sessions work from the address alone that they were opened from.")
    var bindToAddress: Bool?
    @Option(help: "true or false: sessions work for the device alone that they were opened by.")
    var bindToDevice: Bool?
    @Option(help: "NIST or PCI.")
    var passwordRules: String?
    @Option(help: "After how many days a password must be changed, 1 to 3650; 0 for never.")
    var passwordMaximumAgeDays: Int?
    @Option(help: "true or false.")
    var secondFactorRequired: Bool?
    @Option(
        help: "true or false: rather be refused than let in an ended session when servers can't hear of each other."
    )
    var strictRevocation: Bool?

    var areAny: Bool {
        let numbers = [
            tokenLifetimeMinutes, absoluteLifetimeMinutes, refreshRetryWindowSeconds, concurrentSessions,
            passwordMaximumAgeDays,
        ]
        let choices = [bindToAddress, bindToDevice, secondFactorRequired, strictRevocation]
        return numbers.contains { $0 != nil } || choices.contains { $0 != nil }
            || [file, whenFull, passwordRules].contains { $0 != nil }
    }

    /// The policy with the changes, within its bounds or not.
    func applied(to policy: PolicyBody) -> PolicyBody {
        var policy = policy
        if let tokenLifetimeMinutes { policy.tokenLifetimeSeconds = tokenLifetimeMinutes.inSeconds }
        if let absoluteLifetimeMinutes { policy.absoluteLifetimeSeconds = absoluteLifetimeMinutes.inSeconds }
        if let refreshRetryWindowSeconds { policy.refreshRetryWindowSeconds = refreshRetryWindowSeconds }
        apply(to: &policy.concurrentSessions)
        if let bindToAddress { policy.bindToAddress = bindToAddress }
        if let bindToDevice { policy.bindToDevice = bindToDevice }
        if let passwordRules { policy.passwordRules = passwordRules }
        if let passwordMaximumAgeDays {
            policy.passwordMaximumAgeDays = passwordMaximumAgeDays == 0 ? nil : passwordMaximumAgeDays
        }
        if let secondFactorRequired { policy.secondFactorRequired = secondFactorRequired }
        if let strictRevocation { policy.strictRevocation = strictRevocation }
        return policy
    }

    private func apply(to limit: inout PolicyBody.ConcurrentSessions?) {
        if let concurrentSessions {
            let whenFull = limit?.whenFull ?? "EVICT_OLDEST"
            limit = concurrentSessions == 0 ? nil : .init(maximum: concurrentSessions, whenFull: whenFull)
        }
        if let whenFull { limit?.whenFull = whenFull }
    }
}

extension Int {
    /// So many minutes in seconds; far out of any bounds, less.
    fileprivate var inSeconds: Int { clamped(to: -1_000_000...1_000_000) * 60 }

    private func clamped(to range: ClosedRange<Int>) -> Int {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}
