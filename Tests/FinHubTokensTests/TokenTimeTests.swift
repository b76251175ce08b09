import FinHubAPI
import Testing

@testable import FinHubTokens

@Suite("A token's time")
struct TokenTimeTests {
    private let now = TokenFixture.now
    private let fixture: TokenFixture

    init() throws {
        fixture = try TokenFixture()
    }

    @Test(
        "may begin 30 seconds from now, not 31",
        arguments: [(0, true), (29, true), (30, true), (31, false), (3_600, false)]
    )
    func ahead(seconds: Int64, isAccepted: Bool) {
        let token = fixture.sign(.sample(issuedAt: now + seconds, expiresAt: now + seconds + 60))
        #expect(fixture.problem(token) == (isAccepted ? nil : .invalid))
    }

    @Test("ends at its very second, and the claims are told", arguments: [(1, true), (0, false), (-1, false)])
    func end(seconds: Int64, isAccepted: Bool) {
        let claims = AccessClaims.sample(issuedAt: now - 60, expiresAt: now + seconds)
        #expect(fixture.problem(fixture.sign(claims)) == (isAccepted ? nil : .expired(claims)))
    }

    @Test("is one second to an hour", arguments: [(1, true), (3_600, true), (3_601, false), (0, false), (-1, false)])
    func lifetime(seconds: Int64, isAccepted: Bool) {
        let token = fixture.sign(.sample(issuedAt: now, expiresAt: now + seconds))
        #expect(fixture.problem(token) == (isAccepted ? nil : .invalid))
    }

    @Test("being over is not told of a token that is not ours")
    func expiredForeign() throws {
        let token = fixture.sign(.sample(issuedAt: now - 120, expiresAt: now - 60))
        #expect(fixture.problem(token.dropLast() + [UInt8(ascii: "A")]) == .invalid)
        let stranger = try TokenFixture.key("key-9", of: fixture.claims.tenant)
        let theirs = fixture.format.sign(.sample(issuedAt: now - 120, expiresAt: now - 60), with: stranger)
        #expect(fixture.problem(Array(theirs.reveal().utf8)) == .invalid)
    }
}
