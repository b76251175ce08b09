import ArgumentParser
import Foundation
import Logging

/// The `finhub` command.
@main
struct FinHubCommand: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "finhub",
        abstract: "The admin session service of a multi-tenant finance platform.",
        version: version,
        groupedSubcommands: [
            CommandGroup(
                name: "Server",
                subcommands: [SandboxCommand.self, ServeCommand.self, InitCommand.self, ConfigCommand.self]
            ),
            CommandGroup(
                name: "Administration",
                subcommands: [TenantCommand.self, UserCommand.self, SessionCommand.self, AuditCommand.self]
            ),
            CommandGroup(
                name: "Client",
                subcommands: [
                    LoginCommand.self, WhoamiCommand.self, CallCommand.self, SessionsCommand.self, LogoutCommand.self,
                ]
            ),
        ]
    )
}

/// The flags of every command that reads settings: one for each setting.
struct SettingFlags: ParsableArguments {
    @Option(help: "A JSON file of settings by name.")
    var config: String?
    @Option(help: "Address the API listens on.")
    var host: String?
    @Option(help: "Port of the API; 0 for a free one.")
    var port: String?
    @Option(help: "Folder of the database and the master key.")
    var dataDir: String?
    @Option(help: "Address of /metrics.")
    var adminHost: String?
    @Option(help: "Port of /metrics; 0 for a free one.")
    var adminPort: String?
    @Option(help: "Certificate chain, a PEM file.")
    var tlsCertificate: String?
    @Option(help: "Private key of the certificate, a PEM file.")
    var tlsKey: String?
    @Flag(help: "A proxy in front terminates TLS.")
    var behindTlsProxy = false
    @Option(help: "Whose X-Forwarded-For is believed: network ranges, separated by commas.")
    var trustedProxies: String?
    @Option(help: "The master key's file; master.key in the data folder by default.")
    var masterKeyFile: String?
    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel: String?
    @Option(help: "json or human.")
    var logFormat: String?
    @Option(help: "Memory of a password hash, in KiB.")
    var argon2MemoryKib: String?
    @Option(help: "Passes of a password hash.")
    var argon2Passes: String?
    @Option(help: "Seconds until a request's headers must be there.")
    var headerTimeout: String?
    @Option(help: "Seconds until a request's body must be there.")
    var requestTimeout: String?
    @OptionGroup var rates: RateFlags

    /// What is in force.
    func settings() throws -> Settings {
        var given: [String: String?] = [
            "host": host, "port": port, "data-dir": dataDir, "admin-host": adminHost, "admin-port": adminPort,
            "tls-certificate": tlsCertificate, "tls-key": tlsKey, "behind-tls-proxy": behindTlsProxy ? "true" : nil,
            "trusted-proxies": trustedProxies, "master-key-file": masterKeyFile, "log-level": logLevel,
            "log-format": logFormat, "argon2-memory-kib": argon2MemoryKib, "argon2-passes": argon2Passes,
            "header-timeout": headerTimeout, "request-timeout": requestTimeout,
        ]
        given.merge(rates.given) { _, rate in rate }
        return try Settings(flags: given.compactMapValues { $0 }, file: config)
    }
}

/// Ends the command with a message on standard error and `EX_CONFIG` (78) when what `body` finds
/// wrong is how it was set up.
func reportingSetup<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
        return try await body()
    } catch let error as any Error & CustomStringConvertible where error.isSetup {
        FileHandle.standardError.write(Data("finhub: \(error.description)\n".utf8))
        throw ExitCode(78)
    }
}

extension Error {
    fileprivate var isSetup: Bool {
        self is SettingsError || self is MasterKeyError || self is WrongMasterKey || self is InvalidSlug
            || self is TenantExists
    }
}
