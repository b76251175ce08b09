import FinHubAPI
import Foundation

extension FinHubClient.Configuration {
    /// Everything from the environment.
    ///
    /// `FINHUB_URL`, `FINHUB_TENANT`, `FINHUB_ORGANIZATION` and `FINHUB_USER` say where and whose
    /// session; the credentials are as in ``CredentialSource/environment(_:)``.
    ///
    /// - Parameter environment: Names and values; `nil` for this process's.
    /// - Throws: ``FinHubClientError`` with ``FinHubAPI/ErrorCode/clientInvalidConfiguration``, naming
    ///   the variable that is missing or malformed.
    public init(environment: [String: String]? = nil) throws {
        let environment = environment ?? ProcessInfo.processInfo.environment
        func value(_ name: String) throws -> String {
            guard let value = environment[name], !value.isEmpty else {
                throw Self.invalid("\(name) is not set.", suggestion: "Set \(name).")
            }
            return value
        }
        guard let organization = OrganizationID(try value("FINHUB_ORGANIZATION")) else {
            throw Self.invalid("FINHUB_ORGANIZATION is no UUID.", suggestion: "Take it from the Admin Portal.")
        }
        guard let user = UserID(try value("FINHUB_USER")) else {
            throw Self.invalid("FINHUB_USER is no UUID.", suggestion: "Take it from the Admin Portal.")
        }
        self.init(
            server: try ServerAddress(try value("FINHUB_URL")),
            identity: SessionIdentity(tenant: try value("FINHUB_TENANT"), organization: organization, user: user),
            credentials: .environment(environment)
        )
    }

    /// Every `FINHUB_` variable that the client reads.
    public static let environmentNames: Set<String> = {
        let secrets = ["FINHUB_USERNAME", "FINHUB_PASSWORD", "FINHUB_TENANT_KEY", "FINHUB_TENANT_SECRET"]
        return Set(["FINHUB_URL", "FINHUB_TENANT", "FINHUB_ORGANIZATION", "FINHUB_USER"])
            .union(secrets)
            .union(secrets.map { $0 + "_FILE" })
    }()

    private static func invalid(_ message: String, suggestion: String) -> FinHubClientError {
        FinHubClientError(code: .clientInvalidConfiguration, message: message, suggestions: [suggestion])
    }
}
