import FinHubAPI
import FinHubClientTesting
import Foundation
import HTTPTypes
import NIOCore
import Testing

@testable import FinHubClient

@Suite("Refreshing", .timeLimit(.minutes(10)))
struct RefreshTests {
    @Test("a session is refreshed when less than the margin is left, and not before")
    func margin() async throws {
        let rig = try await loggedIn()
        rig.clock.advance(by: .seconds(3_600 - 301))
        try await rig.thing()
        #expect(rig.refreshes.isEmpty)
        rig.clock.advance(by: .seconds(1))
        try await rig.thing()
        await rig.client.engine.renewalsFinished()
        #expect(rig.refreshes.count == 1)
        try await rig.thing()
        #expect(rig.bearers == ["first", "first", "second"])
        #expect(rig.logins.count == 1)
    }

    @Test("a refresh is sent exactly as the reference has it")
    func wire() async throws {
        let rig = try await loggedIn()
        try await rig.client.sessions.refresh()
        let refresh = try #require(rig.refreshes.first)
        #expect(refresh.headers[.authorization] == "Bearer first")
        #expect(refresh.headers[.tenantID] == "tenant_cloudvault")
        #expect(refresh.headers[.contentType] == "application/json")
        #expect(refresh.body.map { String(buffer: $0) } == #"{"refreshToken":"refresh-1"}"#)
    }

    @Test("refreshes are spread by up to a tenth of the margin")
    func jitter() async throws {
        let rig = try await loggedIn(jitter: 1)
        rig.clock.advance(by: .seconds(3_600 - 331))
        try await rig.thing()
        #expect(rig.refreshes.isEmpty)
        rig.clock.advance(by: .seconds(1))
        try await rig.thing()
        await rig.client.engine.renewalsFinished()
        #expect(rig.refreshes.count == 1)
    }

    @Test("tokens that live shorter than the margin are refreshed at half of their life")
    func shortLife() async throws {
        let rig = try await loggedIn(expiresIn: 60)
        rig.clock.advance(by: .seconds(29))
        try await rig.thing()
        #expect(rig.refreshes.isEmpty)
        rig.clock.advance(by: .seconds(2))
        try await rig.thing()
        await rig.client.engine.renewalsFinished()
        #expect(rig.refreshes.count == 1)
    }

    @Test("ten thousand callers at the end of a token cause one refresh")
    func singleFlight() async throws {
        let rig = try await loggedIn()
        let gate = Gate()
        rig.transport.script(.post, Rig.refreshPath, .tokens("second").after(gate))
        rig.clock.advance(by: .seconds(3_590))
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<10_000 { group.addTask { try await rig.client.ensureAuthenticated().token.reveal() } }
            await rig.waitForCallers(10_000)
            gate.open()
            for try await token in group { #expect(token == "second") }
        }
        #expect(rig.refreshes.count == 1)
        #expect(rig.logins.count == 1)
    }

