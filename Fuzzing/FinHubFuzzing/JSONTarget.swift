import FinHubAPI

extension FuzzTarget {
    /// The strict JSON check, beside a reader that is built in another way, and Foundation's.
    static let json = FuzzTarget(
        "json",
        mutator: .json,
        check: { input throws(Violation) in
            let value: JSON?
            do throws(MalformedJSON) {
                value = try JSON(input)
            } catch {
                try promise((0...input.count).contains(error.offset), "says where it stopped, within the text")
                value = nil
            }
            try promise((value != nil) == JSONReference.isJSON(input, depth: 32), "takes RFC 8259 and only that")
            guard let value else { return false }
            try promise(value.nesting <= 32, "nests 32 deep at most")
            try promise(value.hasDistinctNames, "has no name twice in one object")
            let again = try? JSON(value.written)
            // `==` alone compares strings by canonical equivalence.
            try promise(again == value && again?.written == value.written, "reads what it wrote, byte for byte")
            if FoundationJSON.canHold(value) {
                try promise(FoundationJSON.agrees(that: value, isIn: input), "means what it means to Foundation")
            }
            return true
        }
    )
}

extension Mutator {
    /// Moves on JSON texts.
    static let json = Mutator(
        words: [
            "{", "}", "[", "]", ",", ":", "\"", "{}", "[]", "{\"a\":", "\"a\"", "\"\\u0061\"", "null", "true",
            "false", "0", "-0", "01", "1.", ".5", "1e308", "1e", "-", "+1", "0x1", "NaN", "Infinity", "\\u0000",
            "\\ud83d\\ude00", "\\ud83d", "\\ude00", "\\uD83D\\u0041", "\\ud83d\\ud83d", "\\x", "\\/", "\\", "//",
            "/**/", "'",
            "\u{feff}", "\u{a0}", "\u{2028}", "\u{1f600}", "e\u{301}", "\u{e9}", "\0", "\u{7f}", "\t", "\n", " ",
        ],
        separators: ",:[]{}\"\\",
        moves: [
            { bytes, _ in Array("[".utf8) + bytes + "]".utf8 },
            { bytes, _ in Array(#"{"a":"#.utf8) + bytes + "}".utf8 },
            { bytes, generator in
                let levels = generator.pick([15, 16, 30, 31, 32, 33])
                return [UInt8](repeating: UInt8(ascii: "["), count: levels) + bytes
                    + [UInt8](repeating: UInt8(ascii: "]"), count: levels)
            },
            { bytes, generator in
                let escape =
                    Array(#"\u"#.utf8) + String(0x1_0000 + generator.below(0x1_0000), radix: 16).utf8.dropFirst()
                return bytes.inserting(escape, behind: UInt8(ascii: "\""), using: &generator)
            },
            { bytes, generator in
                let member = Array(#""\#(generator.pick(["a", "iat", "é", "\\u0061"]))":1,"#.utf8)
                return bytes.inserting(member, behind: UInt8(ascii: "{"), using: &generator)
            },
            { bytes, generator in
                bytes.inserting(generator.bytes(1 + generator.below(4)), behind: UInt8(ascii: "\""), using: &generator)
            },
        ]
    )
}

extension [UInt8] {
    /// The same with `piece` behind one of the places where `mark` stands, or in front.
    func inserting(_ piece: [UInt8], behind mark: UInt8, using generator: inout SeededGenerator) -> [UInt8] {
        let marks = indices.filter { self[$0] == mark }
        let place = marks.isEmpty ? 0 : generator.pick(marks) + 1
        return Array(self[..<place] + piece + self[place...])
    }
}

extension JSON {
    fileprivate var written: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }

    /// How deeply arrays and objects nest; 0 without any.
    fileprivate var nesting: Int {
        switch self {
        case .array(let elements): 1 + (elements.map(\.nesting).max() ?? 0)
        case .object(let object): 1 + (object.members.map(\.value.nesting).max() ?? 0)
        case .null, .bool, .number, .string: 0
        }
    }

    fileprivate var hasDistinctNames: Bool {
        switch self {
        case .array(let elements):
            elements.allSatisfy(\.hasDistinctNames)
        case .object(let object):
            Set(object.members.map { Array($0.name.utf8) }).count == object.members.count
                && object.members.allSatisfy(\.value.hasDistinctNames)
        case .null, .bool, .number, .string:
            true
        }
    }
}
