import FinHubAPI
import FinHubClient
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

        private struct Hierarchy: Decodable {
            let tenantName: String
        }
    }
}
