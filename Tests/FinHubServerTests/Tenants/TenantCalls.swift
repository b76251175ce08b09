import FinHubAPI
import FinHubCore
import HTTPTypes
import Testing

@testable import FinHubServer

/// Runs `body` against a server that believes the test's `X-Forwarded-For`.
func withServerBehindProxy(_ body: @Sendable (TestServer) async throws -> Void) async throws {
    let thisHost = ["127.0.0.0/8", "::1"].compactMap { NetworkRange($0) }
    try await withServer(trustedProxies: thisHost, body)
}

/// Who calls, with which token, from where.
struct Desk: Sendable {
    let server: TestServer
    let token: String
    var account = Account.ada
    var address: String?

    /// Logs in, and sits down there.
    init(_ server: TestServer, _ account: Account = .ada, at address: String? = nil) async throws {
        self.server = server
        self.account = account
        self.address = address
        token = try Tokens(try await server.login(account, from: address)).token
    }

    /// Sits down with a token that is there already.
    init(_ server: TestServer, _ account: Account = .ada, token: String) {
        self.server = server
        self.account = account
        self.token = token
    }

    /// The same caller at another address.
    func moved(to address: String) -> Desk {
        var desk = self
        desk.address = address
        return desk
    }

    /// Calls one of the routes of the tenant.
    func call(
        _ method: HTTPRequest.Method,
        _ path: String,
        ifMatch: String? = nil,
        body: String? = nil
    ) async throws -> Answer {
        var headers: HTTPFields = [:]
        headers[.forwardedFor] = address
        headers[.ifMatch] = ifMatch
        return try await server.call(
            method,
            "/api/v2.1/admin/tenant/\(path)",
            tenant: account.slug,
            token: token,
            headers: headers,
            body: body
        )
    }

    /// What the server says to the token.
    func current() async throws -> Answer {
        var headers: HTTPFields = [:]
        headers[.forwardedFor] = address
        return try await server.call(
            .get,
            "/api/v2.1/admin/sessions/current",
            tenant: account.slug,
            token: token,
            headers: headers
        )
    }

    /// Replaces the allowlist, whichever it is.
    func allow(_ ranges: [String], ifMatch: String = "*", force: Bool? = nil) async throws -> Answer {
        try await call(.put, "ip-allowlist", ifMatch: ifMatch, body: .allowlist(ranges, force: force))
    }

    /// Replaces what `change` changes of the policy.
    func setPolicy(ifMatch: String = "*", _ change: (inout PolicyBody) -> Void) async throws -> Answer {
        var policy = SessionPolicy.standard.body
        change(&policy)
        let body = String(decoding: policy.jsonBytes, as: UTF8.self)
        return try await call(.put, "policy", ifMatch: ifMatch, body: body)
    }
}

extension String {
    /// An allowlist's body.
    static func allowlist(_ ranges: [String], force: Bool? = nil) -> String {
        let list = ranges.map { "\"\($0)\"" }.joined(separator: ",")
        return force.map { #"{"ranges":[\#(list)],"force":\#($0)}"# } ?? #"{"ranges":[\#(list)]}"#
    }
}

extension TestServer {
    /// Tries to log in from an address, behind the proxy.
    func login(
        _ account: Account,
        from address: String?,
        password: String = Account.password,
        key: String? = nil,
        secret: String = Account.secret,
        userAgent: String? = nil
    ) async throws -> Answer {
        let body = CreateSessionBody(
            username: account.username,
            password: Secret(password),
            tenantKey: key ?? account.key,
            tenantSecret: Secret(secret)
        )
        var headers: HTTPFields = [:]
        headers[.forwardedFor] = address
        headers[.userAgent] = userAgent
        return try await call(
            .post,
            account.sessionsPath,
            tenant: account.slug,
            headers: headers,
            body: String(decoding: body.jsonBytes, as: UTF8.self)
        )
    }
}
