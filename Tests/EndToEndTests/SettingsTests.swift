import FinHubCore
import Foundation
import Testing

@testable import finhub

@Suite("Settings")
struct SettingsTests {
    @Test("a flag wins over the environment, that over the file, that over the default")
    func precedence() throws {
        let file = try settingsFile(#"{"port": 3, "host": "127.0.0.3", "log-level": "error"}"#)
        let environment = ["FINHUB_PORT": "2", "FINHUB_HOST": "127.0.0.2"]
        let settings = try Settings(flags: ["port": "1"], environment: environment, file: file.path)
        let entries = ["port", "host", "log-level", "admin-port"].map { name in
            settings.entries.first { $0.setting.name == name }
        }
        #expect(entries.map { $0?.value } == ["1", "127.0.0.2", "error", "9090"])
        #expect(
            entries.map { $0?.source }
                == ["flag --port", "environment FINHUB_HOST", "file \(file.path)", "default"]
        )
    }

    @Test("FINHUB_CONFIG names the file, and a flag names another")
    func fileByEnvironment() throws {
        let named = try settingsFile(#"{"port": 3}"#)
        let other = try settingsFile(#"{"port": 4}"#)
        let environment = ["FINHUB_CONFIG": named.path]
        #expect(try Settings(flags: [:], environment: environment, file: nil)["port"] == "3")
        #expect(try Settings(flags: [:], environment: environment, file: other.path)["port"] == "4")
    }

    @Test("every setting can be given in the environment", arguments: Setting.all.map(\.environmentName))
    func environmentNames(variable: String) throws {
        #expect(variable.wholeMatch(of: /FINHUB_[A-Z0-9]+(_[A-Z0-9]+)*/) != nil)
        let values = ["FINHUB_BEHIND_TLS_PROXY": "true", "FINHUB_TRUSTED_PROXIES": "10.0.0.0/8"]
        let choices = ["FINHUB_LOG_LEVEL": "debug", "FINHUB_LOG_FORMAT": "human", "FINHUB_ARGON2_MEMORY_KIB": "20000"]
        let value = values[variable] ?? choices[variable] ?? "5"
        let settings = try Settings(flags: [:], environment: [variable: value], file: nil)
        #expect(settings.entries.filter { $0.source == "environment \(variable)" }.map(\.value) == [value])
    }

    @Test("an unknown variable or name is an error that names it")
    func unknown() throws {
        let variable = try refusal(environment: ["FINHUB_PROT": "1"])
        #expect(variable.contains("FINHUB_PROT"))
        let name = try refusal(file: #"{"prot": 1}"#)
        #expect(name.contains("prot"))
        let ofClient = ["FINHUB_URL": "https://finhub.example", "FINHUB_PASSWORD_FILE": "/run/secrets/password"]
        #expect(try Settings(flags: [:], environment: ofClient, file: nil)["port"] == "8080")
        #expect(try Settings(flags: [:], environment: ["FINHUBBUB": "1", "PORT": "x"], file: nil)["port"] == "8080")
    }

    @Test(
        "a malformed value is an error that names the variable and what is expected",
        arguments: [
            ("FINHUB_PORT", "65536", "from 0 to 65535"), ("FINHUB_PORT", "-1", "from 0 to 65535"),
            ("FINHUB_PORT", "1e3", "whole number"), ("FINHUB_PORT", "99999999999999999999", "whole number"),
            ("FINHUB_PORT", " 80", "whole number"), ("FINHUB_BEHIND_TLS_PROXY", "maybe", "true or false"),
            ("FINHUB_LOG_LEVEL", "loud", "critical"), ("FINHUB_LOG_FORMAT", "xml", "json, human"),
            ("FINHUB_TRUSTED_PROXIES", "10.0.0.0/33", "10.0.0.0/8"),
            ("FINHUB_TRUSTED_PROXIES", "10.0.0.0/8,", "10.0.0.0/8"),
            ("FINHUB_ARGON2_MEMORY_KIB", "19455", "from 19456 to 262144"),
            ("FINHUB_RATE_PER_SESSION", "600:", "such as 600:100"), ("FINHUB_RATE_PER_SESSION", "-1", "or 0"),
            ("FINHUB_RATE_LOGIN_PER_ADDRESS", "60000001", "such as 600"),
            ("FINHUB_ARGON2_PASSES", "1", "from 2 to 10"), ("FINHUB_ARGON2_PASSES", "11", "from 2 to 10"),
        ]
    )
    func malformed(variable: String, value: String, expected: String) throws {
        let message = try refusal(environment: [variable: value])
        #expect(message.contains(variable))
        #expect(message.contains(expected))
    }

    @Test("a rate is so many calls a minute, with how many at once, or none")
    func rates() throws {
        let values = ["600:100", "600", "0"]
        let limits = values.map { RateValue($0).map { $0.limit } }
        #expect(limits == [RateLimit(perMinute: 600, burst: 100), RateLimit(perMinute: 600, burst: 600), .some(nil)])
        #expect(["", ":", "1:0", "0:1", "01", "1:2:3", "1: 2", "+1", "1e3"].allSatisfy { RateValue($0) == nil })
    }

    @Test(
        "a file that is not one JSON object of plain values is an error that names it",
        arguments: ["", "[]", "{", #"{"port": 1,}"#, #"{"port": 1, "port": 2}"#, #"{"port": null}"#]
            + [#"{"port": {"a": 1}}"#, #"{"port": 1.5}"#, #"{"port": true}"#]
    )
    func malformedFile(text: String) throws {
        let file = try settingsFile(text)
        let error = #expect(throws: SettingsError.self) { try Settings(flags: [:], environment: [:], file: file.path) }
        #expect(error?.description.contains(file.path) == true)
    }

    @Test("a file that is not there is an error that names it")
    func missingFile() throws {
        let path = try TemporaryFolder().path("none.json")
        let error = #expect(throws: SettingsError.self) { try Settings(flags: [:], environment: [:], file: path) }
        #expect(error?.description.contains(path) == true)
    }

    @Test(
        "plain HTTP is refused where others could listen in",
        arguments: zip(
            ["127.0.0.1", "127.9.9.9", "::1", "localhost", "0.0.0.0", "::", "10.0.0.1", "127.1", "localhost.evil.io"],
            [true, true, true, true, false, false, false, false, false]
        )
    )
    func plainHTTP(host: String, isAllowed: Bool) throws {
        let plain = try Settings(flags: ["host": host], environment: [:], file: nil)
        #expect(((try? plain.requireTransportSecurity()) != nil) == isAllowed)
        let proxied = try Settings(flags: ["host": host, "behind-tls-proxy": "true"], environment: [:], file: nil)
        #expect(throws: Never.self) { try proxied.requireTransportSecurity() }
    }

    @Test(
        "a certificate without a key, or a key without a certificate, is refused",
        arguments: ["tls-certificate", "tls-key"]
    )
    func halfOfTLS(name: String) throws {
        let settings = try Settings(flags: [name: "/tls.pem"], environment: [:], file: nil)
        #expect(throws: SettingsError.self) { try settings.requireTransportSecurity() }
    }

    private func refusal(environment: [String: String] = [:], file text: String? = nil) throws -> String {
        let file = try text.map(settingsFile)
        let error = #expect(throws: SettingsError.self) {
            try Settings(flags: [:], environment: environment, file: file?.path)
        }
        return error?.description ?? ""
    }
}

/// A file of settings, which goes when nobody holds it any more.
private struct SettingsFile {
    let folder: TemporaryFolder
    var path: String { folder.path("settings.json") }
}

private func settingsFile(_ text: String) throws -> SettingsFile {
    let file = SettingsFile(folder: try TemporaryFolder())
    try Data(text.utf8).write(to: URL(filePath: file.path))
    return file
}
