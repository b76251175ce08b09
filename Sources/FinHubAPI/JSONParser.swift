/// Reads one JSON text (RFC 8259) by recursive descent; `depth` bounds the recursion.
struct JSONParser {
    private let bytes: [UInt8]
    private let depth: Int
    private var index = 0

    init(bytes: [UInt8], depth: Int) {
        self.bytes = bytes
        self.depth = depth
    }

    mutating func text() throws(MalformedJSON) -> JSON {
        skipSpace()
        let value = try value(at: 0)
        skipSpace()
        guard index == bytes.count else { throw malformed }
        return value
    }

    private var malformed: MalformedJSON { MalformedJSON(offset: index) }

    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { index += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        index += 1
        return true
    }

    private mutating func value(at level: Int) throws(MalformedJSON) -> JSON {
        switch current {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return .object(try object(at: level + 1))
        case UInt8(ascii: "["): return .array(try array(at: level + 1))
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSON) throws(MalformedJSON) -> JSON {
        for offset in 0..<word.utf8CodeUnitCount {
            guard take(word.utf8Start[offset]) else { throw malformed }
        }
        return value
    }

    private mutating func array(at level: Int) throws(MalformedJSON) -> [JSON] {
        guard level <= depth else { throw malformed }
        index += 1
        var elements: [JSON] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return elements }
        while true {
            skipSpace()
            elements.append(try value(at: level))
            skipSpace()
            if take(UInt8(ascii: "]")) { return elements }
            guard take(UInt8(ascii: ",")) else { throw malformed }
        }
    }

    private mutating func object(at level: Int) throws(MalformedJSON) -> JSONObject {
        guard level <= depth else { throw malformed }
        index += 1
        var members: [JSONObject.Member] = []
        var names: Set<[UInt8]> = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return JSONObject(members: members) }
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw malformed }
            let name = try string()
            guard names.insert(Array(name.utf8)).inserted else { throw malformed }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw malformed }
            skipSpace()
            members.append(JSONObject.Member(name: name, value: try value(at: level)))
            skipSpace()
            if take(UInt8(ascii: "}")) { return JSONObject(members: members) }
            guard take(UInt8(ascii: ",")) else { throw malformed }
        }
    }
}

// MARK: Numbers

extension JSONParser {
    private mutating func number() throws(MalformedJSON) -> String {
        let start = index
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func digits() throws(MalformedJSON) {
        let start = index
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { index += 1 }
        guard index > start else { throw malformed }
    }
}

// MARK: Strings

extension JSONParser {
    private mutating func string() throws(MalformedJSON) -> String {
        index += 1
        let start = index
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { index += 1 }
        var content = Array(bytes[start..<index])
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                guard let string = String(validating: content, as: UTF8.self) else { throw malformed }
                return string
            case UInt8(ascii: "\\"):
                index += 1
                try escape(into: &content)
            case 0..<0x20:
                throw malformed
            default:
                content.append(byte)
                index += 1
            }
        }
        throw malformed
    }

    private mutating func escape(into content: inout [UInt8]) throws(MalformedJSON) {
        guard let byte = current else { throw malformed }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0c)
        case UInt8(ascii: "n"): content.append(0x0a)
        case UInt8(ascii: "r"): content.append(0x0d)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"): content.append(contentsOf: String(try escapedScalar()).utf8)
        default:
            index -= 1
            throw malformed
        }
    }

    /// The scalar of `\uXXXX`, or of two of them that form a surrogate pair.
    private mutating func escapedScalar() throws(MalformedJSON) -> Unicode.Scalar {
        let unit = try codeUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard (0xd800...0xdbff).contains(unit), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw malformed
        }
        let low = try codeUnit()
        guard (0xdc00...0xdfff).contains(low) else { throw malformed }
        let value = 0x10000 + (UInt32(unit) - 0xd800) << 10 + (UInt32(low) - 0xdc00)
        guard let scalar = Unicode.Scalar(value) else { throw malformed }
        return scalar
    }

    private mutating func codeUnit() throws(MalformedJSON) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = current, let nibble = byte.hexadecimalValue else { throw malformed }
            unit = unit << 4 | UInt16(nibble)
            index += 1
        }
        return unit
    }
}
