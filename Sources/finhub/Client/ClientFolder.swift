import FinHubAPI
import FinHubClient
import Foundation

/// Where the client's commands keep their things: profiles, tokens, and the key that encrypts these.
struct ClientFolder: Sendable {
    /// The file of the profiles: `FINHUB_CLIENT_CONFIG`, or `finhub/config.json` in
    /// `XDG_CONFIG_HOME`, which is `~/.config` by default.
    let profiles: String
    private let environment: [String: String]

    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.environment = environment
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let home = value("HOME") ?? NSHomeDirectory()
        // The XDG specification has relative paths ignored.
        let base = value("XDG_CONFIG_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "\(home)/.config"
        profiles = value(ClientVariables.config) ?? "\(base)/finhub/config.json"
    }

    private var folder: String { URL(filePath: profiles).deletingLastPathComponent().path }

    /// The store of the tokens, with its key.
    ///
    /// The key comes from `FINHUB_TOKEN_KEY` or `FINHUB_TOKEN_KEY_FILE`; with neither, from a file
    /// beside the tokens, which is made once. The latter keeps a copy of the tokens alone from
    /// being of use; only a key kept elsewhere protects against who reads the whole folder.
    ///
    /// - Throws: ``ClientFailure``, or `FinHubClientError`.
    func tokenStore() throws -> FileTokenStore {
        try FileTokenStore(folder: folder + "/tokens", key: tokenKey())
    }

    private func tokenKey() throws -> Secret<[UInt8]> {
        if let text = try EnvironmentReader(environment).value(ofFirst: [ClientVariables.tokenKey]) {
            return try Self.key(text, from: ClientVariables.tokenKey)
        }
        let path = folder + "/token.key"
        if let data = try PrivateFile.read(path, isSecret: true) {
            return try Self.key(String(decoding: data, as: UTF8.self), from: path)
        }
        try PrivateFile.create(path, Data((Base64URL.encode(randomBytes(32)) + "\n").utf8))
        // Another process may have been first.
        let data = try PrivateFile.read(path, isSecret: true) ?? Data()
        return try Self.key(String(decoding: data, as: UTF8.self), from: path)
    }

    private static func key(_ text: String, from place: String) throws -> Secret<[UInt8]> {
        guard let key = Base64URL.decode(text.utf8.filter { $0 != 0x0a && $0 != 0x0d }), key.count == 32 else {
            throw ClientFailure(
                status: .misconfigured,
                message: "\(place) holds no key: 32 random bytes in base64url, 43 characters, are expected.",
                suggestions: ["Make one: openssl rand 32 | basenc --base64url | tr -d =", "Then log in again."]
            )
        }
        return Secret(key)
    }
}

/// The variables that the client's commands read.
enum ClientVariables {
    static let config = "FINHUB_CLIENT_CONFIG"
    static let profile = "FINHUB_PROFILE"
    static let tokenKey = "FINHUB_TOKEN_KEY"
    static let url = "FINHUB_URL"
    static let tenant = "FINHUB_TENANT"
    static let organization = "FINHUB_ORGANIZATION"
    static let user = "FINHUB_USER"
    static let username = "FINHUB_USERNAME"
    static let password = "FINHUB_PASSWORD"
    static let otp = "FINHUB_OTP"
    static let tenantKey = ["FINHUB_TENANT_KEY", "TENANT_KEY"]
    static let tenantSecret = ["FINHUB_TENANT_SECRET", "TENANT_SECRET"]

    /// Those that begin with `FINHUB_`, so that the server's commands know them for no misspelt settings.
    static let all = FinHubClient.Configuration.environmentNames
        .union([config, profile, otp, otp + "_FILE", tokenKey, tokenKey + "_FILE"])
}
