import FinHubAPI
import Foundation
import Testing

@testable import FinHubClient

@Suite("Credentials")
struct CredentialTests {
    @Test("the environment gives them, FINHUB names before the short ones")
    func environment() async throws {
        let source = CredentialSource.environment([
            "FINHUB_USERNAME": "u", "FINHUB_PASSWORD": "p", "TENANT_KEY": "short", "FINHUB_TENANT_KEY": "k",
            "TENANT_SECRET": "s", "USERNAME": "shell", "PASSWORD": "shell",
        ])
        let credentials = try await source.credentials()
        #expect(credentials.username == "u")
        #expect(credentials.password.reveal() == "p")
        #expect(credentials.tenantKey == "k")
        #expect(credentials.tenantSecret.reveal() == "s")
    }

    @Test("files give them, are read anew each time, and lose one line end")
    func files() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let source = CredentialSource.environment([
            "FINHUB_USERNAME": "u", "FINHUB_PASSWORD_FILE": path, "TENANT_KEY": "k", "TENANT_SECRET_FILE": path,
        ])
        for (content, expected) in [("one\n", "one"), ("two\r\n", "two"), ("three\n\n", "three\n"), ("four", "four")] {
            try Data(content.utf8).write(to: URL(filePath: path))
            let credentials = try await source.credentials()
            #expect(credentials.password.reveal() == expected)
            #expect(credentials.tenantSecret.reveal() == expected)
        }
    }

    @Test("what is missing or unreadable is named")
    func missing() async throws {
        let complete = ["FINHUB_USERNAME": "u", "FINHUB_PASSWORD": "p", "TENANT_KEY": "k", "TENANT_SECRET": "s"]
        for name in complete.keys {
            let error = await failure {
                try await CredentialSource.environment(complete.filter { $0.key != name }).credentials()
            }
            #expect(error?.code == .clientCredentialsUnavailable)
            #expect(error?.message.contains(name) == true, "\(String(describing: error))")
        }
        var named = complete.filter { $0.key != "TENANT_SECRET" }
        named["TENANT_SECRET_FILE"] = "/nowhere/at/all"
        let error = await failure { try await CredentialSource.environment(named).credentials() }
        #expect(error?.message.contains("/nowhere/at/all") == true)
    }

    @Test("a configuration comes whole from the environment, or says what is wrong")
    func configuration() throws {
        let complete = [
            "FINHUB_URL": "https://finhub.example", "FINHUB_TENANT": "tenant_cloudvault",
            "FINHUB_ORGANIZATION": "f3a4b5c6-d7e8-49f0-1a2b-3c4d5e6f7a8b",
            "FINHUB_USER": "e2f3a4b5-c6d7-48e9-0f1a-2b3c4d5e6f7a",
        ]
        let configuration = try FinHubClient.Configuration(environment: complete)
        #expect(configuration.server.url == "https://finhub.example")
        #expect(configuration.identity.tenant == "tenant_cloudvault")
        for name in complete.keys {
            #expect(throws: FinHubClientError.self) {
                try FinHubClient.Configuration(environment: complete.filter { $0.key != name })
            }
            var malformed = complete
            malformed[name] = name == "FINHUB_TENANT" ? "" : "x"
            #expect(throws: FinHubClientError.self) { try FinHubClient.Configuration(environment: malformed) }
        }
    }
}
