import FinHubAPI
import FinHubClient
import FinHubClientTesting
import Foundation
import HTTPTypes
import Logging
import NIOCore
import Testing

extension EndToEnd {
    /// The SDK's article *Five minutes to the first call*.
    @Suite("Tutorial", .sharedSandbox)
    struct TutorialTests {
        private let account = Account.cloudVault

        @Test("every block of Swift in the article is code that runs here")
        func verbatim() throws {
            let root = URL(filePath: #filePath).deletingLastPathComponent()
            let code = try Self.lines(of: root.appending(path: "Tutorial.swift"))
            let article = try Self.lines(
                of: root.appending(path: "../../../Sources/FinHubClient/FinHubClient.docc/FiveMinutes.md")
            )
            let blocks = article.split(separator: "```swift").dropFirst().map { Array($0.prefix { $0 != "```" }) }
            #expect(blocks.count == 10)
            for block in blocks {
                #expect(!block.isEmpty)
                #expect(code.contains(block), "\(block.joined(separator: "\n"))")
            }
        }

        @Test("the shell's part of the article names this sandbox's tenant")
        func variables() throws {
            let root = URL(filePath: #filePath).deletingLastPathComponent()
            let article = try Self.lines(
                of: root.appending(path: "../../../Sources/FinHubClient/FinHubClient.docc/FiveMinutes.md")
            )
            let exported = article.filter { $0.hasPrefix("export ") }.map { String($0.dropFirst("export ".count)) }
            let own = environment(at: "http://127.0.0.1:8080").map { "\($0.key)=\($0.value)" }
            #expect(Set(exported) == Set(own))
        }

        @Test("logs in, calls, fails as said, and logs out")
        func course() async throws {
            let server = try #require(SharedSandbox.current)
            let client = try Tutorial.makeClient(environment: environment(at: server.address))
            var printed: [String] = []
            try await Tutorial.logIn(client) { printed.append($0) }
            let findings = try await Tutorial.call(client) { printed.append($0) }
            try await Tutorial.fail(client) { printed.append($0) }
            #expect(findings.tenant == "CloudVault")
            #expect(findings.categories.contains("INDIVIDUAL_BASIC"))
            #expect(findings.complianceLevel == "NON_REGULATED")
            #expect(findings.addresses.contains("127.0.0.1"))
            #expect(printed.count == 3)
            #expect(printed.last?.hasPrefix("There is no such session") == true)

            let session = try await client.ensureAuthenticated().session
            try await Tutorial.finish(client)
            let witness = try account.client(at: server.address)
            #expect(try await witness.sessions.session(session).isActive == false)
            await witness.shutdown()
        }

        @Test("keeps the session over restarts, and shuts down with the service group")
        func keeping() async throws {
            let server = try #require(SharedSandbox.current)
            let folder = try TemporaryFolder()
            let key = Secret((0..<32).map { _ in UInt8.random(in: 0...255) })
            let configuration = try FinHubClient.Configuration(environment: environment(at: server.address))
            let first = try Tutorial.makeKeepingClient(configuration, folder: folder.path("tokens"), key: key)
            let session = try await first.ensureAuthenticated().session
            await first.shutdown()

            let second = try Tutorial.makeKeepingClient(configuration, folder: folder.path("tokens"), key: key)
            #expect(try await second.sessions.current().sessionID == session)
            let serving = Task { try await Tutorial.serve(second, logger: Logger(label: "tutorial")) }
            serving.cancel()
            _ = await serving.result
            let error = await #expect(throws: FinHubClientError.self) { try await second.sessions.current() }
            #expect(error?.code == .clientShutDown)
        }

        @Test("a test of one's own needs no network")
        func testing() async throws {
            let configuration = try FinHubClient.Configuration(environment: environment(at: "https://finhub.example"))
            let (client, clock) = try Tutorial.makeTestedClient(configuration, loginPath: account.sessionsPath)
            let answer = try await client.send(FinHubRequest(.get, "/thing"))
            #expect(String(buffer: answer.body).contains(#""size":1"#))
            #expect(clock.pauses.count == 1)
        }

        private func environment(at address: String) -> [String: String] {
            [
                "FINHUB_URL": address, "FINHUB_TENANT": account.tenant, "FINHUB_ORGANIZATION": account.organization,
                "FINHUB_USER": account.user, "FINHUB_USERNAME": account.username, "TENANT_KEY": account.key,
                "TENANT_SECRET": account.secret, "FINHUB_PASSWORD": account.password,
            ]
        }

        /// The lines of a file, without their indentation.
        private static func lines(of file: URL) throws -> [String] {
            try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }
}
