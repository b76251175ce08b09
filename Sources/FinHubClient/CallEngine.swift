import FinHubAPI

/// What stands behind every call.
final class CallEngine: Sendable {
    init(
        _ configuration: FinHubClient.Configuration,
        store: any TokenStore,
        transport: any ClientTransport,
        clock: any ClientClock
    ) throws {}

    var clockSkew: Duration? { nil }
    func session() async throws -> ClientSession { throw FinHubClientError(code: .clientShutDown, message: "") }
    func renewSession(byLogin: Bool) async throws -> ClientSession { try await session() }
    func introspect(_ token: Secret<String>, options: CallOptions) async throws -> FinHubResponse {
        throw FinHubClientError(code: .clientShutDown, message: "")
    }
    func send(_ request: FinHubRequest) async throws -> FinHubResponse {
        throw FinHubClientError(code: .clientShutDown, message: "")
    }
    func stream(_ request: FinHubRequest) async throws -> StreamedResponse {
        throw FinHubClientError(code: .clientShutDown, message: "")
    }
    func logout() async throws {}
    func shutdown() async {}
    func keepFresh() async {}
}
