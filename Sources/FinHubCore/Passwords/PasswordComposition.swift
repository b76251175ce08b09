/// How a password is put together in the eyes of somebody who guesses: of words, walks over the keyboard,
/// sequences, years and repetitions, each of which is as quickly tried as one character.
struct PasswordComposition {
    private static let walks: [[Unicode.Scalar]] = [
        "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl;'", "zxcvbnm,./", "qwertzuiop",
        "azertyuiop", "yxcvbnm", "!@#$%^&*()", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "zaq1xsw2cde3vfr4bgt5nhy6mju7",
    ].flatMap { [Array($0.unicodeScalars), $0.unicodeScalars.reversed()] }
    private static let longestWord = 20

    private let text: [Unicode.Scalar]
    private let folded: [Unicode.Scalar]
    private let words: Set<String>
    /// For each place how long a walk begins there.
    private let walkLengths: [Int]

    /// - Parameters:
    ///   - password: What is to be taken apart; its case does not matter.
    ///   - words: Words beyond the common ones that count as one character, as ``fold(_:)`` makes them.
    init(_ password: String, words: Set<String>) {
        text = Array(password.lowercased().unicodeScalars)
        folded = text.map(Self.fold)
        self.words = words
        walkLengths = text.indices.map { [text] in Self.longestWalk(text[$0...]) }
    }

    private static func longestWalk(_ text: ArraySlice<Unicode.Scalar>) -> Int {
        guard let first = text.first else { return 0 }
        let lengths = walks.map { walk in
            walk.firstIndex(of: first).map { zip(walk[$0...], text).prefix { $0 == $1 }.count } ?? 0
        }
        return lengths.max() ?? 0
    }

    /// The least number of pieces that the password can be put together from.
    var pieces: Int {
        var least = [0]
        least.reserveCapacity(text.count + 1)
        for end in text.indices.map({ $0 + 1 }) {
            least.append(least[end - 1] + 1)
            for start in 0..<end where least[start] + 1 < least[end] {
                if isPiece(start..<end) { least[end] = least[start] + 1 }
            }
        }
        return least[text.count]
    }

    private func isPiece(_ range: Range<Int>) -> Bool {
        isRun(range) || isWalk(range) || isYear(range) || isRepetition(range) || isWord(range)
    }

    private func isRun(_ range: Range<Int>) -> Bool {
        text[range].allSatisfy { $0 == text[range.lowerBound] }
    }

    private func isWalk(_ range: Range<Int>) -> Bool {
        range.count >= 3 && range.count <= walkLengths[range.lowerBound]
    }

    private func isYear(_ range: Range<Int>) -> Bool {
        guard range.count == 4, text[range].allSatisfy({ ("0"..."9").contains($0) }) else { return false }
        let century = (text[range.lowerBound], text[range.lowerBound + 1])
        return century == ("1", "9") || century == ("2", "0")
    }

    /// Whether the piece says again what stands right before it.
    private func isRepetition(_ range: Range<Int>) -> Bool {
        guard range.count >= 2, range.lowerBound >= range.count else { return false }
        return text[range].elementsEqual(text[(range.lowerBound - range.count)..<range.lowerBound])
    }

    private func isWord(_ range: Range<Int>) -> Bool {
        guard (3...Self.longestWord).contains(range.count) else { return false }
        var word = String.UnicodeScalarView()
        word.append(contentsOf: folded[range])
        return CommonWords.folded.contains(String(word)) || words.contains(String(word))
    }

    /// A text with everything the same that is written for one letter: `P4$5w0rd` is `password`.
    static func fold(_ text: some StringProtocol) -> String {
        var folded = String.UnicodeScalarView()
        folded.append(contentsOf: text.lowercased().unicodeScalars.map(fold))
        return String(folded)
    }

    private static func fold(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar {
        case "0": "o"
        case "1", "l", "!", "|": "i"
        case "3", "€": "e"
        case "4", "@": "a"
        case "5", "$": "s"
        case "7", "+": "t"
        case "8": "b"
        default: scalar
        }
    }
}
