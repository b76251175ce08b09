import FinHubAPI
import Testing

/// The search for an allowed order, on histories written by hand.
@Suite("Linearizability")
struct LinearizabilityTests {
    private static let login = Call(
        caller: 0,
        madeAt: 1,
        answeredAt: 2,
        action: .create(.ada, session: 0),
        answer: .tokens(generation: 1, seconds: 3_600)
    )
    private static let bearer = AccessToken(session: 0, issuedAt: 0, expiresAt: 3_600)
    private static let endAll = Action.endAll(.ada, sparing: false, bearer: bearer)

    private static func refresh(_ generation: Int) -> Action {
        .refresh(0, with: RefreshToken(session: 0, generation: generation), bearer: bearer)
    }

    private static func call(_ caller: Int, _ times: (Int, Int), _ action: Action, _ answer: Answer) -> Call {
        Call(caller: caller, madeAt: times.0, answeredAt: times.1, action: action, answer: answer)
    }

    private static func isAllowed(_ calls: [Call]) -> Bool {
        Linearizability.impasse(in: [login] + calls) == nil
    }

    @Test("a use of the new token that overlaps the old one's reuse may have come first")
    func overlapping() {
        let successor = Answer.tokens(generation: 2, seconds: 3_600)
        let calls = [
            Self.call(0, (3, 4), Self.refresh(1), successor),
            Self.call(1, (5, 8), Self.refresh(1), .refused(.refreshTokenReused)),
            Self.call(2, (6, 7), Self.refresh(2), .tokens(generation: 3, seconds: 3_600)),
        ]
        #expect(Self.isAllowed(calls))
    }

    @Test("one that was made after the reuse was answered may not")
    func realTime() {
        let successor = Answer.tokens(generation: 2, seconds: 3_600)
        let calls = [
            Self.call(0, (3, 4), Self.refresh(1), successor),
            Self.call(1, (5, 6), Self.refresh(1), .refused(.refreshTokenReused)),
            Self.call(2, (7, 8), Self.refresh(2), .tokens(generation: 3, seconds: 3_600)),
        ]
        #expect(!Self.isAllowed(calls))
    }

    @Test("two callers of one token get one successor, and never two")
    func oneSuccessor() {
        let successor = Answer.tokens(generation: 2, seconds: 3_600)
        let first = Self.call(0, (3, 6), Self.refresh(1), successor)
        #expect(Self.isAllowed([first, Self.call(1, (4, 5), Self.refresh(1), successor)]))
        #expect(!Self.isAllowed([first, Self.call(1, (4, 5), Self.refresh(1), .fork)]))
        let third = Answer.tokens(generation: 3, seconds: 3_600)
        #expect(!Self.isAllowed([first, Self.call(1, (4, 5), Self.refresh(1), third)]))
    }

    @Test("a token may be accepted while its session is being ended, and not after the answer")
    func ending() {
        let end = Self.call(0, (3, 6), Self.endAll, .ended(1))
        #expect(Self.isAllowed([end, Self.call(1, (4, 5), .check(Self.bearer), .accepted)]))
        #expect(Self.isAllowed([end, Self.call(1, (4, 5), .check(Self.bearer), .refused(.sessionRevoked))]))
        #expect(!Self.isAllowed([end, Self.call(1, (7, 8), .check(Self.bearer), .accepted)]))
    }

    @Test("the moments of one caller's calls are its own order, though another's overlap both")
    func ownOrder() {
        let end = Self.call(0, (3, 10), Self.endAll, .ended(1))
        let refused = Self.call(1, (4, 5), .check(Self.bearer), .refused(.sessionRevoked))
        let accepted = Self.call(1, (6, 7), .check(Self.bearer), .accepted)
        #expect(!Self.isAllowed([end, refused, accepted]))
    }

    @Test("of two that end all sessions one ends them, and it does not matter which")
    func counted() {
        let both = [Self.call(0, (3, 6), Self.endAll, .ended(0)), Self.call(1, (4, 5), Self.endAll, .ended(1))]
        #expect(Self.isAllowed(both))
        let twice = [Self.call(0, (3, 6), Self.endAll, .ended(1)), Self.call(1, (4, 5), Self.endAll, .ended(1))]
        #expect(!Self.isAllowed(twice))
    }

    @Test("an impasse tells what the rules would have answered")
    func impasse() throws {
        let calls = [
            Self.login, Self.call(0, (3, 4), .check(Self.bearer), .accepted),
            Self.call(0, (5, 6), .check(Self.bearer), .refused(.tokenExpired)),
        ]
        let impasse = try #require(Linearizability.impasse(in: calls))
        #expect(impasse.order == [0, 1])
        #expect(impasse.expected == [Linearizability.Expectation(call: 2, answer: .accepted)])
        let text = HistoryText(history: calls).description
        #expect(text.contains("check bearer of session 0 (0 to 3600 s) -> TOKEN_EXPIRED"))
        #expect(text.contains("must be answered: accepted"))
    }
}
