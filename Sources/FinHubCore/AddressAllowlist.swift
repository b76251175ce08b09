/// The addresses from which a tenant's clients may come.
///
/// Without a range it admits nobody's address in particular, that is everybody's: a tenant
/// without a list is not restricted.
public final class AddressAllowlist: Sendable {
    /// As they were given, without repetition.
    public let ranges: [NetworkRange]
    /// What the ranges cover: disjoint, in order, IPv4 apart from IPv6.
    private let covered: [ClosedRange<UInt128>]

    public init(_ ranges: [NetworkRange] = []) {
        var seen: Set<NetworkRange> = []
        self.ranges = ranges.filter { seen.insert($0).inserted }
        covered = Self.joined(ranges.flatMap(\.intervals))
    }

    /// Whether a client of that address may come in; one without an address only where all may.
    ///
    /// It takes the logarithm of the number of ranges, and no memory.
    public func admits(_ address: NetworkAddress?) -> Bool {
        guard !covered.isEmpty else { return true }
        guard let value = address?.value else { return false }
        var (low, high) = (0, covered.count)
        while low < high {
            let middle = (low + high) / 2
            if covered[middle].upperBound < value { low = middle + 1 } else { high = middle }
        }
        return low < covered.count && covered[low].lowerBound <= value
    }

    /// The same addresses in disjoint intervals, in order.
    private static func joined(_ intervals: [ClosedRange<UInt128>]) -> [ClosedRange<UInt128>] {
        var joined: [ClosedRange<UInt128>] = []
        for interval in intervals.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = joined.last, interval.lowerBound <= last.upperBound {
                joined[joined.count - 1] = last.lowerBound...max(last.upperBound, interval.upperBound)
            } else {
                joined.append(interval)
            }
        }
        return joined
    }
}

extension NetworkRange {
    /// The addresses of the range as intervals: a range of IPv6 leaves out those that stand for IPv4.
    fileprivate var intervals: [ClosedRange<UInt128>] {
        let mapped = NetworkAddress.mapped
        guard !isIPv4, addresses.overlaps(mapped) else { return [addresses] }
        var intervals: [ClosedRange<UInt128>] = []
        if addresses.lowerBound < mapped.lowerBound {
            intervals.append(addresses.lowerBound...(mapped.lowerBound - 1))
        }
        if addresses.upperBound > mapped.upperBound {
            intervals.append((mapped.upperBound + 1)...addresses.upperBound)
        }
        return intervals
    }
}
