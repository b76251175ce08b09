import FinHubAPI
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

/// An answer, opened.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    let json: JSON

    init(_ response: TestResponse) throws {
        status = response.status.code
        headers = response.headers
        let bytes = Array(response.body.readableBytesView)
        json = bytes.isEmpty ? .null : try JSON(bytes)
    }

    var data: JSONObject? { json.object?["data"]?.object }
    var error: String? { data?["error"]?.string }

    func text(_ name: String) throws -> String {
        try #require(data?[name]?.string)
    }
}

/// The tokens of a session.
struct Tokens: Sendable {
    let session: String
    let token: String
    let refreshToken: String

    init(_ answer: Answer) throws {
        try #require(answer.status == 200)
        session = try answer.text("sessionId")
        token = try answer.text("token")
        refreshToken = try answer.text("refreshToken")
    }
}

extension HTTPField.Name {
    // swift-format-ignore: NeverForceUnwrap
    static let tenantID = HTTPField.Name("X-Tenant-ID")!
    // swift-format-ignore: NeverForceUnwrap
    static let correlationID = HTTPField.Name("X-Correlation-ID")!
}

extension TestServer {
    /// Sends one request; `body` goes as JSON.
    func call(
        _ method: HTTPRequest.Method,
        _ path: String,
        tenant: String? = Account.ada.slug,
        token: String? = nil,
        headers more: HTTPFields = [:],
        body: String? = nil
    ) async throws -> Answer {
        var headers = more
        if let tenant { headers[.tenantID] = tenant }
        if let token { headers[.authorization] = "Bearer \(token)" }
        if body != nil, headers[.contentType] == nil { headers[.contentType] = "application/json" }
        let buffer = body.map { ByteBuffer(string: $0) }
        return try Answer(try await client.execute(uri: path, method: method, headers: headers, body: buffer))
    }

    /// Tries to log in.
    func login(
        _ account: Account = .ada,
        tenant: String? = nil,
        username: String? = nil,
        password: String = Account.password,
        key: String? = nil,
        secret: String = Account.secret,
        path: String? = nil
    ) async throws -> Answer {
        let body = """
            {"username":"\(username ?? account.username)","password":"\(password)",\
            "tenantKey":"\(key ?? account.key)","tenantSecret":"\(secret)"}
            """
        return try await call(.post, path ?? account.sessionsPath, tenant: tenant ?? account.slug, body: body)
    }

    /// Logs in.
    func session(_ account: Account = .ada) async throws -> Tokens {
        try Tokens(try await login(account))
    }

    /// Tries to refresh a session; by default with its own tokens.
    func refresh(
        _ tokens: Tokens,
        with refreshToken: String? = nil,
        token: String? = nil,
        tenant: String = Account.ada.slug
    ) async throws -> Answer {
        try await call(
            .post,
            "/api/v2.1/admin/sessions/\(tokens.session)/refresh",
            tenant: tenant,
            token: token ?? tokens.token,
            body: #"{"refreshToken":"\#(refreshToken ?? tokens.refreshToken)"}"#
        )
    }

    /// What the server says to a token.
    func current(_ token: String, _ account: Account = .ada) async throws -> Answer {
        try await call(.get, "/api/v2.1/admin/sessions/current", tenant: account.slug, token: token)
    }
}
