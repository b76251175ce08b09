import AsyncHTTPClient
import FinHubAPI
import NIOCore
import NIOHTTP1
import Testing

/// Calls the API of one server.
struct APIClient: Sendable {
    /// Where the server is, without a trailing slash.
    let address: String
    /// What `X-Tenant-ID` says.
    var tenant: String? = Account.cloudVault.tenant

    private static let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)

    /// What is refused, moved or lost must be seen as it is.
    private static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    init(_ server: RunningServer, tenant: String? = Account.cloudVault.tenant) {
        address = server.address
        self.tenant = tenant
    }

    /// Sends one request to `path` below the API's base path and reads the whole answer.
    func send(
        _ method: HTTPMethod,
        _ path: String,
        token: String? = nil,
        body: String? = nil,
        headers: HTTPHeaders = [:]
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: address + "/api/v2.1" + path)
        request.method = method
        if let tenant { request.headers.add(name: "X-Tenant-ID", value: tenant) }
        if let token { request.headers.add(name: "Authorization", value: "Bearer " + token) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        return try await Self.answer(to: request)
    }

    /// Reads `url` whole.
    static func get(_ url: String) async throws -> Answer {
        try await answer(to: HTTPClientRequest(url: url))
    }

    private static func answer(to request: HTTPClientRequest) async throws -> Answer {
        let response = try await http.execute(request, timeout: .seconds(20))
        let body = try await response.body.collect(upTo: 4 * 1_024 * 1_024)
        return Answer(status: response.status.code, headers: response.headers, body: Array(body.readableBytesView))
    }
}

// MARK: Sessions

extension APIClient {
    /// Asks for a session.
    func tryLogin(as account: Account = .cloudVault) async throws -> Answer {
        try await send(.POST, account.sessionsPath, body: account.loginBody)
    }

    /// Creates a session; the account must be good.
    func login(as account: Account = .cloudVault) async throws -> SessionTokens {
        try SessionTokens(try await tryLogin(as: account))
    }

    /// Refreshes a session with the tokens given.
    func refresh(_ tokens: SessionTokens) async throws -> Answer {
        try await send(
            .POST,
            "/admin/sessions/\(tokens.session)/refresh",
            token: tokens.access,
            body: #"{"refreshToken":"\#(tokens.refresh)"}"#
        )
    }

    /// Ends all sessions of the account that `tokens` are of, but for their own.
    func endOthers(_ tokens: SessionTokens, of account: Account) async throws -> Answer {
        try await send(.DELETE, account.sessionsPath + "?except=current", token: tokens.access)
    }

    /// Ends a session.
    func end(_ tokens: SessionTokens) async throws -> Answer {
        try await send(.DELETE, "/admin/sessions/\(tokens.session)", token: tokens.access)
    }

    /// Asks who the bearer of a token is.
    func current(_ token: String) async throws -> Answer {
        try await send(.GET, "/admin/sessions/current", token: token)
    }
}

/// A session's identifier and its two tokens.
struct SessionTokens: Sendable {
    let session: String
    let access: String
    let refresh: String

    /// Takes them from the answer to a login or a refresh, which must be 200.
    init(_ answer: Answer) throws {
        try #require(answer.status == 200, "\(answer.text)")
        session = try #require(answer.data("sessionId"))
        access = try #require(answer.data("token"))
        refresh = try #require(answer.data("refreshToken"))
    }

    /// The same, but with another refresh token.
    init(_ tokens: SessionTokens, refresh: String) {
        session = tokens.session
        access = tokens.access
        self.refresh = refresh
    }
}

/// One answer of the server.
struct Answer: Sendable {
    let status: UInt
    let headers: HTTPHeaders
    let body: [UInt8]

    /// The body as text.
    var text: String { String(decoding: body, as: UTF8.self) }

    /// The envelope's `data`.
    var data: JSONObject? {
        (try? JSON(body))?.object?["data"]?.object
    }

    /// The machine code of a refusal.
    var error: String? { data("error") }

    /// A string member of the envelope's `data`.
    func data(_ name: String) -> String? {
        data?[name]?.string
    }
}
