public import FinHubAPI
import Synchronization

/// Keeps a session's tokens between runs, and between processes that share one session.
///
/// A store that fails does not fail calls: the client warns, and goes on with what it has in memory.
public protocol TokenStore: Sendable {
    /// The tokens kept for `identity`; `nil` when there are none that can be used.
    func load(_ identity: TokenIdentity) async throws -> StoredTokens?

    /// Keeps `tokens` in place of what was there, wholly or not at all.
    func save(_ tokens: StoredTokens, for identity: TokenIdentity) async throws

    /// Forgets the tokens of `identity`; none there is no error.
    func remove(_ identity: TokenIdentity) async throws

    /// Keeps everybody else who shares the store from renewing the tokens of `identity` meanwhile.
    ///
    /// - Parameters:
    ///   - identity: Whose.
    ///   - patience: How long to wait for the present holder. A holder that died holds nothing.
    ///   - clock: What to wait by.
    /// - Returns: The lock, to be released; `nil` when patience was not enough.
    /// - Throws: Whatever kept the store from locking, or `CancellationError`.
    func lock(_ identity: TokenIdentity, patience: Duration, clock: any ClientClock) async throws -> (any TokenLock)?
}

/// The right to renew tokens, until it is released.
public protocol TokenLock: Sendable {
    /// Lets the next one renew; called once.
    func release() async
}

/// Whose tokens at which server.
public struct TokenIdentity: Hashable, Sendable {
    /// The host that issued them.
    public let server: ServerAddress
    /// Whose session it is.
    public let identity: SessionIdentity

    /// What a store keeps tokens under.
    public init(server: ServerAddress, identity: SessionIdentity) {
        self.server = server
        self.identity = identity
    }

    /// One line that no other identity has.
    public var canonicalName: String {
        "\(server) \(identity.tenant.percentEncoded) \(identity.organization) \(identity.user)"
    }
}

/// Tokens as they are kept: with times of the wall clock, for the monotonic one means nothing to
/// another machine or after a restart.
public struct StoredTokens: Sendable {
    /// The session that they are of.
    public let session: SessionID
    /// Whose session that is.
    public let user: UserID
    /// The access token.
    public let token: Secret<String>
    /// What the next refresh needs; each refresh replaces it (contract, *Refresh*).
    public let refreshToken: Secret<String>
    /// When they were issued, by the wall clock of who got them.
    public let issuedAt: Timestamp
    /// When they expire, by the same clock.
    public let expiresAt: Timestamp

    /// Tokens as a store got them back.
    public init(
        session: SessionID,
        user: UserID,
        token: Secret<String>,
        refreshToken: Secret<String>,
        issuedAt: Timestamp,
        expiresAt: Timestamp
    ) {
        self.session = session
        self.user = user
        self.token = token
        self.refreshToken = refreshToken
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
    }
}

/// Keeps tokens in memory, for this process alone.
public final class MemoryTokenStore: TokenStore {
    private let tokens = Mutex<[TokenIdentity: StoredTokens]>([:])

    /// An empty store.
    public init() {}

    public func load(_ identity: TokenIdentity) async throws -> StoredTokens? {
        tokens.withLock { $0[identity] }
    }

    public func save(_ tokens: StoredTokens, for identity: TokenIdentity) async throws {
        self.tokens.withLock { $0[identity] = tokens }
    }

    public func remove(_ identity: TokenIdentity) async throws {
        tokens.withLock { $0[identity] = nil }
    }

    /// Nothing is locked: a client renews once at a time by itself, and a store in memory is not meant
    /// to be shared by several.
    public func lock(
        _ identity: TokenIdentity,
        patience: Duration,
        clock: any ClientClock
    ) async throws -> (any TokenLock)? {
        NoLock()
    }

    private struct NoLock: TokenLock {
        func release() async {}
    }
}
