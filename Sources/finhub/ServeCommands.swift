import ArgumentParser
import FinHubAPI
import FinHubCore
import Foundation

/// `finhub sandbox`: the server with the public examples' tenants in it.
struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Run a server with the reference's tenants, ids and credentials."
    )

    @OptionGroup var flags: SettingFlags
    @Option(help: "How many seconds a token lives, 2 to 3600: see your backend refresh without an hour's wait.")
    var tokenLifetime = 3_600

    func validate() throws {
        guard (2...3_600).contains(tokenLifetime) else {
            throw ValidationError("--token-lifetime must be from 2 to 3600 seconds.")
        }
    }

    func run() async throws {
        try await reportingSetup {
            let settings = try flags.settings()
            Observability.start(settings)
            if !settings.isLoopback {
                FileHandle.standardError.write(
                    Data("finhub: warning: the sandbox's credentials are public, and it is not on loopback\n".utf8)
                )
            }
            let folder = try settings.dataDirectory.map(DataFolder.named) ?? DataFolder.temporary()
            defer { folder.remove() }
            say("Data in \(folder.path)")
            let keyFile = settings.masterKeyFile ?? folder.path + "/master.key"
            try folder.requireSandbox()
            let isNew = !FileManager.default.fileExists(atPath: keyFile) && !folder.hasDatabase
            let key = isNew ? try MasterKeyFile.create(at: keyFile) : try MasterKeyFile.load(from: keyFile)
            try await runServer(
                ServerPlan(
                    settings: settings,
                    sandbox: .standard.withTokenLifetime(.seconds(Int64(tokenLifetime))),
                    dataDirectory: folder.path,
                    masterKey: key
                )
            )
        }
    }
}

/// `finhub serve`: the server.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the server on a data folder that `finhub init` made."
    )

    @OptionGroup var flags: SettingFlags

    func run() async throws {
        try await reportingSetup {
            let settings = try flags.settings()
            Observability.start(settings)
            try settings.requireTransportSecurity()
            let directory = try settings.requireDataDirectory()
            guard !FileManager.default.fileExists(atPath: directory + DataFolder.sandboxMark) else {
                throw SettingsError("\(directory) is a sandbox's: its credentials are public. Make another with init.")
            }
            let key = try MasterKeyFile.load(from: settings.masterKeyFile ?? directory + "/master.key")
            try await runServer(
                ServerPlan(settings: settings, sandbox: nil, dataDirectory: directory, masterKey: key)
            )
        }
    }
}

/// `finhub config`: what is in force.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Print every setting in force and where its value came from."
    )

    @OptionGroup var flags: SettingFlags

    func run() async throws {
        try await reportingSetup {
            let rows = try flags.settings().entries.map { entry in
                [entry.setting.name, entry.value.isEmpty ? "(none)" : entry.value, entry.source, entry.setting.summary]
            }
            let table = [["SETTING", "VALUE", "FROM", "WHAT IT IS"]] + rows
            let widths = (0..<4).map { column in table.map { $0[column].count }.max() ?? 0 }
            for row in table {
                let cells = zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
                say(cells.joined(separator: "  "))
            }
        }
    }
}

extension Settings {
    func requireDataDirectory() throws -> String {
        guard let dataDirectory else {
            throw SettingsError("data-dir is not set. Name the folder that `finhub init --data-dir <folder>` made.")
        }
        return dataDirectory
    }
}

/// The folder that a sandbox keeps its data in.
private struct DataFolder {
    /// The file that tells a sandbox's folder from one that `finhub init` made.
    static let sandboxMark = "/sandbox"

    let path: String
    private let isTemporary: Bool

    /// A folder that is continued when it is there, and made when it is not.
    static func named(_ path: String) throws -> DataFolder {
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        return DataFolder(path: path, isTemporary: false)
    }

    /// A fresh one, which goes with the sandbox.
    static func temporary() throws -> DataFolder {
        let path = FileManager.default.temporaryDirectory.path + "/finhub-sandbox-\(SessionID.random())"
        let folder = try named(path)
        return DataFolder(path: folder.path, isTemporary: true)
    }

    var hasDatabase: Bool { FileManager.default.fileExists(atPath: path + "/finhub.sqlite") }

    /// Marks the folder as a sandbox's; refuses one that `finhub init` made, for the public
    /// credentials must not get into it.
    func requireSandbox() throws {
        let mark = path + Self.sandboxMark
        guard !hasDatabase || FileManager.default.fileExists(atPath: mark) else {
            throw SettingsError(
                "\(path) is not a sandbox's data folder. Serve it with: finhub serve --data-dir \(path)"
            )
        }
        _ = FileManager.default.createFile(atPath: mark, contents: nil)
    }

    func remove() {
        if isTemporary { try? FileManager.default.removeItem(atPath: path) }
    }
}
