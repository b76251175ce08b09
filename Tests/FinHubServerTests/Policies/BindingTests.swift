import FinHubAPI
import FinHubTestSupport
import HTTPTypes
import Testing

@testable import FinHubServer

@Suite("Client binding")
struct BindingTests {
    @Test("a session bound to its address works from there alone; IPv6 from the network")
    func address() async throws {
        try await withServerBehindProxy { server in
            let desk = try await Desk(server, at: "198.51.100.7")
            #expect(try await desk.setPolicy { $0.bindToAddress = true }.status == 200)
            // It was there before, and is bound by its next refresh.
            #expect(try await desk.moved(to: "203.0.113.9").current().status == 200)
            let bound = try await Desk(server, at: "198.51.100.7")
            #expect(try await bound.current().status == 200)
            #expect(try await bound.moved(to: "::ffff:198.51.100.7").current().status == 200)
            let moved = try await bound.moved(to: "198.51.100.8").current()
            #expect(moved.status == 401)
            #expect(moved.error == "TOKEN_INVALID")
            #expect(try moved.text("details").contains("bound"))
            // Nothing was ended by it.
            #expect(try await bound.current().status == 200)
            let six = try await Desk(server, at: "2001:db8:0:1::1")
            #expect(try await six.moved(to: "2001:db8:0:1:ffff::2").current().status == 200)
            #expect(try await six.moved(to: "2001:db8:0:2::1").current().status == 401)
        }
    }

    @Test("a refresh from elsewhere is refused, and one from the client binds the next token as well")
    func refresh() async throws {
        try await withServerBehindProxy { server in
            #expect(try await Desk(server, at: "192.0.2.1").setPolicy { $0.bindToAddress = true }.status == 200)
            let tokens = try Tokens(try await server.login(.ada, from: "192.0.2.1"))
            #expect(try await server.refresh(tokens, from: "192.0.2.2").error == "TOKEN_INVALID")
            let renewed = try Tokens(try await server.refresh(tokens, from: "192.0.2.1"))
            #expect(try await server.current(renewed.token, from: "192.0.2.1").status == 200)
            #expect(try await server.current(renewed.token, from: "192.0.2.2").status == 401)
        }
    }

    @Test("a session is bound to its device, also to having none, and lets go of it when the policy does")
    func device() async throws {
        try await withServerBehindProxy { server in
            let desk = try await Desk(server, at: "192.0.2.1")
            #expect(try await desk.setPolicy { $0.bindToDevice = true }.status == 200)
            let named = try Tokens(try await server.login(.ada, device: "till-7"))
            let unnamed = try Tokens(try await server.login(.ada, device: nil))
            #expect(try await server.current(named.token, device: "till-7").status == 200)
            #expect(try await server.current(named.token, device: "till-8").status == 401)
            #expect(try await server.current(named.token, device: nil).status == 401)
            #expect(try await server.current(unnamed.token, device: nil).status == 200)
            #expect(try await server.current(unnamed.token, device: "till-7").status == 401)
            #expect(try await desk.setPolicy { $0.bindToDevice = false }.status == 200)
            #expect(try await server.current(named.token, device: "till-8").status == 401)
            let free = try Tokens(try await server.refresh(named, device: "till-7"))
            #expect(try await server.current(free.token, device: "till-8").status == 200)
        }
    }

    @Test("the code in a token is another one for each session")
    func codes() async throws {
        try await withServerBehindProxy { server in
            #expect(try await Desk(server, at: "192.0.2.1").setPolicy { $0.bindToAddress = true }.status == 200)
            var codes: Set<String> = []
            for _ in 0..<2 {
                let tokens = try Tokens(try await server.login(.ada, from: "192.0.2.1"))
                let payload = try #require(tokens.token.split(separator: ".").dropFirst().first)
                let bytes = try #require(Base64URL.decode(payload.utf8))
                let code = try JSON(bytes).object?["cnf"]?.object?["client"]?.string
                codes.insert(try #require(code))
            }
            #expect(codes.count == 2)
        }
    }
}

extension TestServer {
    private func headers(_ address: String?, _ device: String?) -> HTTPFields {
        var headers: HTTPFields = [:]
        headers[.forwardedFor] = address
        headers[.deviceID] = device
        return headers
    }

    fileprivate func login(_ account: Account, device: String?) async throws -> Answer {
        let body = CreateSessionBody(
            username: account.username,
            password: Secret(Account.password),
            tenantKey: account.key,
            tenantSecret: Secret(Account.secret)
        )
        return try await call(
            .post,
            account.sessionsPath,
            tenant: account.slug,
            headers: headers("192.0.2.1", device),
            body: String(decoding: body.jsonBytes, as: UTF8.self)
        )
    }

    fileprivate func current(
        _ token: String,
        from address: String = "192.0.2.1",
        device: String? = nil
    ) async throws -> Answer {
        try await call(.get, "/api/v2.1/admin/sessions/current", token: token, headers: headers(address, device))
    }

    fileprivate func refresh(
        _ tokens: Tokens,
        from address: String = "192.0.2.1",
        device: String? = nil
    ) async throws -> Answer {
        try await call(
            .post,
            "/api/v2.1/admin/sessions/\(tokens.session)/refresh",
            token: tokens.token,
            headers: headers(address, device),
            body: #"{"refreshToken":"\#(tokens.refreshToken)"}"#
        )
    }
}
