/// Writes one JSON text into a byte array, member by member.
///
/// The wire's shapes are few and closed, and half of a token check's cost would be
/// `JSONEncoder`'s; so each ``JSONWritable`` body writes itself.
public struct JSONWriter: Sendable {
    /// The UTF-8 text so far.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    public init(capacity: Int = 1_024) {
        bytes.reserveCapacity(capacity)
    }

    /// Writes an object whose members `body` writes.
    public mutating func object(_ body: (inout JSONWriter) -> Void) {
        enclose(UInt8(ascii: "{"), UInt8(ascii: "}"), body)
    }

    /// Writes an array whose elements `body` writes.
    public mutating func array(_ body: (inout JSONWriter) -> Void) {
        enclose(UInt8(ascii: "["), UInt8(ascii: "]"), body)
    }

    /// Writes a member's name; its value must come next.
    public mutating func name(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func string(_ value: String) {
        separate()
        quote(value)
        needsComma = true
    }

    public mutating func integer(_ value: Int64) {
        separate()
        bytes.append(contentsOf: String(value).utf8)
        needsComma = true
    }

    public mutating func bool(_ value: Bool) {
        literal(value ? "true" : "false")
    }

    public mutating func null() {
        literal("null")
    }

    public mutating func id<Named>(_ value: ID<Named>) {
        plain { value.write(to: &$0) }
    }

    public mutating func timestamp(_ value: Timestamp) {
        plain { value.write(to: &$0) }
    }

    /// Writes a string that `write` appends and that needs no escaping.
    public mutating func plain(_ write: (inout [UInt8]) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        write(&bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// Writes any JSON value.
    public mutating func value(_ value: JSON) {
        switch value {
        case .null: null()
        case .bool(let bool): self.bool(bool)
        case .number(let text): literal(text)
        case .string(let string): self.string(string)
        case .array(let elements):
            array { writer in for element in elements { writer.value(element) } }
        case .object(let object):
            self.object { writer in
                for member in object.members {
                    writer.name(member.name)
                    writer.value(member.value)
                }
            }
        }
    }

    private mutating func literal(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    private mutating func enclose(_ open: UInt8, _ close: UInt8, _ body: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(open)
        needsComma = false
        body(&self)
        bytes.append(close)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func quote(_ text: String) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { utf8 in
            // Most text needs no escape, and is then copied as it stands.
            if utf8.allSatisfy(\.standsForItself) { bytes.append(contentsOf: utf8) } else { escape(utf8) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ utf8: UnsafeBufferPointer<UInt8>) {
        for byte in utf8 {
            switch byte {
            case _ where byte.standsForItself:
                bytes.append(byte)
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            default:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(contentsOf: String(byte >> 4, radix: 16).utf8)
                bytes.append(contentsOf: String(byte & 15, radix: 16).utf8)
            }
        }
    }
}

extension UInt8 {
    /// Whether it may stand in a JSON string unescaped; DEL would be allowed, but prints badly.
    fileprivate var standsForItself: Bool {
        self >= 0x20 && self != UInt8(ascii: "\"") && self != UInt8(ascii: "\\") && self != 0x7f
    }
}

/// A value that writes itself as JSON.
public protocol JSONWritable: Sendable {
    func write(to writer: inout JSONWriter)
}

extension JSONWritable {
    /// The whole JSON text.
    public var jsonBytes: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }
}

// MARK: Members

extension JSONWriter {
    public mutating func member(_ name: String, _ value: String) {
        self.name(name)
        string(value)
    }

    public mutating func member(_ name: String, _ value: String?) {
        self.name(name)
        if let value { string(value) } else { null() }
    }

    public mutating func member(_ name: String, _ value: Int64) {
        self.name(name)
        integer(value)
    }

    public mutating func member(_ name: String, _ value: Int64?) {
        self.name(name)
        if let value { integer(value) } else { null() }
    }

    public mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        bool(value)
    }

    public mutating func member<Named>(_ name: String, _ value: ID<Named>) {
        self.name(name)
        id(value)
    }

    public mutating func member(_ name: String, _ value: Timestamp) {
        self.name(name)
        timestamp(value)
    }

    public mutating func member(_ name: String, _ value: Timestamp?) {
        self.name(name)
        if let value { timestamp(value) } else { null() }
    }

    public mutating func member(_ name: String, _ value: [String]) {
        self.name(name)
        array { writer in for element in value { writer.string(element) } }
    }

    public mutating func member(_ name: String, _ value: some JSONWritable) {
        self.name(name)
        value.write(to: &self)
    }
}
