/// A JSON text, read to the letter of RFC 8259 and nothing beyond it.
///
/// `JSONDecoder` accepts duplicate names (the first wins), a byte order mark, UTF-16, trailing
/// commas and any depth; a value read that way can mean one thing here and another elsewhere.
public enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    /// The number as it was written: what it means is decided where its range is known.
    case number(String)
    case string(String)
    case array([JSON])
    case object(JSONObject)

    /// Reads one JSON text.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8 without a byte order mark.
    ///   - depth: How deeply arrays and objects may nest.
    /// - Throws: ``MalformedJSON``.
    public init(_ bytes: some Collection<UInt8>, depth: Int = 32) throws(MalformedJSON) {
        var parser = JSONParser(bytes: Array(bytes), depth: depth)
        self = try parser.text()
    }

    /// The string, if it is one.
    public var string: String? {
        if case .string(let string) = self { string } else { nil }
    }

    /// The object, if it is one.
    public var object: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// The elements, if it is an array.
    public var array: [JSON]? {
        if case .array(let array) = self { array } else { nil }
    }
}

/// A JSON object; its names are distinct, byte for byte.
public struct JSONObject: Hashable, Sendable {
    /// Name and value in the order they were written.
    public struct Member: Hashable, Sendable {
        public let name: String
        public let value: JSON

        public init(name: String, value: JSON) {
            self.name = name
            self.value = value
        }
    }

    public let members: [Member]

    init(members: [Member]) {
        self.members = members
    }

    /// The value of a member, its name compared byte for byte; `nil` when there is none.
    public subscript(name: String) -> JSON? {
        members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }
}

/// A text is not JSON; where it went wrong.
public struct MalformedJSON: Error, Hashable, Sendable {
    /// The first byte that could not be, counted from 0.
    public let offset: Int
}
