import FinHubAPI
import FinHubCore
import HTTPTypes
import Testing

extension Account {
    var usersPath: String { "/api/v2.1/admin/organization/\(organization)/users" }
}

extension String {
    /// A password that pleases every rule.
    static let fresh = "seven quiet herons left at 4"
}

/// A user of the third tenant who was created over the API.
struct Newcomer {
    let id: UserID
    let password: String

    init(_ id: String, _ password: String) throws {
        self.id = try #require(UserID(id))
        self.password = password
    }
}

extension TestServer {
    func login(_ newcomer: Newcomer, username: String = "mia") async throws -> Answer {
        let path = "\(Account.lin.usersPath)/\(newcomer.id)/sessions"
        return try await login(.lin, username: username, password: newcomer.password, path: path)
    }

    func create(
        _ username: String = "mia",
        _ email: String = "mia@ex.org",
        _ roles: [String] = ["ADMIN"],
        password: String? = nil,
        by token: String
    ) async throws -> Answer {
        let names = roles.map { "\"\($0)\"" }.joined(separator: ",")
        let given = password.map { #","temporaryPassword":"\#($0)""# } ?? ""
        let body = #"{"username":"\#(username)","email":"\#(email)","roles":[\#(names)]\#(given)}"#
        return try await call(.post, Account.lin.usersPath, tenant: Account.lin.slug, token: token, body: body)
    }

    func user(
        _ method: HTTPRequest.Method,
        _ id: String,
        by token: String,
        match: String? = nil,
        body: String? = nil
    ) async throws -> Answer {
        var headers = HTTPFields()
        if let match { headers[.ifMatch] = match }
        let path = "/api/v2.1/admin/users/\(id)"
        return try await call(method, path, tenant: Account.lin.slug, token: token, headers: headers, body: body)
    }

    func users(_ query: String, by token: String) async throws -> Answer {
        try await call(.get, "\(Account.lin.usersPath)?\(query)", tenant: Account.lin.slug, token: token)
    }

    /// The user names on all pages.
    func userNames(_ query: String = "", by token: String) async throws -> [String] {
        var (names, cursor): ([String], String?) = ([], nil)
        repeat {
            let page = try await users(query + (cursor.map { "&cursor=\($0)" } ?? ""), by: token)
            try #require(page.status == 200, "\(page.json)")
            names += page.data?["items"]?.array?.compactMap { $0.object?["username"]?.string } ?? []
            cursor = page.data?["nextCursor"]?.string
        } while cursor != nil
        return names
    }

    func setPassword(
        of id: String,
        by token: String,
        from current: String?,
        to new: String = .fresh
    ) async throws -> Answer {
        let current = current.map { #""currentPassword":"\#($0)","# } ?? ""
        let path = "/api/v2.1/admin/users/\(id)/credentials"
        let body = #"{\#(current)"newPassword":"\#(new)"}"#
        return try await call(.put, path, tenant: Account.lin.slug, token: token, body: body)
    }

    func reset(_ id: String, by token: String) async throws -> Answer {
        let path = "/api/v2.1/admin/users/login/reset"
        return try await call(.post, path, tenant: Account.lin.slug, token: token, body: #"{"userId":"\#(id)"}"#)
    }
}
