import FinHubAPI
import FinHubClientTesting
import HTTPTypes
import Testing

@testable import FinHubClient

@Suite("A token refused in use", .timeLimit(.minutes(10)))
struct RejectionTests {
    @Test(
        "a session that ended is replaced, and the call is sent again",
        arguments: [
            ErrorCode.tokenExpired, .sessionRevoked, .sessionSuperseded, .sessionExpired, .tokenInvalid,
        ],
        [HTTPRequest.Method.get, .post]
    )
    func replayed(code: ErrorCode, method: HTTPRequest.Method) async throws {
        let rig = try Rig()
        rig.transport.script(.post, Rig.loginPath, .tokens("first"), .tokens("second"))
        rig.transport.script(method, "/thing", .refusal(401, code), .thing(7))
        try await rig.client.ensureAuthenticated()
        rig.clock.advance(by: .seconds(60))
        #expect(try await rig.thing(method) == 7)
        #expect(rig.bearers == ["first", "second"])
        #expect(rig.logins.count == 2)
        #expect(rig.refreshes.isEmpty)
    }

    @Test("a call is sent again once, not for ever")
    func onceOnly() async throws {
        let rig = try Rig()
        rig.transport.script(.get, "/thing", .refusal(401, .sessionRevoked))
        try await rig.client.ensureAuthenticated()
        rig.clock.advance(by: .seconds(60))
        #expect(await failure { try await rig.thing() }?.code == .sessionRevoked)
        #expect(rig.bearers.count == 2)
        #expect(rig.logins.count == 2)
    }

    @Test("a server that refuses what it just gave out is not stormed with logins")
    func noStorm() async throws {
        let rig = try Rig()
        rig.transport.script(.get, "/thing", .refusal(401, .sessionRevoked))
        for _ in 0..<20 { #expect(await failure { try await rig.thing() }?.code == .sessionRevoked) }
        #expect(rig.logins.count == 1)
        rig.clock.advance(by: .seconds(10))
        _ = await failure { try await rig.thing() }
        #expect(rig.logins.count == 2)
    }

    @Test("a hundred calls that are refused at once cause one login")
    func together() async throws {
        let rig = try Rig()
        let refusing = Gate()
        let gate = Gate()
        rig.transport.script(.post, Rig.loginPath, .tokens("first"), .tokens("second").after(gate))
        for index in 0..<100 {
            rig.transport.script(
                .get,
                "/thing/\(index)",
                .refusal(401, .tokenExpired).after(refusing),
                .thing(index)
            )
        }
        try await rig.client.ensureAuthenticated()
        rig.clock.advance(by: .seconds(60))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<100 {
                group.addTask {
                    let thing: Thing = try await rig.client.request(.get, "/thing/\(index)")
                    #expect(thing.x == index)
                }
            }
            await rig.transport.waitForRequests(101)
            refusing.open()
            await rig.waitForCallers(100)
            gate.open()
            try await group.waitForAll()
        }
        #expect(rig.logins.count == 2)
    }

    @Test("a 401 that FinHub did not write leaves the session alone")
    func foreign() async throws {
        let rig = try Rig()
        rig.transport.script(.get, "/thing", .raw(401, body: "<html>"), .thing(1))
        let error = await failure { try await rig.thing() }
        #expect(error?.code == .clientUnreadableAnswer)
        #expect(error?.status == 401)
        #expect(try await rig.thing() == 1)
        #expect(rig.logins.count == 1)
    }

    @Test("a missing token is something on the way, and no login helps")
    func stripped() async throws {
        let rig = try Rig()
        rig.transport.script(.get, "/thing", .refusal(401, .tokenRequired))
        #expect(await failure { try await rig.thing() }?.code == .tokenRequired)
        #expect(rig.logins.count == 1)
    }
}
