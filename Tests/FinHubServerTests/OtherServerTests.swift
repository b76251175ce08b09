import FinHubAPI
import HTTPTypes
import Testing

/// Two servers on one store, before either has read what the other wrote to the feed.
@Suite("Beside another server")
struct OtherServerTests {
    @Test("ending a session that another server ended refuses its tokens here at once")
    func endedElsewhere() async throws {
        try await withServer { server in
            let admin = try await server.session()
            let tokens = try await server.session()
            let path = "/api/v2.1/admin/sessions/\(tokens.session)"
            try await server.another { other in
                let answer = try await other.call(.delete, path, token: admin.token)
                #expect(answer.status == 200)
            }
            #expect(try await server.current(tokens.token).status == 200)
            #expect(try await server.call(.delete, path, token: admin.token).status == 200)
            #expect(try await server.current(tokens.token).error == "SESSION_REVOKED")
        }
    }

    @Test("a session that another server ended with all others can't be spared here any more")
    func cutOffElsewhere() async throws {
        try await withServer { server in
            let tokens = try await server.session()
            try await server.another { other in
                let all = try await other.call(.delete, Account.ada.sessionsPath, token: tokens.token)
                #expect(all.data?["ended"] == .number("1"))
            }
            let path = Account.ada.sessionsPath + "?except=current"
            #expect(try await server.call(.delete, path, token: tokens.token).data?["ended"] == .number("0"))
            #expect(try await server.current(tokens.token).error == "SESSION_REVOKED")
        }
    }
}
