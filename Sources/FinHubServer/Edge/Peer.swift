import FinHubAPI
import FinHubCore
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// The other end of a request's connection, and how it stands with the limits on its calls.
///
/// One goes with each request: what its limits left is found on the way in, and told on the way out.
final class Peer: Sendable {
    private struct State {
        var client: NetworkAddress?
        var user: UserID?
        var rateClass = RateClass.rest
        var standing: RateStanding?
    }

    /// `nil` where there is no connection, as in an in-process test.
    let address: SocketAddress?
    private let state = Mutex(State())

    init(_ address: SocketAddress?) {
        self.address = address
    }

    /// The client's address; `nil` where there is no connection.
    func clientAddress(by rule: ClientAddressRule, _ headers: HTTPFields) -> NetworkAddress? {
        if let known = state.withLock({ $0.client }) { return known }
        let client = rule.clientAddress(peer: address, headers: headers)
        state.withLock { $0.client = client }
        return client
    }

    /// Whose token was proven; `nil` before, and where there is none.
    var user: UserID? {
        get { state.withLock { $0.user } }
        set { state.withLock { $0.user = newValue } }
    }

    /// The tightest of the limits so far; `nil` when there was none.
    var standing: RateStanding? {
        state.withLock { $0.standing }
    }

    /// Notes how the caller stands after a call.
    ///
    /// - Throws: ``RateLimited`` when it is one too many.
    func note(_ standing: RateStanding?) throws {
        guard let standing else { return }
        state.withLock { state in
            if state.standing.map(standing.isTighter) ?? true { state.standing = standing }
        }
        if standing.isRefused { throw RateLimited(standing) }
    }

    fileprivate var rateClass: RateClass {
        get { state.withLock { $0.rateClass } }
        set { state.withLock { $0.rateClass = newValue } }
    }
}

/// Spends the limits of a call: those of its client's address before anything is looked at, those of its
/// session and tenant when these are proven, so that nobody spends another's with a forged token.
struct CallLimits: Sendable {
    let limits: RateLimits
    let addresses: ClientAddressRule
    let now: @Sendable () -> Timestamp

    /// Spends what the client's address has left.
    func admit(_ request: Request, from peer: Peer, for rateClass: RateClass) throws {
        peer.rateClass = rateClass
        let address = peer.clientAddress(by: addresses, request.headers)
        try peer.note(limits.spend(address, for: rateClass, at: now()))
    }

    /// Spends what the session and the tenant have left, the session first: one session's flood that is refused
    /// costs the tenant nothing.
    func admit(_ session: SessionID, of tenant: TenantID, from peer: Peer) throws {
        let (now, rateClass) = (now(), peer.rateClass)
        try peer.note(limits.spend(session, for: rateClass, at: now))
        try peer.note(limits.spend(tenant, for: rateClass, at: now))
    }

    /// Spends what the tenant has left.
    func admit(_ tenant: TenantID, from peer: Peer) throws {
        try peer.note(limits.spend(tenant, for: peer.rateClass, at: now()))
    }
}
