import FinHubAPI
import FinHubClientTesting
import Foundation
import HTTPTypes
import Logging
import NIOCore
import Synchronization
import Testing

@testable import FinHubClient

/// A client on a scripted transport and a moved clock.
struct Rig: Sendable {
    static let loginPath =
        "/admin/organization/f3a4b5c6-d7e8-49f0-1a2b-3c4d5e6f7a8b/users/e2f3a4b5-c6d7-48e9-0f1a-2b3c4d5e6f7a/sessions"
    static let refreshPath = "/admin/sessions/ed8e1ef7-d885-4753-88ad-afc5aedfac7b/refresh"

    static let password = "canary-password"
    static let tenantSecret = "canary-tenant-secret"
    static let credentials = LoginCredentials(
        username: "petr.dvorak@cloudvault.io",
        password: Secret(password),
        tenantKey: "canary-tenant-key",
        tenantSecret: Secret(tenantSecret)
    )

    let clock: MovedClock
    let transport: ScriptedTransport
    let client: FinHubClient

    /// The dice always show `jitter`; a transport that is handed in keeps its script.
    init(
        clock: MovedClock = MovedClock(),
        transport: ScriptedTransport? = nil,
        store: any TokenStore = MemoryTokenStore(),
        jitter: Double = 0,
        configure: (inout FinHubClient.Configuration) -> Void = { _ in }
    ) throws {
        var configuration = try Self.configuration()
        configure(&configuration)
        self.clock = clock
        self.transport = transport ?? ScriptedTransport(clock: clock)
        client = try FinHubClient(
            configuration: configuration,
            tokenStore: store,
            transport: self.transport,
            clock: clock,
            jitter: { jitter }
        )
        if transport == nil {
            self.transport.script(.post, Self.loginPath, .tokens("first", refreshToken: "refresh-1"))
        }
    }

    static func configuration() throws -> FinHubClient.Configuration {
        FinHubClient.Configuration(
            server: try ServerAddress("https://finhub.example"),
            identity: try identity(),
            credentials: .fixed(credentials)
        )
    }

    static func identity() throws -> SessionIdentity {
        SessionIdentity(
            tenant: "tenant_cloudvault",
            organization: try #require(OrganizationID("f3a4b5c6-d7e8-49f0-1a2b-3c4d5e6f7a8b")),
            user: try #require(UserID("e2f3a4b5-c6d7-48e9-0f1a-2b3c4d5e6f7a"))
        )
    }

    var logins: [TransportRequest] { transport.requests(.post, Self.loginPath) }
    var refreshes: [TransportRequest] { transport.requests(.post, Self.refreshPath) }

    /// Calls `/thing`, which must be scripted, and returns the `x` of its data.
    @discardableResult
    func thing(_ method: HTTPRequest.Method = .get, options: CallOptions = CallOptions()) async throws -> Int {
        let thing: Thing = try await client.request(method, "/thing", options: options)
        return thing.x
    }

    /// The bearer tokens of the calls of `/thing`.
    var bearers: [String] {
        transport.requests.filter { $0.url.hasSuffix("/thing") }
            .map { String(($0.headers[.authorization] ?? "").dropFirst("Bearer ".count)) }
    }
}

struct Thing: Codable, Sendable {
    let x: Int
}

extension ScriptedAnswer {
    /// The answer of `/thing`.
    static func thing(_ x: Int = 1, headers: HTTPFields = [:]) -> ScriptedAnswer {
        .success(json: #"{"x":\#(x)}"#, headers: headers)
    }
}

/// What a failed expectation of an error shows.
func failure(_ work: () async throws -> some Any) async -> FinHubClientError? {
    do {
        _ = try await work()
        return nil
    } catch {
        return error as? FinHubClientError
    }
}

/// Whether `work` throws `CancellationError`.
func isCancelled(_ work: () async throws -> some Any) async -> Bool {
    do {
        _ = try await work()
        return false
    } catch {
        return error is CancellationError
    }
}

/// Keeps every log line.
struct LogBook: LogHandler {
    final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }

        func append(_ line: String) {
            lines.withLock { $0.append(line) }
        }
    }

    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.append("\(event.level) \(event.message) \(event.metadata ?? [:])")
    }

    static func logger() -> (Logger, Lines) {
        let lines = Lines()
        return (Logger(label: "test") { _ in LogBook(lines: lines) }, lines)
    }
}
