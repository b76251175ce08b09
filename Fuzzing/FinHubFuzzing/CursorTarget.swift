import FinHubAPI
import FinHubCore
import FinHubServer

extension FuzzTarget {
    /// The cursor of a list, alone and in the query that carries it.
    static let cursor = FuzzTarget(
        "cursor",
        mutator: .cursor,
        check: { input throws(Violation) in
            let text = String(decoding: input, as: UTF8.self)
            let position = Cursor.sessionPosition(text)
            let expected = ReferenceBase64URL.decode(Array(text.utf8)).flatMap { $0.count == 24 ? $0 : nil }
            try promise((position != nil) == (expected != nil), "takes 24 bytes in base64url, and only that")
            if let position, let expected {
                try promise(place(of: position) == expected, "is the place that its bytes say")
                try promise(Cursor.encode(position).utf8.elementsEqual(text.utf8), "encodes back to the same text")
            }
            if input.count >= 24 {
                let place = sessionPosition(at: Array(input.prefix(24)))
                try promise(Cursor.sessionPosition(Cursor.encode(place)) == place, "decodes what it encoded")
            }
            let list = try? SessionListQuery(Query(text))
            try promise(list.map(ListShape.init) == ListShape(expectedFrom: text), "reads a query to the letter")
            return position != nil || (list != nil && !input.isEmpty)
        }
    )

    private static func place(of position: SessionPosition) -> [UInt8] {
        let moment = UInt64(bitPattern: position.createdAt.microseconds)
        return (0..<8).map { UInt8(truncatingIfNeeded: moment >> (56 - 8 * $0)) } + position.id.bytes
    }

    private static func sessionPosition(at place: [UInt8]) -> SessionPosition {
        let numbers = [0, 8, 16].map { start in place[start..<(start + 8)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        return SessionPosition(
            createdAt: Timestamp(microseconds: Int64(bitPattern: numbers[0])),
            id: SessionID(high: numbers[1], low: numbers[2])
        )
    }
}

/// What a query asks for.
private struct ListShape: Equatable {
    let status: String
    let limit: Int
    let cursor: String?

    init(_ query: SessionListQuery) {
        status = query.status.rawValue
        limit = query.limit
        cursor = query.after.map(Cursor.encode)
    }

    /// By the contract: each name once, three of them known, everything else ignored, as is what has no name.
    init?(expectedFrom text: String) {
        var values: [(name: String, value: String)] = []
        var pair = ""
        for scalar in text.unicodeScalars + ["&"] {
            guard scalar == "&" else {
                pair.unicodeScalars.append(scalar)
                continue
            }
            if !pair.isEmpty, !pair.utf8.starts(with: "=".utf8) {
                let name = String(String.UnicodeScalarView(pair.unicodeScalars.prefix { $0 != "=" }))
                let value = String(
                    String.UnicodeScalarView(pair.unicodeScalars.dropFirst(name.unicodeScalars.count + 1))
                )
                values.append((name, value))
            }
            pair = ""
        }
        guard Set(values.map(\.name)).count == values.count else { return nil }
        let named: (String) -> String? = { name in values.first { $0.name == name }?.value }
        status = named("status") ?? "active"
        cursor = named("cursor")
        guard ["active", "ended", "all"].contains(status), let limit = Int(named("limit") ?? "50"),
            String(limit) == named("limit") ?? "50", (1...200).contains(limit)
        else { return nil }
        self.limit = limit
        if let cursor, ReferenceBase64URL.decode(Array(cursor.utf8))?.count != 24 { return nil }
    }
}

extension Mutator {
    fileprivate static let cursor = Mutator(
        words: [
            "&", "=", "cursor=", "limit=", "status=", "limit=1", "limit=200", "limit=201", "limit=0", "limit=01",
            "limit=+1", "limit=\u{661}", "status=all", "status=ended", "status=ALL", "status=", "except=current",
            "cursor", "%63ursor=", "&&", "==", "\u{301}", "\0", "AAAA", "+", "A=",
        ],
        separators: "&=",
        moves: [
            { _, generator in Array(Base64URL.encode(generator.bytes(generator.pick([23, 24, 24, 24, 25]))).utf8) },
            { bytes, generator in
                bytes + Array("&cursor=\(Base64URL.encode(generator.bytes(generator.pick([23, 24, 24]))))".utf8)
            },
            { bytes, generator in bytes + Array("&limit=\(generator.below(220))".utf8) },
        ]
    )
}
