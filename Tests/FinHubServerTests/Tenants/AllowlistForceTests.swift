import FinHubAPI
import HTTPTypes
import Testing

@testable import FinHubCore
@testable import FinHubServer

@Suite("IP allowlist: in force")
struct AllowlistForceTests {
    @Test("is in force on login, refresh and every call, of its tenant alone")
    func everywhere() async throws {
        try await withServerBehindProxy { server in
            let desk = try await Desk(server, at: "203.0.113.7")
            let tokens = try Tokens(try await server.login(.ada, from: "203.0.113.7"))
            #expect(try await desk.allow(["203.0.113.0/24"]).status == 200)
            for address in ["198.51.100.1", "203.0.114.1", "::ffff:198.51.100.1", "2001:db8::1"] {
                #expect(try await server.login(.ada, from: address).error == "IP_NOT_ALLOWED")
                #expect(try await server.refresh(tokens, from: address).error == "IP_NOT_ALLOWED")
                let away = desk.moved(to: address)
                #expect(try await away.current().error == "IP_NOT_ALLOWED")
                #expect(try await away.call(.get, "policy").error == "IP_NOT_ALLOWED")
                #expect(try await server.login(.grace, from: address).status == 200)
            }
            for address in ["203.0.113.255", "::ffff:203.0.113.9", "::ffff:cb00:7109"] {
                #expect(try await server.login(.ada, from: address).status == 200)
                #expect(try await desk.moved(to: address).current().status == 200)
            }
            #expect(try await server.refresh(tokens, from: "203.0.113.9").status == 200)
        }
    }

    @Test("believes the right-most address that is no trusted proxy, and no other")
    func forwarded() async throws {
        try await withServerBehindProxy { server in
            let desk = try await Desk(server, at: "203.0.113.7")
            #expect(try await desk.allow(["203.0.113.0/24"]).status == 200)
            #expect(try await desk.moved(to: "203.0.113.7, 198.51.100.1").current().error == "IP_NOT_ALLOWED")
            #expect(try await desk.moved(to: "198.51.100.1, 203.0.113.7").current().status == 200)
            #expect(try await desk.moved(to: "203.0.113.7, 127.0.0.1").current().status == 200)
            for unreadable in ["203.0.113.7, x", "203.0.113.07", "203.0.113.7:80", ""] {
                #expect(try await desk.moved(to: unreadable).current().error == "IP_NOT_ALLOWED")
            }
        }
    }

    @Test("does not believe who is no trusted proxy")
    func untrusted() async throws {
        let elsewhere = try #require(NetworkRange("192.0.2.0/24"))
        try await withServer(trustedProxies: [elsewhere]) { server in
            let desk = try await Desk(server, at: "203.0.113.7")
            #expect(try await desk.allow(["203.0.113.0/24"]).error == "WOULD_LOCK_OUT")
            #expect(try await desk.allow(["203.0.113.0/24"], force: true).status == 200)
            #expect(try await desk.current().error == "IP_NOT_ALLOWED")
        }
    }

    @Test("is spoken of only to who has the tenant's secret")
    func credentialsFirst() async throws {
        try await withServerBehindProxy { server in
            let desk = try await Desk(server, at: "203.0.113.7")
            #expect(try await desk.allow(["203.0.113.0/24"]).status == 200)
            let stranger = try await server.login(.ada, from: "198.51.100.1", secret: "a wrong secret")
            #expect(stranger.error == "INVALID_TENANT_CREDENTIALS")
        }
    }

    @Test("of another server is in force here when the feed is read")
    func otherServer() async throws {
        try await withServerBehindProxy { server in
            let desk = try await Desk(server, at: "203.0.113.7")
            try await server.another { other in
                let there = try await Desk(other, at: "198.51.100.7")
                #expect(try await there.allow(["198.51.100.0/24"]).status == 200)
            }
            #expect(try await desk.current().status == 200)
            try await server.beat()
            #expect(try await desk.current().error == "IP_NOT_ALLOWED")
            #expect(try await desk.moved(to: "198.51.100.8").current().status == 200)
        }
    }

    @Test("an older reading of the tenant does not put back what was adopted since")
    func olderReading() async throws {
        try await withServerBehindProxy { server in
            let desk = try await Desk(server, at: "203.0.113.7")
            let older = try #require(try await server.stores.directory.tenant(Account.ada.tenant))
            #expect(try await desk.allow(["203.0.113.0/24"]).status == 200)
            #expect(try await desk.setPolicy { $0.tokenLifetimeSeconds = 300 }.status == 200)
            server.services.tenants.update(older)
            #expect(try await desk.moved(to: "198.51.100.1").current().error == "IP_NOT_ALLOWED")
            #expect(try await server.login(.ada, from: "203.0.113.7").data?["expiresIn"] == .number("300"))
        }
    }

    @Test("a suspended tenant's live tokens are refused, and work again when it is let in")
    func suspension() async throws {
        try await withServer { server in
            let (ada, grace) = (try await Desk(server), try await Desk(server, .grace))
            let tokens = try await server.session()
            try await server.services.tenantAdministration.setStatus(of: Account.ada.tenant, to: .suspended)
            try await server.beat()
            let refused = try await ada.current()
            #expect(refused.status == 403)
            #expect(refused.error == "TENANT_SUSPENDED")
            #expect(try await server.login().error == "TENANT_SUSPENDED")
            #expect(try await server.refresh(tokens).error == "TENANT_SUSPENDED")
            #expect(try await ada.call(.get, "policy").error == "TENANT_SUSPENDED")
            #expect(try await grace.current().status == 200)
            try await server.services.tenantAdministration.setStatus(of: Account.ada.tenant, to: .active)
            try await server.beat()
            #expect(try await ada.current().status == 200)
            #expect(try await server.refresh(tokens).status == 200)
        }
    }
}

extension TestServer {
    fileprivate func refresh(_ tokens: Tokens, from address: String) async throws -> Answer {
        var headers: HTTPFields = [:]
        headers[.forwardedFor] = address
        return try await call(
            .post,
            "/api/v2.1/admin/sessions/\(tokens.session)/refresh",
            token: tokens.token,
            headers: headers,
            body: #"{"refreshToken":"\#(tokens.refreshToken)"}"#
        )
    }
}
