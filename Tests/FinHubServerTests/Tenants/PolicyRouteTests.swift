import FinHubAPI
import FinHubCore
import FinHubTestSupport
import HTTPTypes
import Testing

@Suite("Session policy")
struct PolicyRouteTests {
    @Test("is shown whole, with the tag of its edition")
    func show() async throws {
        try await withServer { server in
            let answer = try await Desk(server).call(.get, "policy")
            #expect(answer.status == 200)
            #expect(answer.headers[.eTag] == "\"1\"")
            #expect(answer.headers[.cacheControl] == "no-store")
            let policy = try PolicyBody(try #require(answer.data))
            #expect(policy == SessionPolicy.standard.body)
        }
    }

    @Test("is replaced by who knows the edition, and is in force at the next login")
    func replace() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let answer = try await desk.setPolicy(ifMatch: "\"1\"") {
                $0.tokenLifetimeSeconds = 600
                $0.absoluteLifetimeSeconds = 900
            }
            #expect(answer.status == 200)
            #expect(answer.headers[.eTag] == "\"2\"")
            #expect(answer.data?["tokenLifetimeSeconds"] == .number("600"))
            #expect(try await desk.call(.get, "policy").headers[.eTag] == "\"2\"")
            #expect(try await server.login().data?["expiresIn"] == .number("600"))
            #expect(try await server.login(.grace).data?["expiresIn"] == .number("3600"))
        }
    }

    @Test("of two administrators who change it at once, the second is told")
    func atOnce() async throws {
        try await withServer { server in
            let (one, other) = (try await Desk(server), try await Desk(server))
            let tag = try #require(try await one.call(.get, "policy").headers[.eTag])
            #expect(try await one.setPolicy(ifMatch: tag) { $0.bindToDevice = true }.status == 200)
            let late = try await other.setPolicy(ifMatch: tag) { $0.refreshRetryWindowSeconds = 0 }
            #expect(late.status == 412)
            #expect(late.error == "PRECONDITION_FAILED")
            let now = try await one.call(.get, "policy")
            #expect(now.data?["bindToDevice"] == .bool(true))
            #expect(now.data?["refreshRetryWindowSeconds"] == .number("30"))
        }
    }

    @Test("of sixteen changes to one edition exactly one is made")
    func race() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 1...16 {
                    group.addTask {
                        try await desk.setPolicy(ifMatch: "\"1\"") { $0.refreshRetryWindowSeconds = index }.status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.filter { $0 == 200 }.count == 1)
            #expect(statuses.filter { $0 == 412 }.count == 15)
        }
    }

    @Test(
        "needs If-Match, and no weak tag is one",
        arguments: zip([nil, "W/\"1\"", "\"0\"", "1"], [428, 412, 412, 412])
    )
    func precondition(tag: String?, status: Int) async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let body = String(decoding: SessionPolicy.standard.body.jsonBytes, as: UTF8.self)
            #expect(try await desk.call(.put, "policy", ifMatch: tag, body: body).status == status)
            #expect(try await desk.call(.get, "policy").headers[.eTag] == "\"1\"")
        }
    }

    @Test(
        "is refused out of bounds, at each edge, and nothing is changed",
        arguments: [
            (#""tokenLifetimeSeconds":3600"#, #""tokenLifetimeSeconds":299"#, "tokenLifetimeSeconds"),
            (#""tokenLifetimeSeconds":3600"#, #""tokenLifetimeSeconds":3601"#, "tokenLifetimeSeconds"),
            (#""tokenLifetimeSeconds":3600"#, #""tokenLifetimeSeconds":"600""#, "tokenLifetimeSeconds"),
            (#""tokenLifetimeSeconds":3600"#, #""tokenLifetimeSeconds":1e308"#, "tokenLifetimeSeconds"),
            (#""absoluteLifetimeSeconds":43200"#, #""absoluteLifetimeSeconds":2592001"#, "absoluteLifetimeSeconds"),
            (#""absoluteLifetimeSeconds":43200"#, #""absoluteLifetimeSeconds":3599"#, "absoluteLifetimeSeconds"),
            (#""refreshRetryWindowSeconds":30"#, #""refreshRetryWindowSeconds":-1"#, "refreshRetryWindowSeconds"),
            (#""refreshRetryWindowSeconds":30"#, #""refreshRetryWindowSeconds":3601"#, "refreshRetryWindowSeconds"),
            (
                #""concurrentSessions":null"#, #""concurrentSessions":{"maximum":0,"whenFull":"REFUSE"}"#,
                "concurrentSessions.maximum"
            ),
            (
                #""concurrentSessions":null"#, #""concurrentSessions":{"maximum":1001,"whenFull":"REFUSE"}"#,
                "concurrentSessions.maximum"
            ),
            (
                #""concurrentSessions":null"#, #""concurrentSessions":{"maximum":1,"whenFull":"ASK"}"#,
                "concurrentSessions.whenFull"
            ),
            (#""passwordMaximumAgeDays":null"#, #""passwordMaximumAgeDays":0"#, "passwordMaximumAgeDays"),
            (#""passwordMaximumAgeDays":null"#, #""passwordMaximumAgeDays":3651"#, "passwordMaximumAgeDays"),
            (#""passwordRules":"NIST""#, #""passwordRules":"nist""#, "passwordRules"),
            (#""strictRevocation":false"#, #""strictRevocation":0"#, "strictRevocation"),
            (#","strictRevocation":false"#, "", "strictRevocation"),
        ]
    )
    func bounds(of part: String, as other: String, field: String) async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let whole = String(decoding: SessionPolicy.standard.body.jsonBytes, as: UTF8.self)
            try #require(whole.contains(part))
            let body = whole.replacing(part, with: other)
            let answer = try await desk.call(.put, "policy", ifMatch: "*", body: body)
            #expect(answer.status == 400)
            #expect(answer.error == "VALIDATION_FAILED")
            #expect(answer.data?["field"]?.string == field)
            #expect(try await desk.call(.get, "policy").headers[.eTag] == "\"1\"")
        }
    }

    @Test("is taken at the edge of each bound")
    func edges() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let least = try await desk.setPolicy {
                $0.tokenLifetimeSeconds = 300
                $0.absoluteLifetimeSeconds = 300
                $0.refreshRetryWindowSeconds = 0
                $0.concurrentSessions = .init(maximum: 1, whenFull: "REFUSE")
                $0.passwordMaximumAgeDays = 3_650
            }
            #expect(least.status == 200)
            let most = try await desk.setPolicy {
                $0.absoluteLifetimeSeconds = 2_592_000
                $0.refreshRetryWindowSeconds = 3_600
                $0.concurrentSessions = .init(maximum: 1_000, whenFull: "EVICT_LONGEST_IDLE")
            }
            #expect(most.status == 200)
        }
    }

    @Test("of one tenant is nothing to another")
    func tenants() async throws {
        try await withServer { server in
            let (ada, grace) = (try await Desk(server), try await Desk(server, .grace))
            #expect(try await ada.setPolicy { $0.strictRevocation = true }.status == 200)
            let answer = try await grace.call(.get, "policy")
            #expect(answer.headers[.eTag] == "\"1\"")
            #expect(answer.data?["strictRevocation"] == .bool(false))
            let mixed = try await server.call(
                .get,
                "/api/v2.1/admin/tenant/policy",
                tenant: Account.grace.slug,
                token: ada.token
            )
            #expect(mixed.error == "TENANT_MISMATCH")
        }
    }

    @Test("of another server is in force here when the feed is read")
    func otherServer() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            try await server.another { other in
                let there = try await Desk(other)
                #expect(try await there.setPolicy { $0.tokenLifetimeSeconds = 300 }.status == 200)
            }
            #expect(try await server.login().data?["expiresIn"] == .number("3600"))
            try await server.beat()
            #expect(try await server.login().data?["expiresIn"] == .number("300"))
            #expect(try await desk.setPolicy(ifMatch: "\"1\"") { $0.bindToDevice = true }.status == 412)
        }
    }

    @Test("that is strict refuses calls, of its tenant alone, while the feed can't be read")
    func strict() async throws {
        try await withServer { server in
            let (ada, grace) = (try await Desk(server), try await Desk(server, .grace))
            #expect(try await ada.setPolicy { $0.strictRevocation = true }.status == 200)
            #expect(try await ada.current().status == 200)
            server.clock.advance(by: 5)
            let refused = try await ada.current()
            #expect(refused.status == 503)
            #expect(refused.error == "OVERLOADED")
            #expect(try await grace.current().status == 200)
            try await server.beat()
            #expect(try await ada.current().status == 200)
        }
    }
}
