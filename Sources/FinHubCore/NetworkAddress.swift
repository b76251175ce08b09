#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A network address, without a port; an IPv4 address mapped into IPv6 is the IPv4 address
/// (ASVS 8.2.4).
public struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    /// The addresses of IPv6 that stand for those of IPv4 (RFC 4291, section 2.5.5.2).
    static let mapped: ClosedRange<UInt128> = 0xffff_0000_0000...0xffff_ffff_ffff

    /// The address as one of IPv6.
    package let value: UInt128

    package init(value: UInt128) {
        self.value = value
    }

    /// The address of 4 or 16 bytes, the most significant first; of any other number, `nil`.
    public init?(bytes: some Collection<UInt8>) {
        let value = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        switch bytes.count {
        case 4: self.init(value: Self.mapped.lowerBound | value)
        case 16: self.init(value: value)
        default: return nil
        }
    }

    /// Reads the usual forms; octal digits, zones and leading zeros are `nil`.
    public init?(_ text: some StringProtocol) {
        // The system's reader stops at a NUL, and may know a zone.
        guard text.utf8.count <= 45, text.utf8.allSatisfy(\.isAddressByte) else { return nil }
        let text = String(text)
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.init(bytes: withUnsafeBytes(of: v4) { Array($0) })
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            self.init(bytes: withUnsafeBytes(of: v6) { Array($0) })
        } else {
            return nil
        }
    }

    public var isIPv4: Bool {
        Self.mapped.contains(value)
    }

    /// Whether it is this host itself.
    public var isLoopback: Bool {
        isIPv4 ? bytes[0] == 127 : value == 1
    }

    /// What one subscriber of a provider can choose freely stands for one client: an IPv4 address
    /// itself, of IPv6 the network of 64 bits.
    public var clientNetwork: NetworkAddress {
        isIPv4 ? self : NetworkAddress(value: value & ~UInt128(UInt64.max))
    }

    /// 4 bytes or 16, the most significant first.
    package var bytes: [UInt8] {
        let all = withUnsafeBytes(of: value.bigEndian) { Array($0) }
        return isIPv4 ? Array(all.suffix(4)) : all
    }

    public var description: String {
        let bytes = bytes
        if isIPv4 { return bytes.map(String.init).joined(separator: ".") }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// A range of network addresses in CIDR notation (RFC 4632).
public struct NetworkRange: Hashable, Sendable, CustomStringConvertible {
    /// The addresses of the range; of IPv4, or of IPv6 without those that stand for IPv4.
    package let addresses: ClosedRange<UInt128>
    /// How many bits all addresses of the range share, counted as IPv6.
    private let prefixLength: Int

    /// Reads `address/length`, or an address alone; anything else is `nil`.
    ///
    /// Bits behind the length are ignored: `192.0.2.7/24` is `192.0.2.0/24`. Of an IPv4 address mapped
    /// into IPv6, the length counts the 96 bits in front as well.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Substring.init)
        guard (1...2).contains(parts.count), let base = NetworkAddress(parts[0]) else { return nil }
        var length = 128
        if parts.count == 2 {
            let isDotted = base.isIPv4 && !parts[0].utf8.contains(UInt8(ascii: ":"))
            guard let written = Int(parts[1]), String(written) == parts[1], (0...128).contains(written) else {
                return nil
            }
            length = isDotted ? written + 96 : written
            guard ((base.isIPv4 ? 96 : 0)...128).contains(length) else { return nil }
        }
        prefixLength = length
        let mask = length == 128 ? 0 : UInt128.max >> UInt128(length)
        addresses = (base.value & ~mask)...(base.value | mask)
    }

    public var isIPv4: Bool {
        prefixLength >= 96 && NetworkAddress.mapped.contains(addresses.lowerBound)
    }

    /// Whether `address` lies in the range.
    public func contains(_ address: NetworkAddress) -> Bool {
        addresses.contains(address.value) && address.isIPv4 == isIPv4
    }

    /// The one notation of the range: lowest address, slash, length.
    public var description: String {
        "\(NetworkAddress(value: addresses.lowerBound))/\(isIPv4 ? prefixLength - 96 : prefixLength)"
    }
}

extension UInt8 {
    /// Whether an address may be written with it: a hexadecimal digit, a colon or a dot.
    fileprivate var isAddressByte: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: ":"), UInt8(ascii: "."):
            true
        default:
            false
        }
    }
}
