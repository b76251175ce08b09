import FinHubAPI
import FinHubCore
import FinHubTestSupport
import Foundation
import HTTPTypes
import Testing

@testable import FinHubServer

@Suite("Tenant credentials")
struct CredentialRouteTests {
    @Test("are listed without their secrets, and when each should be replaced")
    func list() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let answer = try await desk.call(.get, "credentials")
            #expect(answer.status == 200)
            let items = try #require(answer.items)
            try #require(items.map { $0["tenantKey"]?.string } == [Account.ada.key])
            let since = Timestamp(seconds: 1_767_268_800)
            #expect(items[0]["createdAt"]?.string == since.description)
            #expect(items[0]["rotateBy"]?.string == (since + .seconds(90 * 86_400)).description)
            #expect(items[0]["expiresAt"] == .null)
            #expect(items[0]["inForce"] == .bool(true))
            #expect(items[0]["lastUsedAt"]?.string == since.description)
            #expect(Set(items[0].members.map(\.name)).isDisjoint(with: ["tenantSecret", "secret", "secretDigest"]))
        }
    }

    @Test("rotated with an overlap: both work until its end, then the new one alone")
    func overlap() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let answer = try await desk.call(.post, "credentials", body: #"{"overlapSeconds":600}"#)
            #expect(answer.status == 201)
            #expect(answer.headers[.cacheControl] == "no-store")
            let (key, secret) = (try answer.text("tenantKey"), try answer.text("tenantSecret"))
            let old = try #require(answer.data?["replaces"]?.array?.first?.object)
            #expect(old["tenantKey"]?.string == Account.ada.key)
            #expect(old["expiresAt"]?.string == (server.clock.now + .seconds(600)).description)
            server.clock.advance(by: 599)
            #expect(try await server.login().status == 200)
            #expect(try await server.login(key: key, secret: secret).status == 200)
            server.clock.advance(by: 1)
            #expect(try await server.login().error == "INVALID_TENANT_CREDENTIALS")
            #expect(try await server.login(key: key, secret: secret).status == 200)
            #expect(try await server.login(key: key).error == "INVALID_TENANT_CREDENTIALS")
            #expect(try await desk.current().status == 200)
        }
    }

    @Test("overlap for a day unless something else is asked for")
    func standardOverlap() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let answer = try await desk.call(.post, "credentials", body: "{}")
            let old = try #require(answer.data?["replaces"]?.array?.first?.object)
            #expect(old["expiresAt"]?.string == (server.clock.now + .seconds(86_400)).description)
        }
    }

    @Test(
        "overlap for 0 seconds to 30 days",
        arguments: zip(["0", "2592000", "-1", "2592001", "1e3", "\"60\"", "1.5"], [201, 201, 400, 400, 400, 400, 400])
    )
    func overlapBounds(seconds: String, status: Int) async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let answer = try await desk.call(.post, "credentials", body: #"{"overlapSeconds":\#(seconds)}"#)
            #expect(answer.status == status)
            #expect(try await desk.call(.get, "credentials").items?.count == (status == 201 ? 2 : 1))
            if status == 400 { #expect(answer.data?["field"]?.string == "overlapSeconds") }
            let old = seconds == "0" ? "INVALID_TENANT_CREDENTIALS" : nil
            #expect(try await server.login().error == old)
        }
    }

    @Test("are two in force at most; the third must wait, or one be revoked")
    func limit() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let second = try await desk.call(.post, "credentials", body: #"{"overlapSeconds":600}"#)
            let refused = try await desk.call(.post, "credentials", body: "{}")
            #expect(refused.status == 409)
            #expect(refused.error == "CREDENTIAL_LIMIT_REACHED")
            #expect(try await desk.call(.delete, "credentials/\(Account.ada.key)").status == 200)
            let third = try await desk.call(.post, "credentials", body: #"{"overlapSeconds":60}"#)
            #expect(third.status == 201)
            server.clock.advance(by: 60)
            #expect(try await desk.call(.post, "credentials", body: "{}").status == 201)
            let inForce = try #require(try await desk.call(.get, "credentials").items).map { $0["inForce"] }
            #expect(inForce.filter { $0 == .bool(true) }.count == 2)
            #expect(inForce.count == 4)
            _ = try second.text("tenantKey")
        }
    }

    @Test("never last longer by a rotation than they would have")
    func earlierEnd() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let second = try await desk.call(.post, "credentials", body: #"{"overlapSeconds":600}"#)
            let end = (server.clock.now + .seconds(600)).description
            #expect(try await desk.call(.delete, "credentials/\(second.text("tenantKey"))?force=true").status == 200)
            #expect(try await desk.call(.post, "credentials", body: #"{"overlapSeconds":6000}"#).status == 201)
            let items = try #require(try await desk.call(.get, "credentials").items)
            #expect(items.first { $0["tenantKey"]?.string == Account.ada.key }?["expiresAt"]?.string == end)
        }
    }

    @Test("of sixteen rotations at once exactly one is made")
    func race() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<16 {
                    group.addTask { try await desk.call(.post, "credentials", body: "{}").status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.filter { $0 == 201 }.count == 1)
            #expect(statuses.filter { $0 == 409 }.count == 15)
        }
    }

    @Test("revoked work no more, whose sessions go on; the last one stays unless it is forced")
    func revoke() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let last = try await desk.call(.delete, "credentials/\(Account.ada.key)")
            #expect(last.status == 409)
            #expect(last.error == "WOULD_LOCK_OUT")
            #expect(try await server.login().status == 200)
            let other = try await desk.call(.delete, "credentials/\(Account.ada.key)?force=yes")
            #expect(other.error == "VALIDATION_FAILED")
            let new = try await desk.call(.post, "credentials", body: "{}")
            let (key, secret) = (try new.text("tenantKey"), try new.text("tenantSecret"))
            // The old one is about to end.
            #expect(try await desk.call(.delete, "credentials/\(key)").error == "WOULD_LOCK_OUT")
            #expect(try await desk.call(.delete, "credentials/\(Account.ada.key)").status == 200)
            #expect(try await server.login().error == "INVALID_TENANT_CREDENTIALS")
            #expect(try await server.login(key: key, secret: secret).status == 200)
            #expect(try await desk.current().status == 200)
            #expect(try await desk.call(.delete, "credentials/\(Account.ada.key)").status == 200)
            #expect(try await desk.call(.delete, "credentials/\(key)").error == "WOULD_LOCK_OUT")
            #expect(try await desk.call(.delete, "credentials/\(key)?force=true").status == 200)
            #expect(try await server.login(key: key, secret: secret).error == "INVALID_TENANT_CREDENTIALS")
            #expect(try await desk.call(.post, "credentials", body: "{}").status == 201)
        }
    }

    @Test(
        "of another tenant, and unknown ones, are not there",
        arguments: [Account.grace.key, "unknown", "KEY-1"]
    )
    func unknown(key: String) async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let answers = [
                try await desk.call(.delete, "credentials/\(key)"),
                try await desk.call(.delete, "credentials/\(key)?force=true"),
                try await desk.call(.get, "credentials/\(key)/clients"),
            ]
            #expect(answers.map(\.status) == [404, 404, 404])
            #expect(answers.map(\.error) == Array(repeating: "CREDENTIAL_NOT_FOUND", count: 3))
            #expect(try await server.login(.grace).status == 200)
        }
    }

    @Test("tell which clients use them, before anything is written and after")
    func clients() async throws {
        try await withServerBehindProxy { server in
            let desk = try await Desk(server, at: "203.0.113.7")
            let new = try await desk.call(.post, "credentials", body: "{}")
            let (key, secret) = (try new.text("tenantKey"), try new.text("tenantSecret"))
            for _ in 0..<2 {
                server.clock.advance(by: 60)
                _ = try await server.login(.ada, from: "198.51.100.1", userAgent: "old/1")
            }
            _ = try await server.login(.ada, from: "198.51.100.2", key: key, secret: secret, userAgent: "new/2")
            _ = try await server.login(.ada, from: "198.51.100.3", secret: "a wrong secret", userAgent: "stranger")
            let clients = try #require(try await desk.call(.get, "credentials/\(Account.ada.key)/clients").items)
            try #require(clients.map { $0["address"]?.string } == ["198.51.100.1", "203.0.113.7"])
            #expect(clients.map { $0["userAgent"]?.string } == ["old/1", nil])
            #expect(clients[0]["uses"] == .number("2"))
            #expect(clients[0]["firstAt"]?.string == Timestamp(seconds: 1_767_268_860).description)
            #expect(clients[0]["lastAt"]?.string == Timestamp(seconds: 1_767_268_920).description)
            let users = try await desk.call(.get, "credentials/\(key)/clients").items
            #expect(users?.map { $0["userAgent"]?.string } == ["new/2"])
            let last = try await desk.call(.get, "credentials").items?.map { $0["lastUsedAt"]?.string }
            #expect(last == Array(repeating: Timestamp(seconds: 1_767_268_920).description, count: 2))
            _ = try await server.login(.ada, from: "198.51.100.1", userAgent: "old/1")
            let again = try await desk.call(.get, "credentials/\(Account.ada.key)/clients").items
            #expect(again?.first?["uses"] == .number("3"))
        }
    }

    @Test("are used by who asks about a token, too")
    func introspection() async throws {
        try await withServerBehindProxy { server in
            let desk = try await Desk(server, at: "203.0.113.7")
            let basic = Data("\(Account.ada.key):\(Account.secret)".utf8).base64EncodedString()
            var headers: HTTPFields = [.authorization: "Basic \(basic)", .userAgent: "resource/1"]
            headers[.forwardedFor] = "198.51.100.9"
            let body = #"{"token":"\#(desk.token)"}"#
            let path = "/api/v2.1/admin/sessions/introspect"
            #expect(try await server.call(.post, path, headers: headers, body: body).status == 200)
            let clients = try await desk.call(.get, "credentials/\(Account.ada.key)/clients").items
            #expect(clients?.contains { $0["userAgent"]?.string == "resource/1" } == true)
        }
    }

    @Test("are listed for 30 days after their end, and then no more")
    func housekeeping() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let new = try await desk.call(.post, "credentials", body: #"{"overlapSeconds":0}"#)
            let (key, secret) = (try new.text("tenantKey"), try new.text("tenantSecret"))
            server.clock.advance(by: 30 * 86_400)
            try await server.beat()
            let later = try Tokens(try await server.login(key: key, secret: secret))
            let path = "/api/v2.1/admin/tenant/credentials"
            #expect(try await server.call(.get, path, token: later.token).items?.count == 2)
            server.clock.advance(by: 1)
            try await server.beat()
            let items = try await server.call(.get, path, token: later.token).items
            #expect(items?.map { $0["tenantKey"]?.string } == [key])
        }
    }
}

extension Answer {
    /// What a list holds.
    var items: [JSONObject]? {
        data?["items"]?.array?.compactMap(\.object)
    }
}