    @Test("callers go on with the old token while a refresh is under way")
    func behind() async throws {
        let rig = try await loggedIn()
        let gate = Gate()
        rig.transport.script(.post, Rig.refreshPath, .tokens("second").after(gate))
        rig.clock.advance(by: .seconds(3_400))
        for _ in 0..<10 { #expect(try await rig.thing() == 1) }
        gate.open()
        await rig.client.engine.renewalsFinished()
        #expect(rig.refreshes.count == 1)
        #expect(Set(rig.bearers) == ["first"])
    }

    @Test("an expired token is not refreshed: the client logs in")
    func expired() async throws {
        let rig = try await loggedIn()
        rig.transport.script(.post, Rig.loginPath, .tokens("again"))
        rig.clock.advance(by: .seconds(3_600))
        #expect(try await rig.client.ensureAuthenticated().token.reveal() == "again")
        #expect(rig.refreshes.isEmpty)
        #expect(rig.logins.count == 2)
    }

    @Test(
        "a refused refresh leads to one new login",
        arguments: [
            (401, ErrorCode.invalidRefreshToken), (401, .refreshTokenReused), (401, .sessionRevoked),
            (404, .sessionNotFound), (403, .tenantMismatch),
        ]
    )
    func refused(status: Int, code: ErrorCode) async throws {
        let rig = try await loggedIn()
        rig.transport.script(.post, Rig.refreshPath, .refusal(status, code))
        rig.transport.script(.post, Rig.loginPath, .tokens("again"))
        rig.clock.advance(by: .seconds(3_590))
        #expect(try await rig.client.ensureAuthenticated().token.reveal() == "again")
        #expect(rig.refreshes.count == 1)
        #expect(rig.logins.count == 2)
    }

    @Test(
        "what is no word of the server never ends a session",
        arguments: [
            ScriptedAnswer.refusal(429, ErrorCode(rawValue: "RATE_LIMITED")), .refusal(503, .overloaded),
            .refusal(500, .internalError), .raw(401, body: "<html>sign in to the Wi-Fi</html>"),
            .raw(404, body: #"{"code":200,"message":"x","data":null}"#), .failure(.unreachable),
            .failure(.connectionLost), .failure(.timedOut), .failure(.tls), .raw(200, body: "gibberish"),
            .cut(200, after: #"{"code":200,"#),
        ]
    )
    func survives(answer: ScriptedAnswer) async throws {
        let rig = try await loggedIn()
        rig.transport.script(.post, Rig.refreshPath, answer)
        rig.clock.advance(by: .seconds(3_400))
        try await rig.thing()
        await rig.client.engine.renewalsFinished()
        #expect(!rig.refreshes.isEmpty)
        try await rig.thing()
        #expect(rig.bearers == ["first", "first"])
        #expect(rig.logins.count == 1)
    }

    @Test("a failed refresh is tried again while the token lives, after a pause")
    func coolDown() async throws {
        let rig = try await loggedIn { $0.retries.attempts = 1 }
        rig.transport.script(.post, Rig.refreshPath, .refusal(503, .overloaded), .tokens("second"))
        rig.clock.advance(by: .seconds(3_400))
        try await rig.thing()
        await rig.client.engine.renewalsFinished()
        for _ in 0..<10 { try await rig.thing() }
        await rig.client.engine.renewalsFinished()
        #expect(rig.refreshes.count == 1)
        rig.clock.advance(by: .seconds(5))
        try await rig.thing()
        await rig.client.engine.renewalsFinished()
        #expect(rig.refreshes.count == 2)
        try await rig.thing()
        #expect(rig.bearers.last == "second")
        #expect(rig.logins.count == 1)
    }

    @Test("a refresh that failed near the end of the tokens is tried again before they end")
    func nearTheEnd() async throws {
        let rig = try await loggedIn(expiresIn: 8) { $0.retries.attempts = 1 }
        rig.transport.script(.post, Rig.refreshPath, .failure(.unreachable), .tokens("second"))
        rig.clock.advance(by: .seconds(4))
        try await rig.thing()
        await rig.client.engine.renewalsFinished()
        try await rig.thing()
        await rig.client.engine.renewalsFinished()
        #expect(rig.refreshes.count == 1)
        rig.clock.advance(by: .seconds(1))
        try await rig.thing()
        await rig.client.engine.renewalsFinished()
        #expect(rig.refreshes.count == 2)
        #expect(rig.logins.count == 1)
    }

    @Test("a refresh whose answer was lost is repeated with the same refresh token")
    func lost() async throws {
        let rig = try await loggedIn()
        rig.transport.script(.post, Rig.refreshPath, .failure(.connectionLost), .tokens("second"))
        #expect(try await rig.client.sessions.refresh().token.reveal() == "second")
        #expect(
            rig.refreshes.map { $0.body.map { String(buffer: $0) } }
                == Array(repeating: #"{"refreshToken":"refresh-1"}"#, count: 2)
        )
        #expect(rig.logins.count == 1)
    }

    @Test("a refresh token that may be spent is not presented after the server's window for retries")
    func spent() async throws {
        let rig = try await loggedIn { $0.retries.attempts = 1 }
        rig.transport.script(.post, Rig.refreshPath, .failure(.connectionLost))
        rig.transport.script(.post, Rig.loginPath, .tokens("again"))
        rig.clock.advance(by: .seconds(3_400))
        try await rig.thing()
        await rig.client.engine.renewalsFinished()
        rig.clock.advance(by: .seconds(30))
        try await rig.thing()
        await rig.client.engine.renewalsFinished()
        #expect(rig.refreshes.count == 1)
        #expect(rig.logins.count == 1)
        // In its last moments a login takes the refresh's place.
        rig.clock.advance(by: .seconds(145))
        try await rig.thing()
        #expect(rig.bearers == ["first", "first", "again"])
        #expect(rig.refreshes.count == 1)
    }

    @Test("steps of the wall clock, however far, change nothing", arguments: [-86_400, -3_600, 3_600, 86_400])
    func clockSteps(seconds: Int) async throws {
        let rig = try await loggedIn()
        rig.clock.stepWallClock(by: .seconds(seconds))
        try await rig.thing()
        rig.clock.advance(by: .seconds(3_000))
        try await rig.thing()
        #expect(rig.refreshes.isEmpty)
        rig.clock.advance(by: .seconds(300))
        try await rig.thing()
        await rig.client.engine.renewalsFinished()
        #expect(rig.refreshes.count == 1)
        #expect(rig.logins.count == 1)
    }

    @Test("a host that names no duration is understood by its own clock")
    func noDuration() async throws {
        let rig = try Rig()
        let data = """
            {"sessionId":"ed8e1ef7-d885-4753-88ad-afc5aedfac7b","userId":"e2f3a4b5-c6d7-48e9-0f1a-2b3c4d5e6f7a",
            "token":"a","refreshToken":"b","expiresAt":"2026-01-13T22:21:48.9745432","success":true,"unknown":{"x":1}}
            """
        rig.transport.script(
            .post,
            Rig.loginPath,
            .success(json: data, headers: [.date: "Tue, 13 Jan 2026 21:21:48 GMT"])
        )
        rig.clock.stepWallClock(by: .seconds(-7_200))
        let session = try await rig.client.ensureAuthenticated()
        #expect(session.remaining == .seconds(3_600) + .microseconds(974_543))
    }

    @Test("tokens that had expired when they came are no session")
    func expiredOnArrival() async throws {
        let rig = try Rig()
        rig.transport.script(.post, Rig.loginPath, .tokens("a", expiresIn: 0))
        #expect(await failure { try await rig.client.ensureAuthenticated() }?.code == .clientUnreadableAnswer)
        #expect(await failure { try await rig.client.ensureAuthenticated() }?.code == .clientUnreadableAnswer)
        #expect(rig.logins.count == 1)
    }

    @Test("create logs in although there is a session, refresh refreshes although it is young")
    func onDemand() async throws {
        let rig = try await loggedIn()
        #expect(try await rig.client.sessions.refresh().token.reveal() == "second")
        rig.transport.script(.post, Rig.loginPath, .tokens("again"))
        #expect(try await rig.client.sessions.create().token.reveal() == "again")
        #expect(rig.logins.count == 2)
        #expect(rig.refreshes.count == 1)
    }

    @Test("a refresh that was asked for and failed is an error, and the session goes on")
    func failedOnDemand() async throws {
        let rig = try await loggedIn { $0.retries.attempts = 1 }
        rig.transport.script(.post, Rig.refreshPath, .refusal(503, .overloaded))
        #expect(await failure { try await rig.client.sessions.refresh() }?.code == .overloaded)
        try await rig.thing()
        #expect(rig.bearers == ["first"])
        #expect(rig.refreshes.count == 1)
    }

    private func loggedIn(
        expiresIn: Int64 = 3_600,
        jitter: Double = 0,
        configure: (inout FinHubClient.Configuration) -> Void = { _ in }
    ) async throws -> Rig {
        let rig = try Rig(jitter: jitter, configure: configure)
        rig.transport.script(.get, "/thing", .thing(1, headers: [.cacheControl: "no-store"]))
        rig.transport.script(
            .post,
            Rig.loginPath,
            .tokens("first", refreshToken: "refresh-1", expiresIn: expiresIn)
        )
        rig.transport.script(.post, Rig.refreshPath, .tokens("second", refreshToken: "refresh-2"))
        try await rig.client.ensureAuthenticated()
        return rig
    }
}
