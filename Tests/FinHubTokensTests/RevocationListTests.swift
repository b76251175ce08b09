import FinHubAPI
import Testing

@testable import FinHubTokens

@Suite("The revocation list")
struct RevocationListTests {
    private let list = RevocationList()
    private let claims = AccessClaims.sample()
    private let later = Timestamp(seconds: TokenFixture.now + 3_600)
    private let otherSession = SessionID(high: 9, low: 9)

    private func problem(_ claims: AccessClaims) -> TokenError? {
        do throws(TokenError) {
            try list.requireNotEnded(claims)
            return nil
        } catch {
            return error
        }
    }

    @Test("refuses an ended session and no other")
    func session() {
        #expect(problem(claims) == nil)
        list.end(claims.session, superseded: false, tokensExpireBy: later)
        #expect(problem(claims) == .revoked(claims))
        #expect(problem(.sample(session: otherSession)) == nil)
    }

    @Test("tells a superseded session from one that was ended; the first word counts")
    func superseded() {
        list.end(claims.session, superseded: true, tokensExpireBy: later)
        list.end(claims.session, superseded: false, tokensExpireBy: later)
        #expect(problem(claims) == .superseded(claims))
        list.end(otherSession, superseded: false, tokensExpireBy: later)
        list.end(otherSession, superseded: true, tokensExpireBy: later)
        let other = AccessClaims.sample(session: otherSession)
        #expect(problem(other) == .revoked(other))
    }

    @Test("refuses a user's tokens below the cut-off, and nobody else's")
    func user() {
        list.cutOff(user: claims.user, below: 7, sparing: nil, tokensExpireBy: later)
        #expect(problem(.sample(userEpoch: 7)) == nil)
        let below = AccessClaims.sample(userEpoch: 6)
        #expect(problem(below) == .revoked(below))
        #expect(problem(.sample(user: UserID(high: 1, low: 1), userEpoch: 6)) == nil)
    }

    @Test("refuses a tenant's tokens below the cut-off, and no other tenant's")
    func tenant() {
        list.cutOff(tenant: claims.tenant, below: 3, tokensExpireBy: later)
        #expect(problem(.sample(tenantEpoch: 3)) == nil)
        let below = AccessClaims.sample(tenantEpoch: 2)
        #expect(problem(below) == .revoked(below))
        #expect(problem(.sample(tenant: TenantID(high: 1, low: 1), tenantEpoch: 2)) == nil)
    }

    @Test("spares the session that a cut-off spares, from that cut-off alone")
    func spared() {
        list.cutOff(user: claims.user, below: 8, sparing: claims.session, tokensExpireBy: later)
        #expect(problem(claims) == nil)
        let other = AccessClaims.sample(session: otherSession)
        #expect(problem(other) == .revoked(other))
        list.cutOff(user: claims.user, below: 9, sparing: claims.session, tokensExpireBy: later)
        #expect(problem(claims) == nil)
        list.end(claims.session, superseded: false, tokensExpireBy: later)
        #expect(problem(claims) == .revoked(claims))
    }

    @Test("spares nobody any more when the next cut-off does not")
    func sparedOnce() {
        list.cutOff(user: claims.user, below: 8, sparing: claims.session, tokensExpireBy: later)
        list.cutOff(user: claims.user, below: 9, sparing: nil, tokensExpireBy: later)
        #expect(problem(claims) == .revoked(claims))
    }

    @Test("does not spare the tokens that an earlier cut-off ended, in whatever order the two arrive")
    func notRevived() {
        let young = AccessClaims.sample(userEpoch: 8)
        let first: (Int64, SessionID?) = (8, nil)
        let second: (Int64, SessionID?) = (9, claims.session)
        for cutOffs in [[first, second], [second, first]] {
            let list = RevocationList()
            for (epoch, spared) in cutOffs {
                list.cutOff(user: claims.user, below: epoch, sparing: spared, tokensExpireBy: later)
            }
            #expect(throws: TokenError.revoked(claims)) { try list.requireNotEnded(claims) }
            #expect(throws: Never.self) { try list.requireNotEnded(young) }
        }
    }

