import FinHubAPI
import FinHubClient
import FinHubClientTesting
import HTTPTypes
import Logging
import ServiceLifecycle

/// The code of the article *Five minutes to the first call*, block by block.
///
/// ``TutorialTests`` runs it, and sees to it that the article has nothing else.
enum Tutorial {
    /// What the article's calls found out.
    struct Findings: Sendable {
        var tenant: String
        var categories: [String]
        var complianceLevel: String
        var addresses: [String]
    }

    static func makeClient(environment: [String: String]?) throws -> FinHubClient {
        let configuration = try FinHubClient.Configuration(environment: environment)
        let client = try FinHubClient(configuration: configuration)
        return client
    }

    static func logIn(_ client: FinHubClient, print: (String) -> Void) async throws {
        let session = try await client.ensureAuthenticated()
        print("Session \(session.session) has \(session.remaining) to live.")
    }

    static func call(_ client: FinHubClient, print: (String) -> Void) async throws -> Findings {
        let current = try await client.sessions.current()
        let hierarchy = try await client.hierarchy.get(current.tenantID)
        print("\(hierarchy.value.tenantName): \(hierarchy.value.categorization.categories.map(\.code))")

        struct Compliance: Decodable, Sendable {
            let complianceLevel: String
        }

        let compliance = try await client.request(
            .get,
            "/customer/individual/categorization/hierarchy/\(current.tenantID)",
            as: Compliance.self
        )

        let requests = try await client.sessions.list().items.map { session in
            FinHubRequest(.get, "/admin/sessions/\(session.sessionID)")
        }
        var addresses: [String] = []
        for await result in client.batch(requests, concurrency: 4) {
            let session = try result.get().decode(SessionBody.self)
            addresses.append(session.clientAddress ?? "unknown")
        }
        return Findings(
            tenant: hierarchy.value.tenantName,
            categories: hierarchy.value.categorization.categories.map(\.code),
            complianceLevel: compliance.complianceLevel,
            addresses: addresses
        )
    }

    static func fail(_ client: FinHubClient, print: (String) -> Void) async throws {
        do {
            _ = try await client.sessions.session(.random())
        } catch let error as FinHubClientError where error.code == .sessionNotFound {
            print("There is no such session; ask for \(error.correlationID ?? "it") in the server's log.")
        }
    }

    static func makeKeepingClient(
        _ configuration: FinHubClient.Configuration,
        folder: String,
        key: Secret<[UInt8]>
    ) throws -> FinHubClient {
        let store = try FileTokenStore(folder: folder, key: key)
        let client = try FinHubClient(configuration: configuration, tokenStore: store)
        return client
    }

    static func serve(_ client: FinHubClient, logger: Logger) async throws {
        let group = ServiceGroup(services: [client], logger: logger)
        try await group.run()
    }

    static func finish(_ client: FinHubClient) async throws {
        try await client.logout()
        await client.shutdown()
    }

    static func makeTestedClient(
        _ configuration: FinHubClient.Configuration,
        loginPath: String
    ) throws -> (client: FinHubClient, clock: MovedClock) {
        let clock = MovedClock()
        let transport = ScriptedTransport(clock: clock)
        transport.script(.post, loginPath, .tokens("access-token"))
        transport.script(.get, "/thing", .refusal(503, .overloaded), .success(json: #"{"size":1}"#))
        let client = try FinHubClient(configuration: configuration, transport: transport, clock: clock)
        return (client, clock)
    }
}
