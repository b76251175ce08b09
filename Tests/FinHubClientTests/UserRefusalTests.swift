import FinHubAPI
import FinHubClientTesting
import HTTPTypes
import Testing

@testable import FinHubClient

/// Refusals that are about the user, the address or the moment: typed, explained, and no reason for a storm
/// or for the end of a session.
@Suite("Refusals of a user or an address", .timeLimit(.minutes(10)))
struct UserRefusalTests {
    private static let ofCalls: [(Int, ErrorCode)] = [
        (403, .passwordChangeRequired), (403, .secondFactorRequired), (401, .otpRequired), (403, .ipNotAllowed),
        (401, .passwordExpired), (403, .tenantSuspended),
    ]

    @Test("a call that is refused so is a typed error with advice, and the session goes on", arguments: ofCalls)
    func calls(status: Int, code: ErrorCode) async throws {
        let rig = try Rig()
        rig.transport.script(.get, "/thing", Self.refusal(status, code, advice: "Do this."), .thing(1))
        try await rig.client.ensureAuthenticated()
        rig.clock.advance(by: .seconds(60))
        let error = await failure { try await rig.thing() }
        #expect(error?.code == code)
        #expect(error?.status == status)
        #expect(error?.suggestions == ["Do this."])
        #expect(try await rig.thing() == 1)
        #expect(rig.bearers == ["first", "first"])
        #expect(rig.logins.count == 1)
    }

    @Test(
        "a refresh that is refused so does not end a session that is still good",
        arguments: ofCalls + [(429, .rateLimited), (429, .tooManyAttempts)]
    )
    func refreshes(status: Int, code: ErrorCode) async throws {
        let rig = try Rig { $0.retries.attempts = 1 }
        rig.transport.script(.get, "/thing", .thing(1, headers: [.cacheControl: "no-store"]))
        rig.transport.script(.post, Rig.refreshPath, Self.refusal(status, code))
        try await rig.client.ensureAuthenticated()
        rig.clock.advance(by: .seconds(3_400))
        for _ in 0..<10 {
            try await rig.thing()
            await rig.client.engine.renewalsFinished()
        }
        #expect(rig.refreshes.count == 1)
        #expect(Set(rig.bearers) == ["first"])
        #expect(await failure { try await rig.client.sessions.refresh() }?.code == code)
        try await rig.thing()
        #expect(rig.logins.count == 1)
    }

    @Test(
        "a login that is refused so is a typed error with advice, asked for once",
        arguments: [
            (401, ErrorCode.otpRequired), (401, .passwordExpired), (401, .accountDisabled), (403, .ipNotAllowed),
            (403, .tenantSuspended), (403, .adminRoleRequired), (409, .sessionLimitReached),
            (403, .passwordChangeRequired), (403, .secondFactorRequired),
        ]
    )
    func logins(status: Int, code: ErrorCode) async throws {
        let rig = try Rig()
        rig.transport.script(.post, Rig.loginPath, Self.refusal(status, code, advice: "Do that."))
        for _ in 0..<20 {
            let error = await failure { try await rig.client.ensureAuthenticated() }
            #expect(error?.code == code)
            #expect(error?.suggestions == ["Do that."])
        }
        #expect(rig.logins.count == 1)
        rig.clock.advance(by: .seconds(30))
        _ = await failure { try await rig.client.ensureAuthenticated() }
        #expect(rig.logins.count == 2)
    }

    @Test("too many attempts at a login are waited out as long as the server says, and no longer than an hour")
    func lock() async throws {
        for (named, waited) in [("900", 900), ("86400", 3_600), ("99999999999999999999", 3_600)] {
            let rig = try Rig()
            rig.transport.script(
                .post,
                Rig.loginPath,
                .refusal(429, .tooManyAttempts, headers: [.retryAfter: named]),
                .tokens("first")
            )
            #expect(await failure { try await rig.client.ensureAuthenticated() }?.code == .tooManyAttempts)
            rig.clock.advance(by: .seconds(waited - 1))
            let error = await failure { try await rig.client.ensureAuthenticated() }
            #expect(error?.code == .tooManyAttempts)
            #expect(error?.retryAfter == .seconds(1))
            #expect(rig.logins.count == 1)
            rig.clock.advance(by: .seconds(1))
            try await rig.client.ensureAuthenticated()
        }
    }

    @Test("a rate limit on a call is waited out, whatever the method")
    func rateLimited() async throws {
        let rig = try Rig()
        let limited = ScriptedAnswer.refusal(429, .rateLimited, headers: [.retryAfter: "2"])
        rig.transport.script(.post, "/thing", limited, .thing(1))
        #expect(try await rig.thing(.post) == 1)
        #expect(rig.clock.pauses == [.seconds(2)])
        #expect(rig.logins.count == 1)
    }

    private static func refusal(_ status: Int, _ code: ErrorCode, advice: String = "Advice.") -> ScriptedAnswer {
        let data = #"{"error":"\#(code.rawValue)","details":"No.","suggestions":["\#(advice)"]}"#
        return .raw(status, body: #"{"code":\#(status),"message":"Refused","data":\#(data)}"#)
    }
}
