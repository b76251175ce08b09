import FinHubAPI
import Testing

extension EndToEnd {
    /// The `curl` commands of the published reference, as printed but for host and placeholders.
    @Suite("The reference's curl commands", .sharedSandbox)
    struct ReferenceTests {
        private let account = Account.cloudVault

        @Test("create a session", arguments: [Account.cloudVault.tenant, Account.cloudVault.tenantID])
        func create(tenant: String) async throws {
            let data = try await data(of: Self.createExample, tenant: tenant)
            #expect(data["success"] == .bool(true))
            #expect(data["message"]?.string == "Session created successfully")
            #expect(data["userId"]?.string == account.user)
        }

        @Test(
            "create a session, by the template on top of the page",
            arguments: [Account.cloudVault.tenant, Account.cloudVault.tenantID]
        )
        func createByTemplate(tenant: String) async throws {
            var command = Self.createTemplate
            for (placeholder, value) in [
                ("{organizationId}", account.organization), ("{userId}", account.user),
                ("<content-type>", "application/json"), ("<x-tenant-id>", tenant),
                (#""username": "<string>""#, #""username": "\#(account.username)""#),
                (#""password": "<string>""#, #""password": "\#(account.password)""#),
                (#""tenantKey": "<string>""#, #""tenantKey": "\#(account.key)""#),
                (#""tenantSecret": "<string>""#, #""tenantSecret": "\#(account.secret)""#),
            ] {
                command = command.replacing(placeholder, with: value)
            }
            #expect(!command.contains("<"))
            let data = try await data(of: command, tenant: tenant)
            #expect(data["userId"]?.string == account.user)
        }

        @Test("use the token", arguments: [Account.cloudVault.tenant, Account.cloudVault.tenantID])
        func use(tenant: String) async throws {
            let server = try #require(SharedSandbox.current)
            let tokens = try await APIClient(server).login()
            let command = Self.useExample.replacing("YOUR_ACCESS_TOKEN", with: tokens.access)
            let data = try await data(of: command, tenant: tenant)
            #expect(data["tenantId"]?.string == account.tenantID)
            #expect(data["complianceLevel"]?.string == "NON_REGULATED")
            let categories = ["INDIVIDUAL_BASIC", "INDIVIDUAL_VERIFIED", "INDIVIDUAL_PREMIUM", "ENTERPRISE"]
            for category in categories { #expect(data["categories"]?.object?[category] != nil) }
            #expect(data["features"]?.object?["CUSTOMER_PROFILE"] != nil)
        }

        @Test("refresh", arguments: [Account.cloudVault.tenant, Account.cloudVault.tenantID])
        func refresh(tenant: String) async throws {
            let server = try #require(SharedSandbox.current)
            let tokens = try await APIClient(server).login()
            let command = Self.refreshExample
                .replacing("{sessionId}", with: tokens.session)
                .replacing("{current_token}", with: tokens.access)
                .replacing("3c68d5a6-d567-4ec7-88df-c8df22ff6151...", with: tokens.refresh)
            let data = try await data(of: command, tenant: tenant)
            #expect(data["sessionId"]?.string == tokens.session)
            #expect(data["refreshToken"]?.string != tokens.refresh)
            #expect(data["message"]?.string == "Session refreshed successfully")
        }

        /// Runs a command with the host changed, in a shell, and returns the envelope's data.
        private func data(of command: String, tenant: String) async throws -> JSONObject {
            let server = try #require(SharedSandbox.current)
            let line =
                command
                .replacing("https://sandbox.finhub.cloud", with: server.address)
                .replacing("X-Tenant-ID: tenant_cloudvault", with: "X-Tenant-ID: \(tenant)")
                .replacing("curl ", with: "curl --silent --show-error --noproxy '*' ")
            let finished = try await Executable.shell(line)
            try #require(finished.status == 0, "\(finished.errors)")
            let envelope = try #require(try JSON(Array(finished.output.utf8)).object)
            #expect(envelope["code"] == .number("200"), "\(finished.output)")
            #expect(envelope["message"]?.string == "Success")
            return try #require(envelope["data"]?.object)
        }
    }
}

extension EndToEnd.ReferenceTests {
    /// *Create Admin Session*, *Code Examples*; the reference hides its e-mail address.
    private static let createExample = #"""
        curl -X POST "https://sandbox.finhub.cloud/api/v2.1/admin/organization/f3a4b5c6-d7e8-49f0-1a2b-3c4d5e6f7a8b/users/e2f3a4b5-c6d7-48e9-0f1a-2b3c4d5e6f7a/sessions" \
          -H "X-Tenant-ID: tenant_cloudvault" \
          -H "Content-Type: application/json" \
          -d '{
            "username": "petr.dvorak@cloudvault.io",
            "password": "your_secure_password",
            "tenantKey": "cvK_9XDw5g_Y_8aUtRQgPyX4aTBb",
            "tenantSecret": "your_tenant_secret"
          }'
        """#

    /// The page's head.
    private static let createTemplate = #"""
        curl --request POST \
          --url https://sandbox.finhub.cloud/api/v2.1/admin/organization/{organizationId}/users/{userId}/sessions \
          --header 'Content-Type: <content-type>' \
          --header 'X-Tenant-ID: <x-tenant-id>' \
          --data '
        {
          "username": "<string>",
          "password": "<string>",
          "tenantKey": "<string>",
          "tenantSecret": "<string>"
        }
        '
        """#

    /// *Using the Token*.
    private static let useExample = #"""
        curl -X GET "https://sandbox.finhub.cloud/api/v2.1/customer/individual/categorization/hierarchy/d1e2f3a4-b5c6-47d8-9e0f-1a2b3c4d5e6f" \
          -H "Authorization: Bearer YOUR_ACCESS_TOKEN" \
          -H "X-Tenant-ID: tenant_cloudvault"
        """#

    /// *Refresh Token*, which the reference prints as HTTP.
    private static let refreshExample = #"""
        curl -X POST "https://sandbox.finhub.cloud/api/v2.1/admin/sessions/{sessionId}/refresh" \
          -H "Authorization: Bearer {current_token}" \
          -H "X-Tenant-ID: tenant_cloudvault" \
          -H "Content-Type: application/json" \
          -d '{
          "refreshToken": "3c68d5a6-d567-4ec7-88df-c8df22ff6151..."
        }'
        """#
}
