import FinHubAPI
import FinHubTestSupport
import HTTPTypes
import Testing

@Suite("Concurrent sessions")
struct ConcurrencyTests {
    @Test(
        "the session that makes room is told so, on other servers too",
        arguments: ["EVICT_OLDEST", "EVICT_LONGEST_IDLE"]
    )
    func evicted(_ whenFull: String) async throws {
        try await withServer { server in
            let oldest = try await server.session()
            let desk = Desk(server, token: oldest.token)
            #expect(try await desk.limitSessions(to: 3, whenFull).status == 200)
            server.clock.advance(by: 10)
            let first = try await server.session()
            server.clock.advance(by: 10)
            let second = try await server.session()
            server.clock.advance(by: 10)
            // It was opened first; a refresh makes it the least idle.
            #expect(try await server.refresh(oldest).status == 200)
            try await server.another { other in
                #expect(try await server.login().status == 200)
                let (gone, kept) =
                    whenFull == "EVICT_OLDEST" ? (oldest.token, first.token) : (first.token, oldest.token)
                for server in [server, other] {
                    try await server.beat()
                    let answer = try await server.current(gone)
                    #expect(answer.status == 401)
                    #expect(answer.error == "SESSION_SUPERSEDED")
                    #expect(try await server.current(kept).status == 200)
                    #expect(try await server.current(second.token).status == 200)
                }
                if whenFull == "EVICT_LONGEST_IDLE" {
                    #expect(try await server.refresh(first).error == "SESSION_SUPERSEDED")
                }
                // Another tenant's sessions are another matter.
                #expect(try await server.login(.grace).status == 200)
            }
        }
    }

    @Test("a session too many is refused, and when one was ended there is room")
    func refused() async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let first = try await server.session()
            #expect(try await desk.limitSessions(to: 2, "REFUSE").status == 200)
            let answer = try await server.login()
            #expect(answer.status == 409)
            #expect(answer.error == "SESSION_LIMIT_REACHED")
            let wrong = try await server.login(password: "wrong, wrong, wrong")
            #expect(wrong.error == "INVALID_CREDENTIALS")
            let path = "/api/v2.1/admin/sessions/\(first.session)"
            #expect(try await server.call(.delete, path, token: desk.token).status == 200)
            #expect(try await server.login().status == 200)
            #expect(try await server.login().status == 409)
            server.clock.advance(by: 3_600)
            #expect(try await server.login().status == 200)
        }
    }

    @Test("with one session per user, exactly one of any number of logins at once stays")
    func single() async throws {
        try await withServer { server in
            #expect(try await Desk(server).limitSessions(to: 1, "EVICT_OLDEST").status == 200)
            let tokens = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 { group.addTask { try await server.session().token } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            var statuses: [Int] = []
            for token in tokens { statuses.append(try await server.current(token).status) }
            #expect(statuses.filter { $0 == 200 }.count == 1)
            #expect(statuses.filter { $0 == 401 }.count == 7)
        }
    }
}

extension Desk {
    func limitSessions(to maximum: Int, _ whenFull: String) async throws -> Answer {
        try await setPolicy {
            $0.concurrentSessions = PolicyBody.ConcurrentSessions(maximum: maximum, whenFull: whenFull)
        }
    }
}
