import FinHubAPI
package import FinHubCore
import Hummingbird

/// The query of a request, strictly: a name given twice decides nothing (ASVS 15.3.7).
package struct Query: Sendable {
    private let values: [String: String]

    package init(_ text: String) throws {
        var values: [String: String] = [:]
        for pair in text.utf8.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts.first.map { String(Substring($0)) } ?? ""
            let value = parts.count == 2 ? String(Substring(parts[1])) : ""
            guard values.updateValue(value, forKey: name) == nil else {
                throw Refusal.invalid(name, "must be given once")
            }
        }
        self.values = values
    }

    subscript(name: String) -> String? { values[name] }

    /// Whether `except=current` is given.
    var sparesCurrent: Bool {
        get throws {
            guard let except = self["except"] else { return false }
            guard except == "current" else { throw Refusal.invalid("except", "must be current") }
            return true
        }
    }
}

extension Request {
    /// The parsed query.
    var query: Query {
        get throws { try Query(uri.query ?? "") }
    }
}

/// What a list of sessions is asked with.
package struct SessionListQuery {
    private static let limits = 1...200

    package let status: SessionQuery.Status
    package let limit: Int
    package let after: SessionPosition?

    package init(_ query: Query) throws {
        var problems: [FieldProblem] = []
        let status = query["status"].map(SessionQuery.Status.init(rawValue:)) ?? .active
        if status == nil {
            problems.append(FieldProblem(field: "status", message: "status must be active, ended or all."))
        }
        let limit = query["limit"].map { text in Self.limits.first { String($0) == text } } ?? 50
        if limit == nil {
            problems.append(FieldProblem(field: "limit", message: "limit must be a number from 1 to 200."))
        }
        let after = query["cursor"].map(Cursor.decode)
        if let after, after == nil {
            problems.append(FieldProblem(field: "cursor", message: "cursor must be the nextCursor of another page."))
        }
        guard problems.isEmpty, let status, let limit else { throw InvalidFields(problems) }
        self.status = status
        self.limit = limit
        self.after = after ?? nil
    }
}

/// A place in a list, as opaque text: 24 bytes in base64url.
package enum Cursor {
    package static func encode(_ position: SessionPosition) -> String {
        let moment = withUnsafeBytes(of: position.createdAt.microseconds.bigEndian) { Array($0) }
        return Base64URL.encode(moment + position.id.bytes)
    }

    package static func decode(_ text: String) -> SessionPosition? {
        guard text.utf8.count == 32, let bytes = Base64URL.decode(text.utf8), let id = SessionID(bytes: bytes[8...])
        else { return nil }
        let moment = bytes[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return SessionPosition(createdAt: Timestamp(microseconds: Int64(bitPattern: moment)), id: id)
    }
}
