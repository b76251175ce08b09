public import ArgumentParser
public import FinHubAPI
import FinHubCore
import FinHubServer
import Foundation

/// Which data folder a command administers; a server may be running on it at the same time, and
/// follows within a second.
struct DataFolderFlags: ParsableArguments {
    @Option(help: "A JSON file of settings by name.")
    var config: String?
    @Option(help: "Folder of the database and the master key.")
    var dataDir: String?
    @Option(help: "The master key's file; master.key in the data folder by default.")
    var masterKeyFile: String?

    /// Runs `body` with the services on the folder.
    ///
    /// - Throws: `ExitCode(1)` when they refuse, after the refusal was printed; `ExitCode(78)`
    ///   when the folder can't be used as it is set up.
    func withServices(_ body: (Services) async throws -> Void) async throws {
        try await reportingSetup {
            let given: [String: String?] = ["data-dir": dataDir, "master-key-file": masterKeyFile]
            let settings = try Settings(flags: given.compactMapValues { $0 }, file: config)
            let directory = try settings.requireDataDirectory()
            guard FileManager.default.fileExists(atPath: directory + "/finhub.sqlite") else {
                throw SettingsError("\(directory) is no data folder. Make one with `finhub init`.")
            }
            let key = try MasterKeyFile.load(from: settings.masterKeyFile ?? directory + "/master.key")
            do {
                try await AuditOrigin.$current.withValue(AuditOrigin { .operator }) {
                    try await withOpenFolder(directory, masterKey: MasterKey(key), settings: settings, body)
                }
            } catch {
                guard let explanation = Explanation(of: error) else { throw error }
                let lines =
                    ["finhub: \(explanation.details) (\(explanation.code.rawValue))"]
                    + explanation.suggestions.map { "  - \($0)" }
                FileHandle.standardError.write(Data((lines.joined(separator: "\n") + "\n").utf8))
                throw ExitCode(1)
            }
        }
    }
}

extension ID: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}

/// The tenant that a command is about, by its slug or UUID.
struct TenantOption: ParsableArguments {
    @Option(help: "The tenant's slug, such as tenant_acme, or its UUID.")
    var tenant: String
}
