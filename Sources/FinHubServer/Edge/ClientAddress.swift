import FinHubAPI
package import FinHubCore
package import HTTPTypes
package import NIOCore

extension NetworkAddress {
    /// The address of one end of a connection; `nil` for a Unix-domain socket.
    init?(_ address: SocketAddress) {
        // Where `sockaddr_in` and `sockaddr_in6` keep the address, on every system.
        let place: Range<Int>
        switch address {
        case .v4: place = 4..<8
        case .v6: place = 8..<24
        case .unixDomainSocket: return nil
        }
        let found = address.withSockAddr { raw, size in
            let bytes = UnsafeRawBufferPointer(start: raw, count: size)
            return bytes.count >= place.upperBound ? NetworkAddress(bytes: bytes[place]) : nil
        }
        guard let found else { return nil }
        self = found
    }
}

/// Who the client is, when the peer may be a proxy.
package struct ClientAddressRule: Sendable {
    let trustedProxies: [NetworkRange]

    package init(trustedProxies: [NetworkRange]) {
        self.trustedProxies = trustedProxies
    }

    /// The peer's address; behind trusted proxies the right-most `X-Forwarded-For` entry that is
    /// not one of them (contract, *Request headers*).
    ///
    /// Left of that entry anybody can write anything. An entry that can't be read ends the search:
    /// the address is then the last one that a trusted proxy vouched for.
    package func clientAddress(peer: SocketAddress?, headers: HTTPFields) -> NetworkAddress? {
        guard let peer, var address = NetworkAddress(peer) else { return nil }
        guard isTrusted(address) else { return address }
        let entries = headers[values: .forwardedFor].flatMap {
            $0.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        }
        for entry in entries.reversed() {
            guard let next = NetworkAddress(String(Substring(entry)).trimmedOfSpace) else { return address }
            address = next
            guard isTrusted(address) else { return address }
        }
        return address
    }

    private func isTrusted(_ address: NetworkAddress) -> Bool {
        trustedProxies.contains { $0.contains(address) }
    }
}
