/// Makes inputs out of inputs, knowing what the format is made of.
///
/// Byte by byte alone, hardly any change gets past a parser's first check. So there are three
/// kinds of move: on bytes, on the parts between separators, and the format's own.
package struct Mutator: Sendable {
    /// A format's own move: what it makes of an input.
    typealias Move = @Sendable ([UInt8], inout SeededGenerator) -> [UInt8]

    private let words: [[UInt8]]
    private let separators: Set<UInt8>
    private let moves: [Move]

    /// - Parameters:
    ///   - words: Pieces that the format knows, and pieces that it must not take.
    ///   - separators: What stands between the parts of an input.
    ///   - moves: The format's own moves.
    init(words: [String], separators: String, moves: [Move] = []) {
        self.words = words.map { Array($0.utf8) }
        self.separators = Set(separators.utf8)
        self.moves = moves
    }

    /// Changes `input` in one to four places.
    ///
    /// - Parameters:
    ///   - input: What is changed.
    ///   - other: Another input, pieces of which may come in.
    ///   - generator: Decides.
    /// - Returns: The changed input; now and then it is the same.
    package func mutate(
        _ input: [UInt8],
        beside other: [UInt8],
        using generator: inout SeededGenerator
    ) -> [UInt8] {
        var bytes = input
        for _ in 0...generator.below(4) {
            switch generator.below(8) {
            case 0, 1, 2: changeBytes(&bytes, using: &generator)
            case 3: bytes = splice(bytes, other, using: &generator)
            case 4, 5: bytes = changeParts(bytes, beside: other, using: &generator)
            default: bytes = moves.isEmpty ? bytes : generator.pick(moves)(bytes, &generator)
            }
        }
        return bytes
    }

    private func changeBytes(_ bytes: inout [UInt8], using generator: inout SeededGenerator) {
        let place = generator.below(bytes.count)
        switch generator.below(7) {
        case 0 where !bytes.isEmpty: bytes[place] ^= 1 << UInt8(generator.below(8))
        case 1 where !bytes.isEmpty: bytes[place] = UInt8(generator.below(256))
        case 2 where !bytes.isEmpty: bytes[place] ^= 0x20
        case 3: bytes.removeSubrange(generator.range(in: bytes.count))
        case 4: bytes.insert(contentsOf: bytes[generator.range(in: bytes.count)], at: place)
        case 5: bytes.insert(UInt8(generator.below(256)), at: place)
        default: bytes.replaceSubrange(generator.range(in: bytes.count).prefix(4), with: generator.pick(words))
        }
    }

    private func splice(_ one: [UInt8], _ other: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        Array(one.prefix(generator.below(one.count + 1)) + other.suffix(generator.below(other.count + 1)))
    }

    private func changeParts(
        _ bytes: [UInt8],
        beside other: [UInt8],
        using generator: inout SeededGenerator
    ) -> [UInt8] {
        var parts = parts(of: bytes)
        let place = generator.below(parts.count)
        switch generator.below(6) {
        case 0: parts.remove(at: place)
        case 1: parts.insert(parts[place], at: generator.below(parts.count))
        case 2: parts.swapAt(place, generator.below(parts.count))
        case 3: parts[place] = generator.pick(self.parts(of: other))
        case 4: parts.insert(generator.pick(self.parts(of: other)), at: place)
        default: parts[place] = generator.pick(words) + parts[place].suffix(1)
        }
        return Array(parts.joined())
    }

    /// The parts, each with the separator behind it; never none.
    private func parts(of bytes: [UInt8]) -> [[UInt8]] {
        var parts: [[UInt8]] = [[]]
        for byte in bytes {
            parts[parts.count - 1].append(byte)
            if separators.contains(byte) { parts.append([]) }
        }
        return parts
    }
}
