/// A network address by its grammar: RFC 6943, section 3.1.1 (strict), and RFC 4291, section 2.2.
///
/// The product leaves this to the system's `inet_pton`; here it is spelt out.
struct ReferenceAddress: CustomStringConvertible {
    /// 4 or 16; an IPv4 address mapped into IPv6 is the IPv4 address.
    let bytes: [UInt8]
    let description: String
    /// Whether it was written as an IPv6 address.
    let isWide: Bool

    init?(_ text: String) {
        description = text
        if let bytes = Self.narrow(Array(text.utf8)[...]) {
            self.bytes = bytes
            isWide = false
        } else if let bytes = Self.wide(Array(text.utf8)) {
            let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]
            self.bytes = bytes.starts(with: mapped) ? Array(bytes.suffix(4)) : bytes
            isWide = true
        } else {
            return nil
        }
    }

    /// Four decimal numbers without leading zeros.
    private static func narrow(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let numbers = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map {
            digits -> UInt8? in
            let text = String(decoding: digits, as: UTF8.self)
            return UInt8(text).flatMap { String($0) == text ? $0 : nil }
        }
        let bytes = numbers.compactMap { $0 }
        return numbers.count == 4 && bytes.count == 4 ? bytes : nil
    }

    /// Eight groups, of which `::` stands for one run of at least one zero group.
    private static func wide(_ text: [UInt8]) -> [UInt8]? {
        let colon = UInt8(ascii: ":")
        let gaps = text.indices.dropLast().filter { text[$0] == colon && text[$0 + 1] == colon }
        guard let gap = gaps.first else {
            return groups(text[...], endsAddress: true).flatMap { $0.count == 16 ? $0 : nil }
        }
        guard gaps.count == 1, let left = groups(text[..<gap], endsAddress: false),
            let right = groups(text[(gap + 2)...], endsAddress: true), left.count + right.count <= 14
        else { return nil }
        return left + [UInt8](repeating: 0, count: 16 - left.count - right.count) + right
    }

    /// Groups of one to four hexadecimal digits; the last one of an address may be an IPv4 address.
    private static func groups(_ text: ArraySlice<UInt8>, endsAddress: Bool) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        let groups = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for (index, group) in groups.enumerated() {
            if endsAddress, index == groups.count - 1, let tail = narrow(group) {
                bytes += tail
                continue
            }
            guard (1...4).contains(group.count), group.allSatisfy({ "0123456789abcdefABCDEF".utf8.contains($0) }),
                let number = UInt16(String(decoding: group, as: UTF8.self), radix: 16)
            else { return nil }
            bytes += [UInt8(number >> 8), UInt8(number & 0xff)]
        }
        return bytes
    }
}

/// A range in CIDR notation (RFC 4632, section 3.1).
struct ReferenceRange {
    /// Its address as written, host bits and all.
    let first: [UInt8]
    /// How many of its bits an address has to share.
    let length: Int

    init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard parts.count <= 2, let address = ReferenceAddress(parts[0]) else { return nil }
        first = address.bytes
        // The length counts the bits of the address as it was written: of a mapped one, all 128.
        let skipped = address.isWide && first.count == 4 ? 96 : 0
        guard parts.count == 2 else {
            length = first.count * 8
            return
        }
        guard let number = UInt8(parts[1]), String(number) == parts[1], Int(number) >= skipped,
            Int(number) - skipped <= first.count * 8
        else { return nil }
        length = Int(number) - skipped
    }
}
