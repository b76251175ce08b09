public import FinHubAPI

extension [NetworkRange] {
    /// Reads the ranges of an allowlist: each in its one right form, and none within another.
    ///
    /// What a person could have meant otherwise is refused and not put right: bits behind the length are as
    /// likely a wrong length, and a range within another tells of a plan that is not in force.
    ///
    /// - Throws: `InvalidFields`; of very many problems, the first ones.
    public init(allowlist texts: [String]) throws(InvalidFields) {
        var problems: [FieldProblem] = []
        var placed: [PlacedRange] = []
        for (index, text) in texts.enumerated() {
            guard let range = NetworkRange(text) else {
                problems.add(index, "must be an address, or address/length as in 192.0.2.0/24 or 2001:db8::/32")
                continue
            }
            if range.hasBitsBehindLength(in: text) {
                problems.add(index, "has bits behind its length: write \(range), or another length")
            }
            placed.append(PlacedRange(index: index, range: range))
        }
        problems += placed.overlaps
        guard problems.isEmpty else { throw InvalidFields([FieldProblem](problems.prefix(20))) }
        self = placed.map(\.range)
    }
}

/// A range and where in the list it is.
private struct PlacedRange {
    let index: Int
    let range: NetworkRange

    /// Ranges of one family in their order, the wider of two with one beginning first.
    static func precedes(_ one: PlacedRange, _ other: PlacedRange) -> Bool {
        if one.range.isIPv4 != other.range.isIPv4 { return one.range.isIPv4 }
        let (first, second) = (one.range.addresses, other.range.addresses)
        if first.lowerBound != second.lowerBound { return first.lowerBound < second.lowerBound }
        if first.upperBound != second.upperBound { return first.upperBound > second.upperBound }
        return one.index < other.index
    }
}

extension [PlacedRange] {
    /// What lies within another range of the list, in the list's order.
    ///
    /// Two ranges of one family are apart, or one lies within the other.
    fileprivate var overlaps: [FieldProblem] {
        var outer: PlacedRange?
        var inner: [(index: Int, outer: PlacedRange, isTwin: Bool)] = []
        for next in sorted(by: PlacedRange.precedes) {
            if let outer, outer.range.contains(NetworkAddress(value: next.range.addresses.lowerBound)) {
                inner.append((next.index, outer, outer.range == next.range))
            } else {
                outer = next
            }
        }
        var problems: [FieldProblem] = []
        for (index, outer, isTwin) in inner.sorted(by: { $0.index < $1.index }) {
            let what = isTwin ? "is the same range as" : "lies within"
            problems.add(index, "\(what) ranges[\(outer.index)], \(outer.range): leave one of them out")
        }
        return problems
    }
}

extension NetworkRange {
    /// Whether the address it was read from is not the lowest of the range.
    fileprivate func hasBitsBehindLength(in text: String) -> Bool {
        let address = text.utf8.prefix { $0 != UInt8(ascii: "/") }
        return NetworkAddress(Substring(address))?.value != addresses.lowerBound
    }
}

extension [FieldProblem] {
    fileprivate mutating func add(_ index: Int, _ message: String) {
        append(FieldProblem(field: "ranges[\(index)]", message: "ranges[\(index)] \(message)."))
    }
}
