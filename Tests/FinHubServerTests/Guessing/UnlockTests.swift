import FinHubAPI
import FinHubCore
import HTTPTypes
import Testing

@testable import FinHubServer

@Suite("Unlock a user")
struct UnlockTests {
    @Test("the answer to too many attempts says how long to wait, and is one for users that are and are not there")
    func answer() async throws {
        try await withServer { server in
            var answers: [Answer] = []
            let unknown = "/api/v2.1/admin/organization/\(OrganizationID.random())/users/\(UserID.random())/sessions"
            for path in [nil, unknown] {
                for _ in 0..<5 {
                    let answer = try await server.login(
                        username: path == nil ? nil : "x",
                        password: "wrong",
                        path: path
                    )
                    #expect(answer.error == "INVALID_CREDENTIALS")
                }
                answers.append(try await server.login(username: path == nil ? nil : "x", path: path))
            }
            for answer in answers {
                #expect(answer.status == 429)
                #expect(answer.error == "TOO_MANY_ATTEMPTS")
                #expect(answer.headers[.retryAfter] == "60")
                #expect(answer.json == answers[0].json)
                #expect(answer.headers.map(\.name) == answers[0].headers.map(\.name))
            }
        }
    }

    @Test("an administrator takes back what keeps a user out, by whatever name and from whatever client")
    func unlock() async throws {
        try await withOffice { server in
            let (lin, kai) = (try await server.session(.lin), try await server.session(.kai))
            for attempt in [Attempt.wrong(.lin), .wrong(.lin, from: nil)] { _ = await server.attempts(5, attempt) }
            #expect(await server.attempt(.right(.lin)) == .mustWait(60))
            #expect(await server.attempt(.right(.lin, from: nil)) == .mustWait(60))
            let own = try await server.unlock(Account.lin.user, lin, in: .lin)
            #expect(own.status == 403)
            #expect(own.error == "OTHER_ADMIN_REQUIRED")
            #expect(await server.attempt(.right(.lin)) == .mustWait(60))
            #expect(try await server.unlock(Account.lin.user, kai, in: .lin).status == 200)
            #expect(try await server.unlock(Account.lin.user, kai, in: .lin).status == 200)
            #expect(await server.attempt(.right(.lin)) == .isIn)
            #expect(await server.attempt(.right(.lin, from: nil)) == .isIn)
            #expect(await server.attempts(5, .wrong(.lin)).allSatisfy { $0 == .isWrong })
        }
    }

    @Test("another tenant's user is as unknown as one that is not there")
    func otherTenant() async throws {
        try await withServer { server in
            let tokens = try await server.session()
            _ = await server.attempts(5, .wrong(.grace))
            let answers = [
                try await server.unlock(Account.grace.user, tokens), try await server.unlock(.random(), tokens),
            ]
            for answer in answers {
                #expect(answer.status == 404)
                #expect(answer.error == "USER_NOT_FOUND")
                #expect(answer.json == answers[0].json)
            }
            #expect(await server.attempt(.wrong(.grace)) == .mustWait(60))
        }
    }
}

extension TestServer {
    fileprivate func unlock(_ user: UserID, _ tokens: Tokens, in account: Account = .ada) async throws -> Answer {
        try await call(.post, "/api/v2.1/admin/users/\(user)/unlock", tenant: account.slug, token: tokens.token)
    }
}
