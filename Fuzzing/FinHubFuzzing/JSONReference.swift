/// Says whether a text is JSON to the letter of our contract, in another way than the parser.
///
/// Where that descends through bytes, this cuts the text into tokens of Unicode scalars and
/// keeps a stack of its own; the two share no code, so that they do not share mistakes.
struct JSONReference {
    private enum Token: Equatable {
        case mark(Character)
        case string(String)
        case word
    }

    /// What may come next inside an array, an object or the text as a whole.
    private enum Place {
        case value
        case valueOrEnd
        case end
        case nameOrEnd
        case name
        case colon
    }

    private struct Level {
        var place: Place
        let closing: Character
        var names: Set<[UInt8]> = []
    }

    static func isJSON(_ bytes: [UInt8], depth: Int) -> Bool {
        guard let text = String(validating: bytes, as: UTF8.self), let tokens = tokens(of: text) else { return false }
        var levels = [Level(place: .value, closing: "\0")]
        for token in tokens {
            guard step(token, &levels), levels.count <= depth + 1 else { return false }
        }
        return levels.count == 1 && levels[0].place == .end
    }

    private static func step(_ token: Token, _ levels: inout [Level]) -> Bool {
        let last = levels.count - 1
        switch (levels[last].place, token) {
        case (.value, .mark("[")), (.valueOrEnd, .mark("[")):
            levels[last].place = .end
            levels.append(Level(place: .valueOrEnd, closing: "]"))
        case (.value, .mark("{")), (.valueOrEnd, .mark("{")):
            levels[last].place = .end
            levels.append(Level(place: .nameOrEnd, closing: "}"))
        case (.value, .word), (.valueOrEnd, .word), (.value, .string), (.valueOrEnd, .string):
            levels[last].place = .end
        case (.name, .string(let name)), (.nameOrEnd, .string(let name)):
            levels[last].place = .colon
            return levels[last].names.insert(Array(name.utf8)).inserted
        case (.colon, .mark(":")):
            levels[last].place = .value
        case (.end, .mark(",")) where last > 0:
            levels[last].place = levels[last].closing == "}" ? .name : .value
        case (.end, .mark(let mark)), (.valueOrEnd, .mark(let mark)), (.nameOrEnd, .mark(let mark)):
            guard last > 0, mark == levels[last].closing else { return false }
            levels.removeLast()
        default:
            return false
        }
        return true
    }

    private static func tokens(of text: String) -> [Token]? {
        var tokens: [Token] = []
        var rest = Array(text.unicodeScalars)[...]
        while let scalar = rest.first {
            switch scalar {
            case " ", "\t", "\n", "\r":
                rest.removeFirst()
            case "[", "]", "{", "}", ",", ":":
                tokens.append(.mark(Character(scalar)))
                rest.removeFirst()
            case "\"":
                guard let string = string(&rest) else { return nil }
                tokens.append(.string(string))
            default:
                let word = String(
                    String.UnicodeScalarView(rest.prefix { !" \t\n\r[]{},:\"".unicodeScalars.contains($0) })
                )
                guard ["true", "false", "null"].contains(word) || isNumber(word) else { return nil }
                tokens.append(.word)
                rest.removeFirst(word.unicodeScalars.count)
            }
        }
        return tokens
    }

    /// Takes a string off the front; by way of UTF-16, in which the escapes are written.
    private static func string(_ rest: inout ArraySlice<Unicode.Scalar>) -> String? {
        let plain: [Unicode.Scalar: UInt16] = [
            "\"": 0x22, "\\": 0x5c, "/": 0x2f, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9,
        ]
        var units: [UInt16] = []
        rest.removeFirst()
        while let scalar = rest.popFirst(), scalar.value >= 0x20 {
            if scalar == "\"" { return String(validating: units, as: UTF16.self) }
            guard scalar == "\\" else {
                units += String(scalar).utf16
                continue
            }
            guard let escape = rest.popFirst() else { return nil }
            if escape == "u" {
                let digits = rest.prefix(4)
                guard digits.count == 4, digits.allSatisfy({ $0.isASCII && $0.properties.isASCIIHexDigit }),
                    let unit = UInt16(String(String.UnicodeScalarView(digits)), radix: 16)
                else { return nil }
                units.append(unit)
                rest.removeFirst(4)
            } else if let unit = plain[escape] {
                units.append(unit)
            } else {
                return nil
            }
        }
        return nil
    }

    /// Whether it is a number: integer, fraction and exponent, each to the letter (RFC 8259, section 6).
    private static func isNumber(_ word: String) -> Bool {
        func isDigits(_ text: some StringProtocol) -> Bool {
            !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
        let unsigned = word.utf8.starts(with: "-".utf8) ? Substring(word.utf8.dropFirst()) : word[...]
        let parts = unsigned.utf8.split(omittingEmptySubsequences: false) { $0 | 0x20 == 0x65 }.map(Substring.init)
        guard let mantissa = parts.first, parts.count <= 2 else { return false }
        if parts.count == 2 {
            let isSigned = parts[1].utf8.first == UInt8(ascii: "+") || parts[1].utf8.first == UInt8(ascii: "-")
            guard isDigits(Substring(parts[1].utf8.dropFirst(isSigned ? 1 : 0))) else { return false }
        }
        let sides = mantissa.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .map(Substring.init)
        return sides.count <= 2 && sides.allSatisfy { isDigits($0) }
            && (sides[0].utf8.count == 1 || sides[0].utf8.first != UInt8(ascii: "0"))
    }
}
