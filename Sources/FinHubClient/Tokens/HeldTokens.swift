import FinHubAPI

/// A session's tokens in memory, with their times on the monotonic clock.
///
/// A class, so that handing them to a call costs one reference.
final class HeldTokens: Sendable {
    /// How they came to be here.
    enum Origin: Sendable {
        case login
        case refresh
        case store
    }

    let session: SessionID
    let user: UserID
    let token: Secret<String>
    let refreshToken: Secret<String>
    /// `Bearer` and the access token, as the header has it.
    let authorization: Secret<String>
    let origin: Origin
    let obtained: ContinuousClock.Instant
    let expires: ContinuousClock.Instant
    /// From when on they are to be refreshed.
    let renewal: ContinuousClock.Instant
    /// From when on callers wait for the refresh rather than use them.
    let lastMoments: ContinuousClock.Instant

    /// - Parameters:
    ///   - tokens: As the server or the store gave them.
    ///   - origin: Which of the two.
    ///   - obtained: When.
    ///   - life: How long they are good from then on.
    ///   - wholeLife: How long they were good from their issue on.
    ///   - margin: How long before their end to refresh them.
    ///   - jitter: A random number from 0 to 1, which moves that forward by up to a tenth of the margin.
    init(
        _ tokens: StoredTokens,
        origin: Origin,
        obtained: ContinuousClock.Instant,
        life: Duration,
        wholeLife: Duration,
        margin: Duration,
        jitter: Double
    ) {
        session = tokens.session
        user = tokens.user
        token = tokens.token
        refreshToken = tokens.refreshToken
        authorization = tokens.token.map { "Bearer \($0)" }
        self.origin = origin
        self.obtained = obtained
        expires = obtained + life
        // Tokens that live shortly are refreshed at half of their life, not all the time.
        let margin = min(margin, wholeLife / 2)
        renewal = expires - margin - margin * (jitter / 10)
        lastMoments = expires - min(margin / 2, .seconds(30))
    }
}
