import FinHubAPI
import FinHubCore
import FinHubTestSupport
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import FinHubServer

@Suite("Limited calls")
struct LimitedCallTests {
    @Test("every answer of a limited route tells how the caller stands with the tightest limit")
    func headers() async throws {
        let limits = try RateLimits(rest: RatePlan(perTenant: limit(60, 10), perSession: limit(60, 3)))
        try await withServer(limits: limits) { server in
            let tokens = try await server.session()
            let answers = [
                try await server.current(tokens.token),
                try await server.call(.get, "/api/v2.1/admin/sessions/\(SessionID.random())", token: tokens.token),
                try await server.call(.get, "/api/v2.1/admin/sessions/x", token: tokens.token),
                try await server.current(tokens.token),
            ]
            #expect(answers.map(\.status) == [200, 404, 400, 429])
            #expect(answers.map(\.standing) == ["3 2 1", "3 1 2", "3 0 3", "3 0 3"])
            #expect(answers.map { $0.headers[.retryAfter] } == [nil, nil, nil, "1"])
            #expect(answers[3].error == "RATE_LIMITED")
            server.clock.advance(by: 1)
            #expect(try await server.current(tokens.token).status == 200)
        }
    }

    @Test("what is not limited says nothing of limits")
    func unlimited() async throws {
        try await withServer(limits: RateLimits(login: RatePlan(perTenant: limit(60, 5)))) { server in
            let login = try await server.login()
            #expect(login.standing == "5 4 1")
            let tokens = try Tokens(login)
            #expect(try await server.current(tokens.token).standing == nil)
            let health = try await server.client.execute(uri: "/livez", method: .get)
            #expect(health.headers[.rateLimitLimit] == nil)
        }
    }

    @Test("one tenant's flood gets another tenant's calls nowhere near a refusal")
    func fairness() async throws {
        let plan = try RatePlan(perTenant: limit(60, 5))
        try await withServer(limits: RateLimits(login: plan, refresh: plan, rest: plan)) { server in
            let (ada, grace) = (try await server.session(), try await server.session(.grace))
            for index in 0..<50 {
                let answer = try await server.current(ada.token)
                #expect(answer.status == (index < 5 ? 200 : 429))
            }
            let answer = try await server.current(grace.token, .grace)
            #expect(answer.status == 200)
            #expect(answer.standing == "5 4 1")
        }
    }

    @Test("slug and UUID, in any case, are one tenant")
    func spelling() async throws {
        let limits = try RateLimits(login: RatePlan(perTenant: limit(60, 3)))
        try await withServer(limits: limits) { server in
            let names = [Account.ada.slug, Account.ada.tenant.description, Account.ada.tenant.description.uppercased()]
            for name in names {
                let answer = try await server.login(tenant: name)
                #expect(answer.status == 200)
            }
            for name in names {
                let answer = try await server.login(tenant: name)
                #expect(answer.error == "RATE_LIMITED")
            }
        }
    }

    @Test("a tenant's limit is spent by its own tokens and credentials alone")
    func forgery() async throws {
        let plan = try RatePlan(perTenant: limit(60, 2), perSession: limit(60, 2))
        try await withServer(limits: RateLimits(login: plan, refresh: plan, rest: plan)) { server in
            let tokens = try await server.session()
            for _ in 0..<5 {
                #expect(try await server.login(secret: "wrong").error == "INVALID_TENANT_CREDENTIALS")
                #expect(try await server.current(tokens.token + "x").error == "TOKEN_INVALID")
                #expect(try await server.current(tokens.token, .grace).error == "TENANT_MISMATCH")
            }
            #expect(try await server.current(tokens.token).standing == "2 1 1")
            #expect(try await server.login().standing == "2 0 2")
        }
    }

    @Test("login, refresh and the rest have limits of their own")
    func classes() async throws {
        let one = try RatePlan(perTenant: limit(1, 1))
        try await withServer(limits: RateLimits(login: one, refresh: one, rest: one)) { server in
            let tokens = try await server.session()
            // These hash passwords too.
            for path in [Account.ada.usersPath, "/api/v2.1/admin/users/login/reset"] {
                let answer = try await server.call(.post, path, token: tokens.token, body: "{}")
                #expect(answer.error == "RATE_LIMITED", "\(path)")
            }
            #expect(try await server.current(tokens.token).status == 200)
            #expect(try await server.refresh(tokens).status == 200)
            #expect(try await server.login().error == "RATE_LIMITED")
            #expect(try await server.current(tokens.token).error == "RATE_LIMITED")
            #expect(try await server.refresh(tokens).error == "RATE_LIMITED")
        }
    }

    @Test("one session's flood leaves the tenant's other sessions what is the tenant's")
    func sessions() async throws {
        let limits = try RateLimits(rest: RatePlan(perTenant: limit(60, 5), perSession: limit(60, 3)))
        try await withServer(limits: limits) { server in
            let (first, second) = (try await server.session(), try await server.session())
            for _ in 0..<20 { _ = try await server.current(first.token) }
            #expect(try await server.current(second.token).standing == "5 1 4")
        }
    }

    @Test("a clock set back refuses nobody")
    func clock() async throws {
        let limits = try RateLimits(rest: RatePlan(perTenant: limit(60, 2)))
        try await withServer(limits: limits) { server in
            server.clock.advance(by: 20)
            _ = try await server.session()
            server.clock.advance(by: -1_800)
            let tokens = try await server.session()
            server.clock.advance(by: 1_800)
            for _ in 0..<2 { _ = try await server.current(tokens.token) }
            #expect(try await server.current(tokens.token).status == 429)
            server.clock.advance(by: -1_800)
            #expect(try await server.current(tokens.token).status == 200)
        }
    }

    @Test("a header that anybody can write gives nobody a new address", arguments: [[], ["203.0.113.0/24"]])
    func forwarded(trusted: [String]) throws {
        let calls = CallLimits(
            limits: RateLimits(rest: RatePlan(perAddress: try limit(60, 3))),
            addresses: ClientAddressRule(trustedProxies: trusted.compactMap { NetworkRange($0) }),
            now: { Timestamp(seconds: 1_767_268_800) }
        )
        func call(_ forwarded: String) throws -> Bool {
            let peer = Peer(try SocketAddress(ipAddress: "203.0.113.9", port: 1))
            let head = HTTPRequest(
                method: .get,
                scheme: "http",
                authority: "finhub.example",
                path: "/api/v2.1/admin/sessions/current",
                headerFields: [.forwardedFor: forwarded]
            )
            let request = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
            do {
                try calls.admit(request, from: peer, for: .rest)
                return true
            } catch is RateLimited {
                return false
            }
        }
        let forged = try (0..<5).map { try call("198.51.100.\($0), 192.0.2.1") }
        #expect(forged == [true, true, true, false, false])
        #expect(try call("192.0.2.1, 192.0.2.2") == !trusted.isEmpty)
    }

    private func limit(_ perMinute: Int, _ burst: Int) throws -> RateLimit {
        try #require(RateLimit(perMinute: perMinute, burst: burst))
    }
}

extension Answer {
    /// Limit, remaining and reset; `nil` without these headers.
    fileprivate var standing: String? {
        let values = [HTTPField.Name.rateLimitLimit, .rateLimitRemaining, .rateLimitReset].compactMap { headers[$0] }
        return values.isEmpty ? nil : values.joined(separator: " ")
    }
}
