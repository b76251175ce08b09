public import FinHubAPI
public import ServiceLifecycle

/// Calls FinHub on behalf of one administrator: logs in once, and keeps the session.
///
/// Make one per process and identity and share it: any number of tasks may call it at once. It can
/// be used as it is, or run in a `ServiceGroup`, which also keeps an idle session fresh and closes
/// the client at the end. Whoever uses it as it is calls ``shutdown()`` when done.
///
/// Every call throws ``FinHubClientError``, or `CancellationError` when its task is cancelled.
public final class FinHubClient: Sendable {
    /// The version that `User-Agent` names.
    public static let version = "0.1.0"

    /// What the client was made with.
    public let configuration: Configuration
    let engine: CallEngine

    /// A client for one identity.
    ///
    /// - Parameters:
    ///   - configuration: Which host, as whom.
    ///   - tokenStore: Where tokens outlive the client; by default they don't.
    ///   - transport: Carries the requests, and is shut down with the client; `nil` for the network.
    ///   - clock: Every time rule goes by it.
    ///   - jitter: Random numbers from 0 to 1, by which pauses and refreshes are spread.
    /// - Throws: ``FinHubClientError`` with ``FinHubAPI/ErrorCode/clientInvalidConfiguration`` when
    ///   the trust roots can't be read or the tenant can't stand in a header.
    public init(
        configuration: Configuration,
        tokenStore: any TokenStore = MemoryTokenStore(),
        transport: (any ClientTransport)? = nil,
        clock: any ClientClock = SystemClock(),
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
    ) throws {
        self.configuration = configuration
        engine = try CallEngine(
            configuration,
            store: tokenStore,
            transport: transport ?? HTTPClientTransport(configuration),
            clock: clock,
            jitter: jitter
        )
    }

    /// Logs in, or takes the session from the token store, unless there is one in hand already.
    ///
    /// Every call does this by itself; call it to find out at the start whether the credentials are
    /// good. Reference: *Automatic Token Refresh*.
    ///
    /// - Returns: The session in force.
    /// - Throws: ``FinHubClientError``; when a login was refused, the server's reason, and again
    ///   without asking the server until ``Configuration/refusedLoginCoolDown`` is over.
    @discardableResult
    public func ensureAuthenticated() async throws -> ClientSession {
        try await engine.session()
    }

    /// How far the server's clock is ahead of this machine's; `nil` before the first answer.
    ///
    /// Expiry never depends on it.
    public var clockSkew: Duration? { engine.clockSkew }

    /// Ends the session at the server and forgets its tokens, here and in the token store.
    ///
    /// The next call logs in anew.
    public func logout() async throws {
        try await engine.logout()
    }

    /// Lets a renewal that is under way finish, and closes every connection.
    ///
    /// The session lives on at the server. Later calls fail with
    /// ``FinHubAPI/ErrorCode/clientShutDown``.
    public func shutdown() async {
        await engine.shutdown()
    }
}

extension FinHubClient: Service {
    /// Keeps the session fresh until the service group begins to stop, then shuts the client down.
    public func run() async throws {
        await engine.keepFresh()
        await shutdown()
    }
}

/// The session that a client has in hand.
public struct ClientSession: Sendable {
    /// The session's name, which is no secret and outlives every refresh.
    public let session: SessionID
    /// Whose it is, as the server says.
    public let user: UserID
    /// The access token, for what can't be called through the client; it is replaced by the next
    /// refresh.
    public let token: Secret<String>
    /// How long the token has still to live.
    public let remaining: Duration
}

extension FinHubClient: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "FinHubClient(\(configuration))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["configuration": configuration]) }
}
