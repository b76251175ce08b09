import FinHubAPI
package import HTTPTypes
package import NIOCore

/// A network address, without a port: 4 bytes or 16; an IPv4 address mapped into IPv6 is the
/// IPv4 address (ASVS 8.2.4).
public struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) {
        let isMapped = bytes.count == 16 && bytes.prefix(12).elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff])
        self.bytes = isMapped ? Array(bytes.suffix(4)) : bytes
    }

    /// Reads the usual forms; octal digits, zones and leading zeros are `nil`.
    public init?(_ text: some StringProtocol) {
        // Given the chance, `SocketAddress` reads a zone, and stops reading at a NUL.
        guard
            text.utf8.allSatisfy({ $0.hexadecimalValue != nil || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }),
            let address = try? SocketAddress(ipAddress: String(text), port: 0)
        else { return nil }
        self.init(address)
    }

    /// The address of one end of a connection; `nil` for a Unix-domain socket.
    init?(_ address: SocketAddress) {
        // Where `sockaddr_in` and `sockaddr_in6` keep the address, on every system.
        let place: Range<Int>
        switch address {
        case .v4: place = 4..<8
        case .v6: place = 8..<24
        case .unixDomainSocket: return nil
        }
        let bytes = address.withSockAddr { raw, size in
            Array(UnsafeRawBufferPointer(start: raw, count: size).dropFirst(place.lowerBound).prefix(place.count))
        }
        self.init(bytes: bytes)
    }

    /// Whether it is this host itself.
    public var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }

    public var description: String {
        if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
        let packed = ByteBuffer(bytes: bytes)
        return (try? SocketAddress(packedIPAddress: packed, port: 0))?.ipAddress ?? ""
    }
}

/// A range of network addresses in CIDR notation (RFC 4632).
public struct NetworkRange: Hashable, Sendable {
    private let base: NetworkAddress
    private let prefixLength: Int

    /// Reads `address/length`, or an address alone; anything else is `nil`.
    ///
    /// Of an IPv4 address mapped into IPv6, the length counts the 96 bits in front as well.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Substring.init)
        guard (1...2).contains(parts.count), let base = NetworkAddress(parts[0]) else { return nil }
        self.base = base
        let bits = base.bytes.count * 8
        guard parts.count == 2 else {
            prefixLength = bits
            return
        }
        let before = base.bytes.count == 4 && parts[0].utf8.contains(UInt8(ascii: ":")) ? 96 : 0
        guard let length = Int(parts[1]), (before...(before + bits)).contains(length), String(length) == parts[1] else {
            return nil
        }
        prefixLength = length - before
    }

    /// Whether `address` lies in the range.
    public func contains(_ address: NetworkAddress) -> Bool {
        guard address.bytes.count == base.bytes.count else { return false }
        let whole = prefixLength / 8
        guard address.bytes.prefix(whole).elementsEqual(base.bytes.prefix(whole)) else { return false }
        let rest = prefixLength % 8
        guard rest > 0 else { return true }
        let mask = ~UInt8(truncatingIfNeeded: 0xff >> rest)
        return address.bytes[whole] & mask == base.bytes[whole] & mask
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
