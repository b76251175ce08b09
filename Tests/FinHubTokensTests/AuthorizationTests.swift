import FinHubAPI
import Testing

@testable import FinHubTokens

@Suite("The Authorization header")
struct AuthorizationTests {
    private let fixture: TokenFixture
    private let revocations = RevocationList()
    private let check: TokenCheck
    private let token: String
    private let now = Timestamp(seconds: TokenFixture.now)

    init() throws {
        fixture = try TokenFixture()
        check = TokenCheck(format: fixture.format, keys: fixture.keys, revocations: revocations)
        token = fixture.format.sign(fixture.claims, with: fixture.key).reveal()
    }

    private func problem(_ value: String?, now: Timestamp? = nil) -> TokenError? {
        do throws(TokenError) {
            let claims = try check.claims(fromAuthorization: value, now: now ?? self.now)
            #expect(claims == fixture.claims)
            return nil
        } catch {
            return error
        }
    }

    @Test("takes the scheme in any case", arguments: ["Bearer", "bearer", "BEARER", "bEaReR"])
    func scheme(scheme: String) {
        #expect(problem("\(scheme) \(token)") == nil)
    }

    @Test("finds no credential where there is none")
    func none() {
        #expect(problem(nil) == .malformed)
        for value in [
            "", " ", "Bearer", "Bearer ", "Bearer  ", "Basic YTpi", "Bearer=", "B\u{301}earer x", "Bearer\u{0}x",
        ] {
            #expect(problem(value) == .malformed, "\(value.debugDescription)")
        }
    }

    @Test("finds no credential in a value that is not one scheme, one space and one token")
    func malformed() {
        let values = [
            token, "Bearer  \(token)", "Bearer\t\(token)", " Bearer \(token)", "Bearer \(token) ",
            "Bearer \(token)\r\n",
            "Bearer \(token),Bearer \(token)", "Bearer \(token) \(token)", "Bearer \"\(token)\"",
            "Bearer\u{a0}\(token)",
            "Basic \(token)", "Bearers \(token)", "Beare \(token)", "Bearer:\(token)", "Bearer \(token)\u{301}",
            "Bearer \(token)\u{0}", "Bearer a=b", "Bearer =", "Token \(token)", "\u{feff}Bearer \(token)",
        ]
        for value in values { #expect(problem(value) == .malformed, "\(value.debugDescription)") }
    }

    @Test("finds a credential that is not ours", arguments: ["x", "a.b.c", "a+b/c~d._-==", "...", "AAAA====", "~"])
    func foreign(text: String) {
        #expect(problem("Bearer \(text)") == .invalid)
        #expect(problem("Bearer \(token)\(text)") == .invalid)
    }

    @Test("looks at no more than 4 KiB")
    func length() {
        #expect(problem("Bearer \(String(repeating: "a", count: 4_096))") == .invalid)
        #expect(problem("Bearer \(String(repeating: "a", count: 4_097))") == .malformed)
        #expect(problem("Bearer \(String(repeating: "a", count: 1_000_000))") == .malformed)
    }

    @Test("tells the claims of a token whose time is over, also when its session was ended")
    func expired() {
        let end = Timestamp(seconds: fixture.claims.expiresAt)
        #expect(problem("Bearer \(token)", now: Timestamp(microseconds: end.microseconds - 1)) == nil)
        #expect(problem("Bearer \(token)", now: end) == .expired(fixture.claims))
        revocations.end(fixture.claims.session, superseded: false, tokensExpireBy: end)
        #expect(problem("Bearer \(token)", now: end) == .expired(fixture.claims))
    }

    @Test("refuses a token at once when its session is ended or superseded, or its user or tenant cut off")
    func ended() {
        let end = Timestamp(seconds: fixture.claims.expiresAt)
        revocations.cutOff(user: fixture.claims.user, below: 7, sparing: nil, tokensExpireBy: end)
        revocations.cutOff(tenant: fixture.claims.tenant, below: 3, tokensExpireBy: end)
        #expect(problem("Bearer \(token)") == nil)
        revocations.cutOff(tenant: fixture.claims.tenant, below: 4, tokensExpireBy: end)
        #expect(problem("Bearer \(token)") == .revoked(fixture.claims))
        revocations.end(fixture.claims.session, superseded: true, tokensExpireBy: end)
        #expect(problem("Bearer \(token)") == .superseded(fixture.claims))
    }

    @Test("refuses what is not ours before it looks at any session")
    func order() {
        revocations.end(fixture.claims.session, superseded: false, tokensExpireBy: now + .seconds(60))
        #expect(problem("Bearer \(token.dropLast())A") == .invalid)
    }
}