    @Test("is not weakened by a late cut-off of a lower epoch, or by the same one again")
    func late() {
        list.cutOff(user: claims.user, below: 9, sparing: nil, tokensExpireBy: later)
        for epoch in [Int64(1), 8, 9] {
            list.cutOff(user: claims.user, below: epoch, sparing: claims.session, tokensExpireBy: later)
        }
        #expect(problem(claims) == .revoked(claims))
        let newer = AccessClaims.sample(userEpoch: 8)
        #expect(problem(newer) == .revoked(newer))
        list.cutOff(tenant: claims.tenant, below: 4, tokensExpireBy: later)
        list.cutOff(tenant: claims.tenant, below: 1, tokensExpireBy: later)
        let tenantWide = AccessClaims.sample(userEpoch: 9)
        #expect(problem(tenantWide) == .revoked(tenantWide))
        #expect(list.count == 2)
    }

    @Test("keeps its entries until 2 hours and 5 minutes after their tokens expired")
    func prune() {
        list.end(claims.session, superseded: false, tokensExpireBy: later)
        list.cutOff(user: claims.user, below: 8, sparing: nil, tokensExpireBy: later)
        list.cutOff(tenant: claims.tenant, below: 4, tokensExpireBy: later)
        #expect(list.count == 3)
        list.prune(now: Timestamp(microseconds: later.microseconds + 7_500_000_000 - 1))
        #expect(list.count == 3)
        #expect(problem(claims) == .revoked(claims))
        list.prune(now: later + .seconds(7_500 + 60))
        #expect(list.count == 0)
        #expect(problem(claims) == nil)
    }

    @Test("keeps an entry as long as the latest of the tokens it was told of")
    func longest() {
        let soon = Timestamp(seconds: TokenFixture.now)
        for moment in [later, soon] {
            list.end(claims.session, superseded: false, tokensExpireBy: moment)
            list.cutOff(tenant: claims.tenant, below: moment == soon ? 5 : 4, tokensExpireBy: moment)
        }
        for moment in [soon, later] {
            list.cutOff(user: claims.user, below: moment == soon ? 9 : 8, sparing: nil, tokensExpireBy: moment)
        }
        list.prune(now: soon + RevocationList.clockMargin + .seconds(60))
        #expect(list.count == 3)
    }

    @Test("drops each entry in its own time, however often it is cleared up")
    func dueOneByOne() {
        for number in 0..<200 {
            let moment = later + .seconds(number)
            list.end(SessionID(high: 7, low: UInt64(number)), superseded: false, tokensExpireBy: moment)
        }
        for number in 0..<200 {
            list.prune(now: later + .seconds(number) + RevocationList.clockMargin)
            #expect((199 - number...199 - number + 61).contains(list.count))
        }
    }

    @Test("may be used from everywhere at once")
    func concurrent() async {
        await withTaskGroup(of: Void.self) { group in
            for task in UInt64(1)...8 {
                group.addTask {
                    for number in UInt64(1)...500 {
                        list.end(SessionID(high: task, low: number), superseded: false, tokensExpireBy: later)
                        list.cutOff(user: claims.user, below: Int64(number), sparing: nil, tokensExpireBy: later)
                        list.prune(now: later)
                        _ = problem(claims)
                    }
                }
            }
        }
        #expect(list.count == 8 * 500 + 1)
        for task in UInt64(1)...8 {
            let ended = AccessClaims.sample(session: SessionID(high: task, low: 500), userEpoch: 500)
            #expect(problem(ended) == .revoked(ended))
        }
        #expect(problem(.sample(userEpoch: 500)) == nil)
        let below = AccessClaims.sample(userEpoch: 499)
        #expect(problem(below) == .revoked(below))
    }
}
