import FinHubAPI

/// Who may be signed in: two administrators of one tenant, one of another.
enum Person: Int, Hashable, Sendable, CaseIterable {
    case ada
    case bob
    case carl

    var isInFirstTenant: Bool { self != .carl }

    /// Whether the tenant's policy is one session per user: the newest.
    var hasOneSession: Bool { !isInFirstTenant }

    func isCompatriot(of other: Person) -> Bool { isInFirstTenant == other.isInFirstTenant }
}

/// What is done to the server, with names in place of identifiers and tokens.
///
/// Sessions are numbered as the plan creates them. Times are whole seconds from the history's
/// beginning, and negative before it.
enum Action: Hashable, Sendable {
    case create(Person, session: Int)
    case refresh(Int, with: RefreshToken, bearer: AccessToken)
    case check(AccessToken)
    case read(Int, bearer: AccessToken)
    case list(Person, bearer: AccessToken)
    case end(Int, bearer: AccessToken)
    case endAll(Person, sparing: Bool, bearer: AccessToken)
    case setClock(to: Int64)
    case restart
}

/// A refresh token by what it is; a forged one has the right shape and a wrong code.
struct RefreshToken: Hashable, Sendable {
    let session: Int
    let generation: Int
    var isForged = false
}

/// An access token by what it says.
struct AccessToken: Hashable, Sendable {
    let session: Int
    let issuedAt: Int64
    let expiresAt: Int64
}

/// What the caller was told.
enum Answer: Hashable, Sendable {
    /// Tokens: which generation the refresh token is, and how long the access token lasts.
    case tokens(generation: Int, seconds: Int64)
    /// A refresh token that is neither new nor the one that was given for this generation before.
    case fork
    case accepted
    case session(Sight)
    /// The user's active sessions.
    case active([Int])
    case ended(Int)
    case done
    case refused(ErrorCode)
    /// Something that is no refusal: the rules never allow it.
    case failed(String)
}

/// A session as a reader sees it.
struct Sight: Hashable, Sendable {
    let generation: Int
    let refreshedAt: Int64?
    let expiresAt: Int64
    /// Why it was ended, as the API says it.
    let endReason: String?
}

/// One call: what was asked and answered, by whom, and when on the history's own count.
///
/// Of two calls the one answered before the other was made came first; otherwise they overlap.
struct Call: Hashable, Sendable {
    let caller: Int
    let madeAt: Int
    let answeredAt: Int
    let action: Action
    let answer: Answer
}
