/// What the clients know of one session.
struct KnownSession: Sendable {
    /// How long a replaced refresh token gets its successor again.
    static let retryWindow: Duration = .seconds(30)

    let account: Int
    /// The tokens of the last generation that was acknowledged.
    private(set) var current: SessionTokens
    /// The refresh tokens before, newest first, as far as they are of use.
    private(set) var replaced: [String] = []
    /// Whether a refresh with the current tokens was sent and not answered.
    var isRefreshing = false
    /// When the last refresh was sent that may have replaced a token.
    private(set) var sentAt: ContinuousClock.Instant
    /// The endings that may have ended it: sent and not answered, or answered while it was created.
    var doubts: Set<Int> = []
    /// Those of its doubts that are over if it turns out to be alive: acknowledged when it was asked for.
    var survivable: Set<Int> = []
    /// Whether its ending was acknowledged, or seen.
    private(set) var endedAt: ContinuousClock.Instant?

    init(_ tokens: SessionTokens, account: Int, doubts: Set<Int>) {
        self.account = account
        self.doubts = doubts
        current = tokens
        sentAt = .now
    }

    var id: String { current.session }
    var isEnded: Bool { endedAt != nil }
    /// Whether a token replaced by its last refresh may by now be refused.
    var isPastRetry: Bool { ContinuousClock.now - sentAt >= Self.retryWindow }
    /// Whether a retry sent now will surely come in time.
    var canRetry: Bool { !replaced.isEmpty && ContinuousClock.now - sentAt < Self.retryWindow / 2 }

    mutating func sendRefresh() {
        isRefreshing = true
        sentAt = .now
    }

    mutating func rotate(to next: SessionTokens) {
        replaced = Array(([current.refresh] + replaced).prefix(2))
        current = next
        isRefreshing = false
    }

    mutating func end() {
        endedAt = endedAt ?? .now
        doubts = []
        isRefreshing = false
    }
}
