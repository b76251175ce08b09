import ArgumentParser
import Configuration
import FinHubAPI
import FinHubCore
import FinHubPasswords
import FinHubServer
import Foundation
import NIOCore

/// What is in force, and where each value came from.
struct Settings: Sendable {
    /// A value and its source, as `finhub config` shows them.
    struct Entry: Sendable {
        let setting: Setting
        let value: String
        let source: String
    }

    let entries: [Entry]

    /// Reads every setting: flag, environment, file, default, in that order.
    ///
    /// - Parameters:
    ///   - flags: The flags given, by the settings' names.
    ///   - environment: The process's environment.
    ///   - file: A JSON file of settings by name.
    /// - Throws: ``SettingsError``, naming the first setting that is unknown or malformed.
    init(
        flags: [String: String],
        environment: [String: String] = ProcessInfo.processInfo.environment,
        file: String?
    ) throws {
        try Self.requireKnown(environment)
        var sources = [
            Source(name: { "flag --\($0.name)" }, prefix: [], provider: InMemoryProvider(flags: flags)),
            Source(
                name: { "environment \($0.environmentName)" },
                prefix: ["finhub"],
                provider: EnvironmentVariablesProvider(environmentVariables: environment)
            ),
        ]
        if let file = file ?? environment["FINHUB_CONFIG"] {
            let values = try Self.read(file)
            sources.append(Source(name: { _ in "file \(file)" }, prefix: [], provider: InMemoryProvider(flags: values)))
        }
        entries = try Setting.all.map { setting in
            let found = sources.lazy.compactMap { source in source.value(of: setting).map { ($0, source.name(setting)) }
            }
            let (value, source) = found.first ?? (setting.standard, "default")
            guard setting.kind.accepts(value) || value == setting.standard else {
                throw SettingsError("\(source): “\(value)” is not \(setting.kind.expectation).")
            }
            return Entry(setting: setting, value: value, source: source)
        }
    }

    subscript(name: String) -> String {
        entries.first { $0.setting.name == name }?.value ?? ""
    }

    private func number(_ name: String) -> Int { Int(self[name]) ?? 0 }
}

/// One place that settings come from.
private struct Source {
    let name: (Setting) -> String
    let prefix: [String]
    let provider: any ConfigProvider

    func value(of setting: Setting) -> String? {
        ConfigReader(provider: provider).string(forKey: ConfigKey(prefix + [setting.name]))
    }
}

extension InMemoryProvider {
    fileprivate init(flags: [String: String]) {
        let values = flags.map { (AbsoluteConfigKey([$0.key]), ConfigValue(.string($0.value), isSecret: false)) }
        self.init(values: Dictionary(uniqueKeysWithValues: values))
    }
}

// MARK: What the settings mean

extension Settings {
    var dataDirectory: String? { self["data-dir"].isEmpty ? nil : self["data-dir"] }
    var adminHost: String { self["admin-host"] }
    var adminPort: Int { number("admin-port") }

    var masterKeyFile: String? { self["master-key-file"].isEmpty ? nil : self["master-key-file"] }

    var trustedProxies: [NetworkRange] {
        self["trusted-proxies"].split(separator: ",").compactMap { NetworkRange(String($0)) }
    }

    var listener: ListenerPlan {
        var limits = ConnectionLimits()
        limits.headerTimeout = .seconds(Int64(number("header-timeout")))
        limits.requestTimeout = .seconds(Int64(number("request-timeout")))
        if !trustedProxies.isEmpty { limits.perAddress = .max }
        let hasTLS = !self["tls-certificate"].isEmpty
        return ListenerPlan(
            host: self["host"],
            port: number("port"),
            tls: hasTLS ? ListenerPlan.TLSFiles(certificate: self["tls-certificate"], key: self["tls-key"]) : nil,
            limits: limits
        )
    }

    var argon2id: Argon2idParameters {
        get throws {
            try Argon2idParameters(memoryKibibytes: number("argon2-memory-kib"), passes: number("argon2-passes"))
        }
    }

    /// Whether the API is for this host alone.
    var isLoopback: Bool {
        self["host"] == "localhost" || NetworkAddress(self["host"])?.isLoopback == true
    }

    /// - Throws: ``SettingsError`` when tokens and passwords would cross a network in clear, or
    ///   only one half of the TLS files is named.
    func requireTransportSecurity() throws {
        guard self["tls-certificate"].isEmpty == self["tls-key"].isEmpty else {
            throw SettingsError("tls-certificate and tls-key go together: set both or neither.")
        }
        guard !isLoopback, listener.tls == nil, self["behind-tls-proxy"] != "true" else { return }
        throw SettingsError(
            """
            host \(self["host"]) is not loopback, and plain HTTP would carry passwords and tokens in clear. \
            Set tls-certificate and tls-key, or behind-tls-proxy if a proxy in front terminates TLS.
            """
        )
    }
}

// MARK: Reading

extension Settings {
    private static func requireKnown(_ environment: [String: String]) throws {
        // A shell may hold the client's variables too; they are no misspelt settings.
        let known = ClientVariables.all.union(Setting.all.map(\.environmentName) + ["FINHUB_CONFIG"])
        guard let unknown = environment.keys.sorted().first(where: { $0.hasPrefix("FINHUB_") && !known.contains($0) })
        else { return }
        throw SettingsError("environment \(unknown): there is no such setting. `finhub config` lists them.")
    }

    private static func read(_ file: String) throws -> [String: String] {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw SettingsError("file \(file): it can't be read.")
        }
        guard let object = (try? JSON(data))?.object else {
            throw SettingsError("file \(file): it must be one JSON object of settings by name.")
        }
        let known = Set(Setting.all.map(\.name))
        var values: [String: String] = [:]
        for member in object.members {
            guard known.contains(member.name) else {
                throw SettingsError("file \(file): there is no setting “\(member.name)”. `finhub config` lists them.")
            }
            switch member.value {
            case .string(let text), .number(let text): values[member.name] = text
            case .bool(let bool): values[member.name] = String(bool)
            default: throw SettingsError("file \(file): “\(member.name)” must be a string, a number or a boolean.")
            }
        }
        return values
    }
}

extension Setting.Kind {
    fileprivate func accepts(_ value: String) -> Bool {
        switch self {
        case .text, .path: !value.isEmpty
        case .bool: value == "true" || value == "false"
        case .number(let range): Int(value).map { range.contains($0) && String($0) == value } ?? false
        case .choice(let choices): choices.contains(value)
        case .ranges:
            value.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { NetworkRange(String($0)) != nil }
        case .rate: RateValue(value) != nil
        }
    }

    fileprivate var expectation: String {
        switch self {
        case .text: "a name or an address"
        case .path: "a path"
        case .bool: "true or false"
        case .number(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .choice(let choices): "one of \(choices.joined(separator: ", "))"
        case .ranges: "a list of network ranges such as 10.0.0.0/8,2001:db8::/32"
        case .rate: "calls a minute such as 600, or with how many at once such as 600:100, or 0 for no limit"
        }
    }
}

/// A setting is unknown, malformed, or contradicts another.
struct SettingsError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
