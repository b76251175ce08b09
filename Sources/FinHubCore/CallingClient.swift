import Crypto
public import FinHubAPI
import Synchronization

/// The network and device that a call comes from: who calls can choose a device's name freely, not a network.
public struct CallingClient: Hashable, Sendable {
    /// An IPv6 client's by /64: its addresses within that change by themselves.
    let network: NetworkAddress?
    let device: String?

    public init(address: NetworkAddress?, device: String?) {
        network = address?.clientNetwork
        self.device = device
    }
}

/// Binds the tokens of a session to the client that they are issued to, where the tenant's policy asks for it.
///
/// The code in the token tells nobody the client, and differs from session to session.
public struct ClientBinding: Sendable {
    private struct Parts: OptionSet {
        static let network = Parts(rawValue: 1)
        static let device = Parts(rawValue: 2)

        let rawValue: UInt8
    }

    /// Has taken the key already: to do so for each call would double its cost.
    private let mac: HMAC<SHA256>
    private let admitted = AdmittedClients()

    public init(_ masterKey: MasterKey) {
        mac = HMAC<SHA256>(key: masterKey.clientBindingKey)
    }

    /// The code of `client` for the tokens of `session`; `nil` where the policy binds to nothing.
    func code(of client: CallingClient, for session: SessionID, under policy: SessionPolicy) -> String? {
        var parts: Parts = []
        if policy.bindsAddress { parts.insert(.network) }
        if policy.bindsDevice { parts.insert(.device) }
        return parts.isEmpty ? nil : Base64URL.encode(code(of: client, for: session, parts))
    }

    /// Whether `client` may use a token with that code: the code says itself what it binds to.
    public func admits(_ client: CallingClient, to session: SessionID, by code: String) -> Bool {
        let call = AdmittedClients.Call(session: session, client: client, code: code)
        if admitted.contains(call) { return true }
        guard let bytes = Base64URL.decode(code.utf8), let first = bytes.first,
            Secret(self.code(of: client, for: session, Parts(rawValue: first))).matches(Secret(bytes))
        else { return false }
        admitted.insert(call)
        return true
    }

    private func code(of client: CallingClient, for session: SessionID, _ parts: Parts) -> [UInt8] {
        var input = session.bytes
        input.append(parts.rawValue)
        if parts.contains(.network) {
            let network = client.network?.bytes ?? []
            input.append(UInt8(network.count))
            input += network
        }
        if parts.contains(.device) { input += (client.device ?? "").utf8 }
        var mac = mac
        mac.update(data: input)
        return [parts.rawValue] + mac.finalize().prefix(15)
    }
}

/// The clients that were admitted last: most calls of a session are like the one before, and need no code made anew.
///
/// Of two sessions with one place the later one has it; so it never grows.
private final class AdmittedClients: Sendable {
    struct Call: Hashable {
        let session: SessionID
        let client: CallingClient
        let code: String
    }

    private static let places: UInt64 = 4_096

    private let calls = Mutex([Call?](repeating: nil, count: Int(places)))

    func contains(_ call: Call) -> Bool {
        calls.withLock { $0[Self.place(of: call)] == call }
    }

    func insert(_ call: Call) {
        calls.withLock { $0[Self.place(of: call)] = call }
    }

    /// A session's identifier is random, so that its end is as good as a hash.
    private static func place(of call: Call) -> Int { Int(call.session.low % places) }
}
