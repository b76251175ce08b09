import FinHubAPI
import FinHubCore
import FinHubTestSupport
import HTTPTypes
import Testing

@testable import FinHubServer

@Suite("The audit log")
struct AuditTests {
    @Test("logins, why they failed, refreshes that should not be, and ends: who, from where, in their order")
    func sessions() async throws {
        try await withServerBehindProxy { server in
            #expect(try await server.login(.ada, from: "192.0.2.7", password: "wrong").status == 401)
            #expect(try await server.login(.ada, from: "192.0.2.8", secret: "wrong").status == 403)
            let desk = try await Desk(server, at: "192.0.2.9")
            let first = try Tokens(try await server.login(.ada, from: "192.0.2.10"))
            let second = try Tokens(try await server.refresh(first))
            _ = try Tokens(try await server.refresh(second))
            #expect(try await server.refresh(first).error == "REFRESH_TOKEN_REUSED")
            let third = try Tokens(try await server.login(.ada, from: "192.0.2.11"))
            let path = "/api/v2.1/admin/sessions/\(third.session)"
            for _ in 0..<2 { #expect(try await server.call(.delete, path, token: desk.token).status == 200) }
            let log = try await desk.log()
            let ada = Account.ada.user.description
            #expect(
                log.map(\.story) == [
                    "authn_login_fail by STRANGER about \(ada) INVALID_CREDENTIALS from 192.0.2.7",
                    "authn_login_fail by STRANGER about \(ada) INVALID_TENANT_CREDENTIALS from 192.0.2.8",
                    "authn_login_success by \(ada) about \(ada) - from 192.0.2.9",
                    "authn_login_success by \(ada) about \(ada) - from 192.0.2.10",
                    "authn_token_reuse by \(ada) about \(ada) REFRESH_TOKEN_REUSED from 127.0.0.1",
                    "authn_login_success by \(ada) about \(ada) - from 192.0.2.11",
                    "authn_token_revoked by \(ada) about \(ada) ENDED_BY_ADMINISTRATOR from 127.0.0.1",
                ]
            )
            #expect(log.map(\.session)[4] == first.session)
            #expect(log.map(\.number) == Array(1...7))
            #expect(try await Desk(server, .grace).log().map(\.event) == ["authn_login_success"])
        }
    }

    @Test("a name that nobody has leaves no trace of it")
    func nobody() async throws {
        try await withServer { server in
            let nobody = Account(number: 1, user: 99)
            #expect(try await server.login(nobody).status == 401)
            let entry = try #require(try await Desk(server).log().first)
            #expect(entry.story == "authn_login_fail by STRANGER about - INVALID_CREDENTIALS from -")
        }
    }

