import FinHubAPI
import FinHubTokens
import Testing

@Suite("Token check")
struct TokenCheckTests {
    @Test("a bearer token in any case of its scheme", arguments: ["Bearer", "bearer", "BEARER"])
    func scheme(scheme: String) throws {
        let fixture = try Fixture()
        let token = fixture.format.sign(fixture.claims, with: fixture.key).reveal()
        let check = TokenCheck(format: fixture.format, keys: fixture.keys, revocations: RevocationList())
        let now = Timestamp(seconds: Fixture.now)
        #expect(try check.claims(fromAuthorization: "\(scheme) \(token)", now: now) == fixture.claims)
    }

    @Test(
        "what is no bearer credential",
        arguments: [
            nil, "", "Bearer", "Bearer ", "Bearer  x", "Basic x", "Bearer x y", "Bearer x,y", " Bearer x", "Bearer é",
            "Bearer " + String(repeating: "x", count: 4_097),
        ]
    )
    func malformed(value: String?) throws {
        let fixture = try Fixture()
        let check = TokenCheck(format: fixture.format, keys: fixture.keys, revocations: RevocationList())
        #expect(throws: TokenError.malformed) {
            try check.claims(fromAuthorization: value, now: Timestamp(seconds: Fixture.now))
        }
    }

    @Test("a session on the list is refused, another of the same user is not")
    func ended() throws {
        let setup = try Setup()
        setup.revocations.end(SessionID(high: 1, low: 1), superseded: false, tokensExpireBy: setup.later)
        #expect(try setup.check() == setup.claims)
        setup.revocations.end(setup.claims.session, superseded: false, tokensExpireBy: setup.later)
        #expect(throws: TokenError.revoked(setup.claims)) { try setup.check() }
    }

    @Test("a superseded session is told so")
    func superseded() throws {
        let setup = try Setup()
        setup.revocations.end(setup.claims.session, superseded: true, tokensExpireBy: setup.later)
        #expect(throws: TokenError.superseded(setup.claims)) { try setup.check() }
    }

    @Test("a cut-off refuses what is below it, but for the session it spares")
    func cutOff() throws {
        let setup = try Setup()
        let user = setup.claims.user
        setup.revocations.cutOff(user: user, below: 7, sparing: nil, tokensExpireBy: setup.later)
        #expect(try setup.check() == setup.claims)
        setup.revocations.cutOff(user: user, below: 8, sparing: setup.claims.session, tokensExpireBy: setup.later)
        #expect(try setup.check() == setup.claims)
        setup.revocations.cutOff(user: user, below: 9, sparing: nil, tokensExpireBy: setup.later)
        #expect(throws: TokenError.revoked(setup.claims)) { try setup.check() }
        setup.revocations.cutOff(user: user, below: 8, sparing: setup.claims.session, tokensExpireBy: setup.later)
        #expect(throws: TokenError.revoked(setup.claims)) { try setup.check() }
    }

    @Test("a tenant's cut-off refuses that tenant's tokens alone")
    func tenantCutOff() throws {
        let setup = try Setup()
        setup.revocations.cutOff(tenant: TenantID(high: 5, low: 5), below: 3, tokensExpireBy: setup.later)
        #expect(try setup.check() == setup.claims)
        setup.revocations.cutOff(tenant: setup.claims.tenant, below: 1, tokensExpireBy: setup.later)
        #expect(throws: TokenError.revoked(setup.claims)) { try setup.check() }
    }

    @Test("an entry outlives its tokens by the clock's margin, and no longer")
    func prune() throws {
        let setup = try Setup()
        setup.revocations.end(setup.claims.session, superseded: false, tokensExpireBy: setup.later)
        let end = setup.later + RevocationList.clockMargin
        setup.revocations.prune(now: end - .seconds(1))
        #expect(throws: TokenError.revoked(setup.claims)) { try setup.check() }
        setup.revocations.prune(now: end)
        #expect(setup.revocations.count == 0)
    }

    private struct Setup {
        let fixture: Fixture
        let revocations = RevocationList()
        let later = Timestamp(seconds: Fixture.now + 3_600)
        var claims: AccessClaims { fixture.claims }

        init() throws {
            fixture = try Fixture()
        }

        func check() throws -> AccessClaims {
            let token = fixture.format.sign(fixture.claims, with: fixture.key).reveal()
            let check = TokenCheck(format: fixture.format, keys: fixture.keys, revocations: revocations)
            return try check.claims(fromAuthorization: "Bearer \(token)", now: Timestamp(seconds: Fixture.now))
        }
    }
}
