import FinHubAPI
import FinHubCore
import FinHubServer
import HTTPTypes
import Testing

@Suite("User routes")
struct UserRouteTests {
    @Test("a user is created with a password that is shown once, and good for nothing but to be changed")
    func create() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            let created = try await server.create(by: lin.token)
            #expect(created.status == 201)
            #expect(created.json.object?["code"] == .number("201"))
            let (id, password) = (try created.text("userId"), try created.text("temporaryPassword"))
            #expect(created.headers[.location] == "/api/v2.1/admin/users/\(id)")
            #expect(created.headers[.eTag] == "\"1\"")
            #expect(created.headers[.cacheControl] == "no-store")
            let shown = try await server.user(.get, id, by: lin.token)
            #expect(shown.data?["temporaryPassword"] == nil)
            #expect(try shown.text("username") == "mia")
            #expect(try shown.text("status") == "ACTIVE")
            #expect(shown.data?["hasTemporaryPassword"] == .bool(true))
            #expect(shown.headers[.eTag] == "\"1\"")
            let mia = try Newcomer(id, password)
            let tokens = try Tokens(try await server.login(mia))
            let kept = try await server.current(tokens.token, .lin)
            #expect(kept.status == 403)
            #expect(kept.error == "PASSWORD_CHANGE_REQUIRED")
            #expect(try await server.user(.get, id, by: tokens.token).error == "PASSWORD_CHANGE_REQUIRED")
            let changed = try await server.setPassword(of: id, by: tokens.token, from: password)
            #expect(changed.status == 200, "\(changed.json)")
            let renewed = try Tokens(try await server.refresh(tokens, tenant: Account.lin.slug))
            #expect(try await server.current(renewed.token, .lin).status == 200)
            #expect(try await server.login(mia).error == "INVALID_CREDENTIALS")
            #expect(try await server.login(try Newcomer(id, .fresh)).status == 200)
        }
    }

    @Test("the list is paged, searched and confined to the caller's organizations")
    func list() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            for name in ["mia", "Max", "zoë"] {
                _ = try await server.create(name, "\(name)@ex.org", ["MEMBER"], by: lin.token)
            }
            #expect(
                try await server.userNames(by: lin.token) == [
                    "admin3@example.org", "admin4@example.org", "Max", "mia", "zoë",
                ]
            )
            #expect(try await server.userNames("limit=2", by: lin.token).count == 5)
            #expect(try await server.userNames("search=M&limit=1", by: lin.token) == ["Max", "mia"])
            #expect(try await server.userNames("search=ZO%C3%8B", by: lin.token) == ["zoë"])
            #expect(try await server.userNames("search=e.admin", by: lin.token).count == 2)
            for query in ["limit=0", "limit=201", "limit=x", "cursor=%", "cursor=Ag", "search=%ff", "limit=1&limit=2"] {
                let refused = try await server.users(query, by: lin.token)
                #expect(refused.status == 400, "\(query)")
            }
            let other = "/api/v2.1/admin/organization/\(Account.ada.organization)/users"
            let absent = try await server.call(.get, other, tenant: Account.lin.slug, token: lin.token)
            #expect(absent.status == 404)
            #expect(absent.error == "NOT_FOUND")
        }
    }

    @Test("a change names the edition it is made to, and of two at once one is refused")
    func change() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            let kai = "\(Account.kai.user)"
            let state = #"{"email":"kai@ex.org","roles":["ADMIN"],"status":"ACTIVE"}"#
            let unnamed = try await server.user(.put, kai, by: lin.token, body: state)
            #expect(unnamed.status == 428)
            #expect(unnamed.error == "PRECONDITION_REQUIRED")
            for tag in ["\"2\"", "W/\"1\"", "1"] {
                #expect(try await server.user(.put, kai, by: lin.token, match: tag, body: state).status == 412)
            }
            let changed = try await server.user(.put, kai, by: lin.token, match: "\"1\"", body: state)
            #expect(changed.status == 200, "\(changed.json)")
            #expect(changed.headers[.eTag] == "\"2\"")
            #expect(try changed.text("email") == "kai@ex.org")
            let late = try await server.user(.put, kai, by: lin.token, match: "\"1\"", body: state)
            #expect(late.error == "PRECONDITION_FAILED")
            #expect(try await server.login(.kai, username: "kai@ex.org").status == 200)
        }
    }

    @Test(
        "who is disabled or loses ADMIN is out at once, on other servers too",
        arguments: [#""roles":["ADMIN"],"status":"DISABLED""#, #""roles":["MEMBER"],"status":"ACTIVE""#]
    )
    func withdrawn(_ state: String) async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            let kai = try Tokens(try await server.login(.kai))
            try await server.another { other in
                let body = #"{"email":"kai@ex.org",\#(state)}"#
                let answer = try await server.user(.put, "\(Account.kai.user)", by: lin.token, match: "*", body: body)
                #expect(answer.status == 200)
                #expect(try await server.current(kai.token, .kai).error == "SESSION_REVOKED")
                #expect(try await server.refresh(kai, tenant: Account.kai.slug).error == "SESSION_REVOKED")
                try await other.beat()
                #expect(try await other.current(kai.token, .kai).error == "SESSION_REVOKED")
                #expect(try await server.current(lin.token, .lin).status == 200)
                let refused = try await server.login(.kai).error
                #expect(refused == (state.contains("DISABLED") ? "ACCOUNT_DISABLED" : "ADMIN_ROLE_REQUIRED"))
            }
        }
    }

    @Test("nobody removes the last active ADMIN, not even that one")
    func lastAdministrator() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            let (own, kai) = ("\(Account.lin.user)", "\(Account.kai.user)")
            let gone = try await server.user(.delete, kai, by: lin.token)
            #expect(gone.status == 200)
            #expect(try await server.user(.get, kai, by: lin.token).error == "USER_NOT_FOUND")
            #expect(try await server.user(.delete, kai, by: lin.token).error == "USER_NOT_FOUND")
            for state in [#""roles":["ADMIN"],"status":"DISABLED""#, #""roles":["MEMBER"],"status":"ACTIVE""#] {
                let body = #"{"email":"lin@ex.org",\#(state)}"#
                let refused = try await server.user(.put, own, by: lin.token, match: "*", body: body)
                #expect(refused.status == 409)
                #expect(refused.error == "LAST_ADMINISTRATOR")
            }
            #expect(try await server.user(.delete, own, by: lin.token).error == "LAST_ADMINISTRATOR")
            #expect(try await server.current(lin.token, .lin).status == 200)
            // Its name is free again.
            let heir = try await server.create(Account.kai.username, "k@ex.org", by: lin.token)
            #expect(heir.status == 201)
            #expect(try await server.user(.delete, own, by: lin.token, match: "\"9\"").status == 412)
            #expect(try await server.user(.delete, own, by: lin.token, match: "\"1\"").status == 200)
            #expect(try await server.current(lin.token, .lin).error == "SESSION_REVOKED")
        }
    }

    @Test("an ADMIN makes no MASTER_ADMIN, and does nothing to one")
    func rank() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            let refused = try await server.create("m", "m@ex.org", ["MASTER_ADMIN"], by: lin.token)
            #expect(refused.status == 403)
            #expect(refused.error == "MASTER_ADMIN_ROLE_REQUIRED")
            let order = try CreateUserBody(
                username: "root",
                email: "root@ex.org",
                roles: ["MASTER_ADMIN"],
                temporaryPassword: nil
            )
            let master = try await server.services.createUser(order, in: nil, ofTenantNamed: Account.lin.slug)
            let body = #"{"email":"r@ex.org","roles":["MEMBER"],"status":"ACTIVE"}"#
            let id = "\(master.user.userID)"
            #expect(try await server.user(.put, id, by: lin.token, match: "*", body: body).status == 403)
            #expect(try await server.user(.delete, id, by: lin.token).status == 403)
            #expect(try await server.setPassword(of: id, by: lin.token, from: nil).status == 403)
            #expect(try await server.reset(id, by: lin.token).error == "MASTER_ADMIN_ROLE_REQUIRED")
            let factor = try await server.user(.delete, "\(id)/second-factor", by: lin.token)
            #expect(factor.error == "MASTER_ADMIN_ROLE_REQUIRED")
            let unlocked = try await server.user(.post, "\(id)/unlock", by: lin.token)
            #expect(unlocked.error == "MASTER_ADMIN_ROLE_REQUIRED")
            let own = #"{"email":"lin@ex.org","roles":["ADMIN","MASTER_ADMIN"],"status":"ACTIVE"}"#
            let risen = try await server.user(.put, "\(Account.lin.user)", by: lin.token, match: "*", body: own)
            #expect(risen.status == 403)
        }
    }

    @Test(
        "what can't be a user is refused with the field that is wrong",
        arguments: zip(
            [
                #"{"email":"a@b","roles":["ADMIN"]}"#, #"{"username":"","email":"a@b","roles":["ADMIN"]}"#,
                #"{"username":" x","email":"a@b","roles":["ADMIN"]}"#,
                #"{"username":"a\u200bb","email":"a@b","roles":["ADMIN"]}"#,
                #"{"username":"a\u0000","email":"a@b","roles":["ADMIN"]}"#,
                #"{"username":"x","email":"ab","roles":["ADMIN"]}"#,
                #"{"username":"x","email":"a@b@c","roles":["ADMIN"]}"#,
                #"{"username":"x","email":"a@\u0301b@c","roles":["ADMIN"]}"#,
                #"{"username":"x","email":"a@b","roles":[]}"#, #"{"username":"x","email":"a@b","roles":["admin"]}"#,
                #"{"username":"x","email":"a@b","roles":["ADMIN","ADMIN"]}"#,
                #"{"username":"x","email":"a@b","roles":"ADMIN"}"#,
                #"{"username":"x","email":"a@b","roles":["ADMIN"],"temporaryPassword":7}"#,
            ],
            [
                "username", "username", "username", "username", "username", "email", "email", "email", "roles", "roles",
                "roles", "roles", "temporaryPassword",
            ]
        )
    )
    func malformed(_ body: String, field: String) async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            let refused = try await server.call(
                .post,
                Account.lin.usersPath,
                tenant: Account.lin.slug,
                token: lin.token,
                body: body
            )
            #expect(refused.status == 400)
            #expect(try refused.text("field") == field)
        }
    }

    @Test("a name that is another's in any case and form is refused")
    func taken() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            let upper = try await server.create("ADMIN3@example.org", "x@ex.org", by: lin.token)
            #expect(upper.status == 409)
            #expect(upper.error == "USER_EXISTS")
            // Letters whose capital has two small forms, or none of its own.
            for (index, names) in [("ΟΔΥΣΣΕΥΣ", "οδυσσευς"), ("Strasse", "STRAßE"), ("ﬁn", "FIN")].enumerated() {
                #expect(try await server.create(names.0, "a\(index)@ex.org", by: lin.token).status == 201)
                let same = try await server.create(names.1, "b\(index)@ex.org", by: lin.token)
                #expect(same.error == "USER_EXISTS", "\(names)")
            }
            #expect(try upper.text("field") == "username")
            let email = try await server.create("x", "Admin4@Example.ORG", by: lin.token)
            #expect(try email.text("field") == "email")
            #expect(try await server.userNames(by: lin.token).count == 5)
        }
    }
}
