import FinHubCore
import FinHubServer
import HTTPTypes
import NIOCore

extension FuzzTarget {
    /// `X-Forwarded-For`, the addresses in it, and ranges of them.
    ///
    /// The first line of an input is the peer's address, each further one a field of the header.
    /// What is no address is nobody's peer, and 10.0.0.1 takes its place.
    static let forwardedFor = FuzzTarget(
        "forwarded-for",
        mutator: .forwardedFor,
        check: { input throws(Violation) in
            let lines = input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            for line in lines {
                try checkAddress(line)
                try checkRange(line)
            }
            let named = ReferenceAddress(lines[0]).flatMap { try? SocketAddress(ipAddress: $0.description, port: 1) }
            guard let peer = try? named ?? SocketAddress(ipAddress: "10.0.0.1", port: 1),
                let peerAddress = peer.ipAddress.flatMap({ ReferenceAddress($0) })
            else { throw Violation("has a peer") }
            var headers: HTTPFields = [:]
            for line in lines.dropFirst() { headers.append(HTTPField(name: .forwardedFor, value: line)) }
            let rule = ClientAddressRule(trustedProxies: trusted.compactMap { NetworkRange($0) })
            let address = rule.clientAddress(peer: peer, headers: headers)
            let expected = expectedClient(peerAddress, headers[values: .forwardedFor])
            try promise(address?.bytes == expected.bytes, "believes \(address as Any), not \(expected.bytes)")
            let other = ClientAddressRule(trustedProxies: []).clientAddress(peer: peer, headers: headers)
            try promise(other?.bytes == peerAddress.bytes, "believes nobody who is not trusted")
            return expected.bytes != peerAddress.bytes
        }
    )

    private static let trusted = ["10.0.0.0/8", "192.0.2.0/25", "2001:db8::/33", "::1"]

    /// The right-most address that is not trusted, of what trusted addresses to its right vouch for.
    private static func expectedClient(_ peer: ReferenceAddress, _ values: [String]) -> ReferenceAddress {
        let entries = values.joined(separator: ",").utf8
            .split(separator: UInt8(ascii: ","), omittingEmptySubsequences: values.isEmpty)
        var chain = [peer]
        for entry in entries.reversed() {
            let text = entry.drop { $0 == 0x20 || $0 == 0x09 }.reversed().drop { $0 == 0x20 || $0 == 0x09 }.reversed()
            guard let address = ReferenceAddress(String(decoding: Array(text), as: UTF8.self)) else { break }
            chain.append(address)
        }
        return chain.first { !$0.isTrusted } ?? chain[chain.count - 1]
    }

    private static func checkAddress(_ text: String) throws(Violation) {
        let address = NetworkAddress(text)
        try promise(address?.bytes == ReferenceAddress(text)?.bytes, "reads \(text.debugDescription) as an address")
        guard let address else { return }
        try promise(NetworkAddress(address.description) == address, "prints an address that it reads again")
    }

    private static func checkRange(_ text: String) throws(Violation) {
        let range = NetworkRange(text)
        let expected = ReferenceRange(text)
        try promise((range != nil) == (expected != nil), "reads \(text.debugDescription) as a range")
        guard let range, let expected else { return }
        let bits = expected.first.count * 8
        for bit in [0, expected.length - 1, expected.length, bits - 1] where (0..<bits).contains(bit) {
            var bytes = expected.first
            bytes[bit / 8] ^= 0x80 >> UInt8(bit % 8)
            let isInside = NetworkAddress(bytes: bytes).map { range.contains($0) }
            try promise(isInside == (bit >= expected.length), "\(text) and bit \(bit) of an address")
        }
        try promise(
            NetworkAddress(bytes: expected.first).map { range.contains($0) } == true,
            "\(text) contains its own address"
        )
    }
}

extension ReferenceAddress {
    /// Whether it lies in one of the ranges that the target trusts.
    fileprivate var isTrusted: Bool {
        bytes.first == 10 && bytes.count == 4
            || bytes.starts(with: [192, 0, 2]) && bytes.count == 4 && bytes[3] < 128
            || bytes.starts(with: [0x20, 0x01, 0x0d, 0xb8]) && bytes.count == 16 && bytes[4] < 128
            || bytes == [UInt8](repeating: 0, count: 15) + [1]
    }
}

extension Mutator {
    fileprivate static let forwardedFor = Mutator(
        words: [
            "10.0.0.1", "10.255.255.255", "192.0.2.127", "192.0.2.128", "198.51.100.7", "::1", "::", "2001:db8::7",
            "2001:db8:8000::", "::ffff:10.0.0.2", "::ffff:198.51.100.8", "fe80::1%eth0", "010.0.0.1", "10.1",
            "0xa.0.0.1",
            "1.2.3.4:80", "[::1]", "unknown", "_hidden", "/8", "/32", "/128", "/0", "/033", "/-1", "256", "00", ",",
            ", ",
            ",,", "\n", " ", "\t", ":", "::", ".", "\0", "\u{661}",
        ],
        separators: ",\n./:",
        moves: [
            { bytes, generator in
                bytes + Array(generator.pick([",", ", ", "\n", " ,\t"]).utf8) + anyAddress(&generator)
            },
            { bytes, generator in anyAddress(&generator) + Array(generator.pick([",", ", ", "\n"]).utf8) + bytes },
            { _, generator in anyAddress(&generator) + Array("/\(generator.below(130))".utf8) },
        ]
    )

    private static func anyAddress(_ generator: inout SeededGenerator) -> [UInt8] {
        switch generator.below(4) {
        case 0: Array("10.\(generator.below(256)).0.1".utf8)
        case 1: Array(generator.bytes(4).map { "\($0)" }.joined(separator: ".").utf8)
        case 2: Array("::ffff:10.0.0.\(generator.below(256))".utf8)
        default:
            Array(
                (0..<8).map { _ in String(generator.below(generator.pick([1, 0x1_0000])), radix: 16) }
                    .joined(separator: ":").utf8
            )
        }
    }
}
