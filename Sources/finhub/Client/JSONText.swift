import FinHubAPI
import Foundation

extension JSON {
    /// The value as JSON text: on one line, or spread over many for a person to read.
    func text(isSpread: Bool) -> String {
        var text = ""
        append(to: &text, indentation: isSpread ? 0 : nil)
        return text
    }

    private func append(to text: inout String, indentation: Int?) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .number(let digits): text += digits
        case .string(let string): text += Self.quoted(string)
        case .array(let elements):
            Self.enclose("[", "]", elements, into: &text, indentation) { element, text, indentation in
                element.append(to: &text, indentation: indentation)
            }
        case .object(let object):
            Self.enclose("{", "}", object.members, into: &text, indentation) { member, text, indentation in
                text += Self.quoted(member.name) + (indentation == nil ? ":" : ": ")
                member.value.append(to: &text, indentation: indentation)
            }
        }
    }

    private static func enclose<Part>(
        _ open: String,
        _ close: String,
        _ parts: [Part],
        into text: inout String,
        _ indentation: Int?,
        _ append: (Part, inout String, Int?) -> Void
    ) {
        let inner = indentation.map { $0 + 2 }
        text += open
        for (index, part) in parts.enumerated() {
            if index > 0 { text += "," }
            if let inner { text += "\n" + String(repeating: " ", count: inner) }
            append(part, &text, inner)
        }
        if let indentation, !parts.isEmpty { text += "\n" + String(repeating: " ", count: indentation) }
        text += close
    }

    /// Escapes what a terminal would act on, beyond what JSON asks for.
    private static func quoted(_ string: String) -> String {
        var text = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            default:
                if scalar.movesText {
                    let digits = String(scalar.value, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    text.unicodeScalars.append(scalar)
                }
            }
        }
        return text + "\""
    }
}
