import FinHubAPI
import FinHubCore
import HTTPTypes
import Testing

@Suite("Create a session")
struct LoginTests {
    @Test("the answer has what the reference prints, and the durations")
    func success() async throws {
        try await withServer { server in
            let answer = try await server.login()
            #expect(answer.status == 200)
            #expect(answer.json.object?["message"]?.string == "Success")
            #expect(try answer.text("userId") == Account.ada.user.description)
            #expect(try answer.text("message") == "Session created successfully")
            #expect(try answer.text("expiresAt") == "2026-01-01T13:00:00.0000000")
            #expect(answer.data?["expiresIn"] == .number("3600"))
            #expect(answer.data?["refreshExpiresIn"] == .number("3600"))
            #expect(try answer.text("tokenType") == "Bearer")
            #expect(try answer.text("errorType") == "NONE")
            #expect(answer.data?["success"] == .bool(true))
            #expect(answer.headers[.cacheControl] == "no-store")
            #expect(try answer.text("refreshToken").utf8.count == 80)
        }
    }

    @Test("tenant by UUID, user by e-mail and in another case are the same account")
    func otherNames() async throws {
        try await withServer { server in
            let byID = try await server.login(tenant: Account.ada.tenant.description.uppercased())
            #expect(byID.status == 200)
            #expect(try await server.login(username: "E." + Account.ada.username.uppercased()).status == 200)
        }
    }

    @Test("one answer for whatever is wrong with tenant, key or secret")
    func tenantCredentials() async throws {
        try await withServer { server in
            let answers = [
                try await server.login(tenant: "tenant_unknown"),
                try await server.login(tenant: Account.grace.slug),
                try await server.login(key: "key-unknown"),
                try await server.login(key: Account.grace.key),
                try await server.login(secret: "wrong"),
            ]
            for answer in answers {
                #expect(answer.status == 403)
                #expect(answer.error == "INVALID_TENANT_CREDENTIALS")
                #expect(answer.json == answers[0].json)
            }
        }
    }

    @Test("one answer for whatever is wrong with user, password or organization")
    func userCredentials() async throws {
        try await withServer { server in
            let unknown = UserID.random()
            let organization = Account.ada.organization
            let answers = [
                try await server.login(password: "wrong"),
                try await server.login(username: "nobody@example.org"),
                try await server.login(path: "/api/v2.1/admin/organization/\(organization)/users/\(unknown)/sessions"),
                try await server.login(
                    path:
                        "/api/v2.1/admin/organization/\(Account.grace.organization)/users/\(Account.ada.user)/sessions"
                ),
                try await server.login(
                    path: "/api/v2.1/admin/organization/\(organization)/users/\(Account.grace.user)/sessions"
                ),
            ]
            for answer in answers {
                #expect(answer.status == 401)
                #expect(answer.error == "INVALID_CREDENTIALS")
                #expect(answer.json == answers[0].json)
                #expect(answer.headers[.wwwAuthenticate] == "Bearer realm=\"finhub\"")
            }
        }
    }

    @Test("a suspended tenant is told so only with the right credentials")
    func suspended() async throws {
        try await withServer(Oddity(tenantStatus: .suspended)) { server in
            let answer = try await server.login()
            #expect(answer.error == "TENANT_SUSPENDED")
            #expect(try await server.login(secret: "wrong").error == "INVALID_TENANT_CREDENTIALS")
            #expect(try await server.login(.grace).status == 200)
        }
    }

    @Test("a disabled account is told so only with the right password")
    func disabled() async throws {
        try await withServer(Oddity(userStatus: .disabled)) { server in
            let answer = try await server.login()
            #expect(answer.error == "ACCOUNT_DISABLED")
            #expect(try await server.login(password: "wrong").error == "INVALID_CREDENTIALS")
        }
    }

    @Test("a user without an admin role gets no session")
    func member() async throws {
        try await withServer(Oddity(roles: [.member])) { server in
            let answer = try await server.login()
            #expect(answer.status == 403)
            #expect(answer.error == "ADMIN_ROLE_REQUIRED")
        }
    }

    @Test("every bad field is named in one answer")
    func fields() async throws {
        try await withServer { server in
            let body = #"{"username":"","password":7,"tenantKey":"\#(String(repeating: "k", count: 1025))"}"#
            let answer = try await server.call(.post, Account.ada.sessionsPath, body: body)
            #expect(answer.status == 400)
            #expect(answer.error == "VALIDATION_FAILED")
            let fields = answer.data?["errors"]?.array?.compactMap { $0.object?["field"]?.string }
            #expect(fields == ["username", "password", "tenantKey", "tenantSecret"])
        }
    }
}
