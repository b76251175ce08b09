/// The fields of users, each with its one rule.
extension FieldReader {
    /// A new user name: what a person can read and type, so that no two look alike by what can't be seen.
    mutating func userName(_ name: String) -> String {
        let text = text(name, limit: 128)
        if !text.isEmpty, !text.isPlain || text.first == " " || text.last == " " || text.contains("  ") {
            report(name, "must have no invisible characters, and single spaces only between others")
        }
        return text
    }

    /// An e-mail address (RFC 5321, section 4.5.3.1), as far as can be told without sending to it.
    mutating func email(_ name: String) -> String {
        let text = text(name, limit: 254)
        guard !text.isEmpty else { return text }
        // By bytes: a combining mark would hide an @ in one character with it.
        let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        let isAddress = parts.count == 2 && (1...64).contains(parts[0].count) && !parts[1].isEmpty
        if !isAddress || !text.isPlain || text.contains(" ") { report(name, "must be an e-mail address") }
        return text
    }

    mutating func roles(_ name: String) -> [String] {
        let roles = texts(name)
        let known = ["ADMIN", "MASTER_ADMIN", "MEMBER"]
        if let unknown = roles.first(where: { role in !known.contains { $0.utf8.elementsEqual(role.utf8) } }) {
            report(name, "must name roles of \(known.joined(separator: ", ")); there is no “\(unknown)”")
        } else if roles.isEmpty, problems.isEmpty {
            report(name, "must name a role")
        }
        return roles
    }

    mutating func newPassword() -> Secret<String> {
        Secret(text("newPassword"))
    }
}

extension String {
    /// Whether every character of it can be seen, or is a space.
    fileprivate var isPlain: Bool {
        unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
            case .spaceSeparator: scalar == " "
            default: !scalar.properties.isDefaultIgnorableCodePoint
            }
        }
    }
}
