/// What is wrong with one field of a request.
public struct FieldProblem: Hashable, Sendable {
    /// The field's name on the wire; dots lead into nested objects.
    public let field: String
    /// One sentence that says what it must be.
    public let message: String

    public init(field: String, message: String) {
        self.field = field
        self.message = message
    }
}

/// A request's body has the right syntax and wrong fields: all of them, not only the first.
public struct InvalidFields: Error, Hashable, Sendable {
    public let problems: [FieldProblem]

    public init(_ problems: [FieldProblem]) {
        self.problems = problems
    }
}

/// Reads the fields of a request's body and gathers what is wrong with them.
struct FieldReader {
    private(set) var problems: [FieldProblem] = []
    private let object: JSONObject
    private let prefix: String

    init(_ object: JSONObject, at prefix: String = "") {
        self.object = object
        self.prefix = prefix
    }

    /// A required, non-empty string of at most `limit` bytes.
    mutating func text(_ name: String, limit: Int = 1_024) -> String {
        switch object[name] {
        case nil, .null?: report(name, "is required")
        case .string(let text)? where text.isEmpty: report(name, "must not be empty")
        case .string(let text)? where text.utf8.count > limit: report(name, "must be at most \(limit) bytes")
        case .string(let text)?: return text
        default: report(name, "must be a string")
        }
        return ""
    }

    /// The same where it may be missing or `null`, which is `nil`.
    mutating func optionalText(_ name: String, limit: Int = 1_024) -> String? {
        switch object[name] {
        case nil, .null?: nil
        default: text(name, limit: limit)
        }
    }

    mutating func identifier<Named>(_ name: String, of kind: ID<Named>.Type = ID<Named>.self) -> ID<Named> {
        guard let text = object[name]?.string, let id = ID<Named>(text) else {
            report(name, "must be a UUID")
            return ID(high: 0, low: 0)
        }
        return id
    }

    /// A required whole number within `range`.
    mutating func integer(_ name: String, in range: ClosedRange<Int>) -> Int {
        if case .number(let text)? = object[name], let value = Int(text), range.contains(value),
            String(value) == text
        {
            return value
        }
        report(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        return range.lowerBound
    }

    /// A required boolean.
    mutating func bool(_ name: String) -> Bool {
        if case .bool(let value)? = object[name] { return value }
        report(name, "must be true or false")
        return false
    }

    /// A required string, one of `choices`.
    mutating func choice(_ name: String, of choices: [String]) -> String {
        if let text = object[name]?.string, let choice = choices.first(where: { $0.utf8.elementsEqual(text.utf8) }) {
            return choice
        }
        report(name, "must be \(choices.joined(separator: " or "))")
        return ""
    }

    /// A required value that may be `null`, which is `nil`.
    mutating func nullable(_ name: String) -> JSON? {
        switch object[name] {
        case nil: report(name, "is required; it may be null")
        case .null?: break
        case let value?: return value
        }
        return nil
    }

    /// A required array of distinct strings.
    mutating func texts(_ name: String) -> [String] {
        guard let array = object[name]?.array else {
            report(name, "must be an array of strings")
            return []
        }
        let texts = array.compactMap(\.string).filter { !$0.isEmpty && $0.utf8.count <= 256 }
        if texts.count != array.count {
            report(name, "must hold only strings of 1 to 256 bytes")
        } else if Set(texts.map { Array($0.utf8) }).count != texts.count {
            report(name, "must not name anything twice")
        }
        return texts
    }

    /// A required object.
    mutating func members(_ name: String) -> [JSONObject.Member] {
        guard let object = object[name]?.object else {
            report(name, "must be an object")
            return []
        }
        return object.members
    }

    mutating func report(_ name: String, _ message: String) {
        problems.append(FieldProblem(field: prefix + name, message: "\(prefix + name) \(message)."))
    }

    mutating func merge(_ other: FieldReader) {
        problems += other.problems
    }

    /// Throws when anything was wrong.
    func finish() throws(InvalidFields) {
        guard problems.isEmpty else { throw InvalidFields(problems) }
    }
}
