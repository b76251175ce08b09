import FinHubAPI
import FinHubCore
import FinHubTestSupport
import HTTPTypes
import Testing

@testable import FinHubServer

@Suite("What keeps a token out keeps introspection out")
struct IntrospectionTests {
    @Test("an address that is not on the allowlist")
    func allowlist() async throws {
        try await withServerBehindProxy { server in
            let desk = try await Desk(server, at: "203.0.113.7")
            #expect(try await server.introspect(desk.token, from: "198.51.100.1").status == 200)
            #expect(try await desk.allow(["203.0.113.0/24"]).status == 200)
            let answer = try await server.introspect(desk.token, from: "198.51.100.1")
            #expect(answer.status == 403)
            #expect(answer.error == "IP_NOT_ALLOWED")
            #expect(try await server.introspect(desk.token, from: "203.0.113.8").data?["active"] == .bool(true))
        }
    }

    @Test("a suspended tenant")
    func suspended() async throws {
        try await withServer { server in
            let token = try await server.session().token
            try await server.services.setActive(false, tenantNamed: Account.ada.slug)
            try await server.beat()
            let answer = try await server.introspect(token)
            #expect(answer.status == 403)
            #expect(answer.error == "TENANT_SUSPENDED")
        }
    }

    @Test("a restriction makes a token good for nothing elsewhere")
    func restricted() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let tokens = try await server.session()
            #expect(try await server.introspect(tokens.token).data?["active"] == .bool(true))
            #expect(try await desk.setPolicy { $0.secondFactorRequired = true }.status == 200)
            let renewed = try Tokens(await server.refresh(tokens))
            #expect(try await server.introspect(renewed.token).data?.members.map(\.name) == ["active"])
            #expect(try await server.introspect(renewed.token).data?["active"] == .bool(false))
        }
    }

    @Test("ends of sessions that can't be learned of, where the policy is strict", arguments: [false, true])
    func strict(_ isStrict: Bool) async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            #expect(try await desk.setPolicy { $0.strictRevocation = isStrict }.status == 200)
            server.clock.advance(by: 4)
            #expect(try await server.introspect(desk.token).status == 200)
            #expect(try await desk.current().status == 200)
            server.clock.advance(by: 1)
            for answer in [try await server.introspect(desk.token), try await desk.current()] {
                #expect(answer.status == (isStrict ? 503 : 200))
                #expect(answer.error == (isStrict ? "OVERLOADED" : nil))
                #expect((answer.headers[.retryAfter] == "1") == isStrict)
            }
        }
    }
}

extension TestServer {
    /// Asks about a token, as the first tenant's backend.
    fileprivate func introspect(_ token: String, from address: String? = nil) async throws -> Answer {
        var headers: HTTPFields = [.authorization: "Basic " + Base64.encode("\(Account.ada.key):\(Account.secret)")]
        headers[.forwardedFor] = address
        return try await call(
            .post,
            "/api/v2.1/admin/sessions/introspect",
            headers: headers,
            body: #"{"token":"\#(token)"}"#
        )
    }
}
