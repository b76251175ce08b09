import FinHubAPI
package import FinHubCore
import Foundation
import Hummingbird

/// The query of a request, strictly: a name given twice decides nothing (ASVS 15.3.7).
package struct Query: Sendable {
    private let values: [String: String]

    package init(_ text: String) throws {
        var values: [String: String] = [:]
        for pair in text.utf8.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts.first.map { String(Substring($0)) } ?? ""
            // Without a name it decides nothing.
            guard !name.isEmpty else { continue }
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
    package let status: SessionQuery.Status
    package let limit: Int
    package let after: SessionPosition?

    package init(_ query: Query) throws {
        var problems: [FieldProblem] = []
        let status = query["status"].map(SessionQuery.Status.init(rawValue:)) ?? .active
        if status == nil {
            problems.append(FieldProblem(field: "status", message: "status must be active, ended or all."))
        }
        let (limit, after) = query.page(Cursor.sessionPosition, &problems)
        guard problems.isEmpty, let status else { throw InvalidFields(problems) }
        self.status = status
        self.limit = limit
        self.after = after
    }
}

/// What a list of users is asked with.
struct UserListQuery {
    let prefix: SignInName?
    let limit: Int
    let after: UserPosition?

    init(_ query: Query) throws {
        var problems: [FieldProblem] = []
        let search = try query.text("search", limit: 128)
        (limit, after) = query.page(Cursor.userPosition, &problems)
        guard problems.isEmpty else { throw InvalidFields(problems) }
        prefix = search.flatMap { $0.isEmpty ? nil : SignInName($0) }
    }
}

/// What a list of audit entries is asked with.
struct AuditListQuery {
    let entries: AuditQuery
    /// As the log has it.
    let address: String?

    init(_ query: Query) throws {
        var problems: [FieldProblem] = []
        let (limit, before) = query.page(Cursor.sequence, &problems)
        var entries = AuditQuery(limit: limit)
        entries.before = before
        if let event = query.value("event", AuditEvent.init(rawValue:), "one of the log's events", &problems) {
            entries.events = [event]
        }
        entries.actor = query.value("actorId", UserID.init, "a UUID", &problems)
        entries.subject = query.value("subjectId", UserID.init, "a UUID", &problems)
        entries.since = query.value("since", Timestamp.init(reading:), Self.moment, &problems)
        entries.until = query.value("until", Timestamp.init(reading:), Self.moment, &problems)
        let address = try query.text("address", limit: 64)
        if let address, NetworkAddress(address) == nil {
            problems.append(FieldProblem(field: "address", message: "address must be an IP address."))
        }
        guard problems.isEmpty else { throw InvalidFields(problems) }
        self.entries = entries
        self.address = address.flatMap { NetworkAddress($0) }.map { "\($0)" }
    }

    private static let moment = "a UTC time such as 2026-01-13T21:25:10"
}

extension Query {
    /// A value that must be read by `read`; `nil` when it is not given.
    fileprivate func value<Value>(
        _ name: String,
        _ read: (String) -> Value?,
        _ kind: String,
        _ problems: inout [FieldProblem]
    ) -> Value? {
        guard let text = self[name] else { return nil }
        let value = text.removingPercentEncoding.flatMap(read)
        if value == nil { problems.append(FieldProblem(field: name, message: "\(name) must be \(kind).")) }
        return value
    }

    private static let limits = 1...200

    /// `limit`, 50 by default, and the place that `cursor` stands for.
    fileprivate func page<Position>(
        _ decode: (String) -> Position?,
        _ problems: inout [FieldProblem]
    ) -> (limit: Int, after: Position?) {
        let limit = self["limit"].map { text in Self.limits.first { String($0) == text } } ?? 50
        if limit == nil {
            problems.append(FieldProblem(field: "limit", message: "limit must be a number from 1 to 200."))
        }
        let after = self["cursor"].map(decode)
        if let after, after == nil {
            problems.append(FieldProblem(field: "cursor", message: "cursor must be the nextCursor of another page."))
        }
        return (limit ?? 1, after ?? nil)
    }

    /// A value that may be any text, percent-encoded (RFC 3986, section 2.1); `nil` when it is not given.
    fileprivate func text(_ name: String, limit: Int) throws -> String? {
        guard let value = self[name] else { return nil }
        guard let text = value.replacing("+", with: "%20").removingPercentEncoding, text.unicodeScalars.count <= limit
        else {
            throw Refusal.invalid(name, "must be percent-encoded UTF-8 of at most \(limit) characters")
        }
        return text
    }
}

/// A place in a list, as opaque text in base64url.
package enum Cursor {
    package static func encode(_ position: SessionPosition) -> String {
        let moment = withUnsafeBytes(of: position.createdAt.microseconds.bigEndian) { Array($0) }
        return Base64URL.encode(moment + position.id.bytes)
    }

    package static func sessionPosition(_ text: String) -> SessionPosition? {
        guard text.utf8.count == 32, let bytes = Base64URL.decode(text.utf8), let id = SessionID(bytes: bytes[8...])
        else { return nil }
        let moment = bytes[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return SessionPosition(createdAt: Timestamp(microseconds: Int64(bitPattern: moment)), id: id)
    }

    static func encode(sequence: Int64) -> String {
        Base64URL.encode(withUnsafeBytes(of: sequence.bigEndian) { Array($0) })
    }

    static func sequence(_ text: String) -> Int64? {
        guard let bytes = Base64URL.decode(text.utf8), bytes.count == 8 else { return nil }
        let sequence = Int64(bitPattern: bytes.reduce(0) { $0 << 8 | UInt64($1) })
        return sequence >= 0 ? sequence : nil
    }

    static func encode(_ position: UserPosition) -> String {
        Base64URL.encode([position.foundBy == .userName ? 0 : 1] + position.name.utf8)
    }

    static func userPosition(_ text: String) -> UserPosition? {
        guard let bytes = Base64URL.decode(text.utf8), let first = bytes.first, first <= 1 else { return nil }
        return UserPosition(
            foundBy: first == 0 ? .userName : .email,
            name: SignInName(canonical: Array(bytes.dropFirst()))
        )
    }
}
