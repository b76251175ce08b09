import Crypto
public import FinHubAPI

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

    private let key: SymmetricKey

    public init(_ masterKey: MasterKey) {
        key = masterKey.clientBindingKey
    }

    /// The code of `client` for the tokens of `session`; `nil` where the policy binds to nothing.
    func code(of client: CallingClient, for session: SessionID, under policy: SessionPolicy) -> String? {
        var parts: Parts = []
        if policy.bindsAddress { parts.insert(.network) }
        if policy.bindsDevice { parts.insert(.device) }
        return parts.isEmpty ? nil : code(of: client, for: session, parts)
    }

    /// Whether `client` may use a token with that code: the code says itself what it binds to.
    public func admits(_ client: CallingClient, to session: SessionID, by code: String) -> Bool {
        guard let first = Base64URL.decode(code.utf8)?.first else { return false }
        return Secret(self.code(of: client, for: session, Parts(rawValue: first))).matches(Secret(code))
    }

    private func code(of client: CallingClient, for session: SessionID, _ parts: Parts) -> String {
        var mac = HMAC<SHA256>(key: key)
        mac.update(data: session.bytes + [parts.rawValue])
        if parts.contains(.network) {
            let network = client.network?.bytes ?? []
            mac.update(data: [UInt8(network.count)] + network)
        }
        if parts.contains(.device) { mac.update(data: Array((client.device ?? "").utf8)) }
        return Base64URL.encode([parts.rawValue] + mac.finalize().prefix(15))
    }
}
