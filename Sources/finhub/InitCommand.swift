import ArgumentParser
import FinHubAPI
import FinHubCore
import Foundation

/// `finhub init`: a data folder with its master key and a first tenant.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a data folder: master key, first tenant, organization and administrator."
    )

    @OptionGroup var flags: SettingFlags
    @Option(help: "The tenant's readable name in X-Tenant-ID, such as tenant_acme.")
    var tenantSlug: String
    @Option(help: "The tenant's name.")
    var tenantName: String
    @Option(help: "The first organization's name; the tenant's by default.")
    var organizationName: String?
    @Option(help: "The first administrator's user name.")
    var adminUsername: String
    @Option(help: "The first administrator's e-mail; the user name by default.")
    var adminEmail: String?
    @Flag(help: "Read the administrator's password from standard input; a random one is made otherwise.")
    var passwordStdin = false

    func run() async throws {
        try await reportingSetup {
            let settings = try flags.settings()
            Observability.start(settings)
            let directory = try settings.requireDataDirectory()
            guard TenantSlug(rawValue: tenantSlug) != nil else { throw InvalidSlug(slug: tenantSlug) }
            let password = try password()
            let first = FirstTenant(
                slug: tenantSlug,
                name: tenantName,
                organizationName: organizationName ?? tenantName,
                userName: adminUsername,
                email: adminEmail ?? adminUsername,
                password: password.value
            )
            try first.requireFitPassword()
            try FileManager.default.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            let key = try MasterKeyFile.create(at: settings.masterKeyFile ?? directory + "/master.key")
            let issued = try await initialise(
                dataDirectory: directory,
                masterKey: key,
                first: first,
                settings: settings
            )
            show(issued, password: password.isGenerated ? password.value : nil, in: directory)
        }
    }

    private func password() throws -> (value: Secret<String>, isGenerated: Bool) {
        guard passwordStdin else { return (Secret(Base64URL.encode(randomBytes(18))), true) }
        guard let line = readLine(strippingNewline: true), !line.isEmpty, line.utf8.count <= 1_024 else {
            throw SettingsError("There is no password of at most 1,024 bytes on standard input.")
        }
        return (Secret(line), false)
    }

    private func show(_ issued: IssuedCredential, password: Secret<String>?, in directory: String) {
        say("The data folder \(directory) is ready. Keep these; the secrets are shown this once:")
        say("  X-Tenant-ID      \(tenantSlug)  (or \(issued.tenantID))")
        say("  organizationId   \(issued.organizationID)")
        say("  userId           \(issued.userID)")
        say("  username         \(adminUsername)")
        if let password { say("  password         \(password.reveal())") }
        say("  tenantKey        \(issued.tenantKey)")
        say("  tenantSecret     \(issued.tenantSecret.reveal())")
        say("Back up master.key apart from the database. Start with: finhub serve --data-dir \(directory)")
    }
}