    @Test("guesses by who holds a token are told too, and so is who has to wait")
    func guesses() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let path = "/api/v2.1/admin/users/\(Account.ada.user)/credentials"
            let body = #"{"currentPassword":"not the password","newPassword":"seven quiet herons left at 4"}"#
            for _ in 0..<5 { _ = try await server.call(.put, path, token: desk.token, body: body) }
            let log = try await desk.log().dropFirst()
            let ada = Account.ada.user.description
            let guess = "authn_login_fail by \(ada) about \(ada) INVALID_CREDENTIALS from -"
            #expect(log.map(\.story).filter { $0 == guess }.count == 5)
            #expect(log.last?.event == "authn_login_lock")
        }
    }

    @Test("what administrators change is told with before and after, and without secrets")
    func administration() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let created = try await server.call(
                .post,
                Account.ada.usersPath,
                token: desk.token,
                body: #"{"username":"bob","email":"bob@example.org","roles":["ADMIN"]}"#
            )
            let user = try created.text("userId")
            let changed = try await server.call(
                .put,
                "/api/v2.1/admin/users/\(user)",
                token: desk.token,
                headers: [.ifMatch: "*"],
                body: #"{"email":"rob@example.org","roles":["MEMBER"],"status":"ACTIVE"}"#
            )
            #expect(changed.status == 200, "\(changed.json)")
            #expect(try await desk.call(.post, "credentials", body: "{}").status == 201)
            let deleted = try await server.call(.delete, "/api/v2.1/admin/users/\(user)", token: desk.token)
            #expect(deleted.status == 200)
            let log = try await desk.log().dropFirst()
            try #require(log.map(\.event) == ["user_created", "authz_change", "authz_admin", "user_deleted"])
            #expect(log.allSatisfy { $0.actor == Account.ada.user.description })
            let changes = log.map(\.changes)
            #expect(changes[0].contains("email: - -> bob@example.org"))
            #expect(changes[1] == ["roles: ADMIN -> MEMBER", "email: bob@example.org -> rob@example.org"])
            #expect(changes[2].first?.hasPrefix("keys: key-1 -> ") == true)
            #expect(changes[3].contains("username: bob -> -"))
            let text = "\(try await desk.call(.get, "audit").json)"
            for secret in [Account.secret, Account.password, "tenantSecret", "argon2"] {
                #expect(!text.contains(secret))
            }
        }
    }

    @Test("filters and pages")
    func filters() async throws {
        try await withServerBehindProxy { server in
            for index in 1...5 { _ = try await server.login(.ada, from: "192.0.2.\(index)") }
            server.clock.advance(by: 60)
            let desk = try await Desk(server, at: "192.0.2.1")
            #expect(try await desk.log("address=192.0.2.1").map(\.number) == [1, 6])
            #expect(try await desk.log("address=::ffff:192.0.2.1").map(\.number) == [1, 6])
            #expect(try await desk.log("since=2026-01-01T12:00:30").map(\.number) == [6])
            #expect(try await desk.log("until=2026-01-01T12:00:30&limit=200").count == 5)
            #expect(try await desk.log("event=authn_token_reuse").isEmpty)
            #expect(try await desk.log("subjectId=\(Account.grace.user)").isEmpty)
            #expect(try await desk.log("actorId=\(Account.ada.user)").count == 6)
            var (numbers, cursor): ([Int], String?) = ([], nil)
            repeat {
                let page = try await desk.call(.get, "audit?limit=4" + (cursor.map { "&cursor=\($0)" } ?? ""))
                numbers += page.entries.map(\.number)
                cursor = page.data?["nextCursor"]?.string
            } while cursor != nil
            #expect(numbers == [6, 5, 4, 3, 2, 1])
        }
    }

    @Test(
        "a filter that can't be read is refused, not left out",
        arguments: [
            "event=login", "actorId=x", "subjectId=%00", "address=here", "since=yesterday", "until=", "limit=0",
            "cursor=x", "actorId=%ZZ", "event=authn_login_fail&event=authn_login_fail",
        ]
    )
    func unreadable(query: String) async throws {
        try await withServer { server in
            let answer = try await Desk(server).call(.get, "audit?\(query)")
            #expect(answer.status == 400)
        }
    }
}

/// An entry as the API tells it.
private struct ListedEntry {
    let number: Int
    let event: String
    let actor: String
    let session: String?
    let story: String
    let changes: [String]

    init(_ object: JSONObject) {
        func text(_ name: String) -> String? { object[name]?.string }
        if case .number(let digits)? = object["sequence"] { number = Int(digits) ?? 0 } else { number = 0 }
        event = text("event") ?? "-"
        actor = text("actorId") ?? text("actorKind") ?? "-"
        session = text("sessionId")
        story = """
            \(event) by \(actor) about \(text("subjectId") ?? "-") \(text("reason") ?? "-") \
            from \(text("clientAddress") ?? "-")
            """
        changes = (object["changes"]?.array ?? []).compactMap(\.object).map { change in
            "\(change["name"]?.string ?? "-"): \(change["before"]?.string ?? "-") -> \(change["after"]?.string ?? "-")"
        }
    }
}

extension Answer {
    fileprivate var entries: [ListedEntry] {
        (data?["items"]?.array ?? []).compactMap(\.object).map(ListedEntry.init)
    }
}

extension Desk {
    /// The log, oldest first.
    fileprivate func log(_ query: String = "") async throws -> [ListedEntry] {
        try await call(.get, "audit" + (query.isEmpty ? "" : "?\(query)")).entries.reversed()
    }
}
