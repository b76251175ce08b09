import FinHubAPI
import FinHubClient
import Foundation
import HTTPTypes
import Testing

extension EndToEnd.SDK {
    /// The Swift twin of the reference's JavaScript `FinHubClient`, as README has it.
    @Suite("README", .sharedSandbox)
    struct ReadmeExampleTests {
        @Test("the example runs as printed, but for the sandbox's port")
        func example() async throws {
            let server = try #require(SharedSandbox.current)
            let environment = [
                "FINHUB_USERNAME": "petr.dvorak@cloudvault.io", "FINHUB_PASSWORD": "your_secure_password",
                "TENANT_KEY": "cvK_9XDw5g_Y_8aUtRQgPyX4aTBb", "TENANT_SECRET": "your_tenant_secret",
            ]
            let client = try FinHubClient(
                configuration: FinHubClient.Configuration(
                    server: ServerAddress(server.address),
                    identity: SessionIdentity(
                        tenant: "tenant_cloudvault",
                        organizationID: "f3a4b5c6-d7e8-49f0-1a2b-3c4d5e6f7a8b",
                        userID: "e2f3a4b5-c6d7-48e9-0f1a-2b3c4d5e6f7a"
                    ),
                    credentials: .environment(environment)
                )
            )
            let tenant = "d1e2f3a4-b5c6-47d8-9e0f-1a2b3c4d5e6f"
            let hierarchy: Hierarchy = try await client.request(
                .get,
                "/customer/individual/categorization/hierarchy/\(tenant)"
            )
            #expect(hierarchy.tenantName == "CloudVault")
            await client.shutdown()
        }

        @Test("README prints this example, but for its server, its credentials and what it prints")
        func printed() throws {
            let here = URL(filePath: #filePath)
            let readme = here.deletingLastPathComponent().appending(path: "../../../README.md")
            let block = try String(contentsOf: readme, encoding: .utf8).split(separator: "```swift\n").last
            let lines = try #require(block?.split(separator: "```").first).split(separator: "\n")
            let own = try String(contentsOf: here, encoding: .utf8).filter { !$0.isWhitespace }
            let foreign = lines.filter { line in
                let code = line.split(separator: "  //").first ?? line
                return !own.contains(code.filter { !$0.isWhitespace })
            }
            #expect(foreign.count == 3, "\(foreign)")
        }

        private struct Hierarchy: Decodable {
            let tenantName: String
        }
    }
}
