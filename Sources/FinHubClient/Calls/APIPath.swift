import FinHubAPI

/// A path below the API's base path, such as `/admin/sessions/current`.
///
/// An interpolated value is one segment and percent-encoded as such, so no value can add a
/// segment, a query or a host:
///
/// ```swift
/// let path: APIPath = "/customer/individual/categorization/hierarchy/\(tenant)"
/// ```
///
/// A path that is not well-formed is refused with ``FinHubAPI/ErrorCode/clientInvalidRequest``
/// by the call that it is given to.
public struct APIPath: Hashable, Sendable {
    /// As it goes over the wire; `nil` when it is malformed.
    package let encoded: String?

    /// Reads a path made at run time, percent-encoded where it needs to be.
    ///
    /// Query and fragment are not part of a path.
    public init(_ text: String) {
        let bytes = text.utf8
        let isWellFormed = bytes.withContiguousStorageIfAvailable(Self.isWellFormed) ?? Self.isWellFormed(Array(bytes))
        encoded = isWellFormed ? text : nil
    }

    /// RFC 3986, section 3.3: segments of `pchar`s, of which a percent sign must begin an escape; and none of the
    /// segments that lead elsewhere, however they are spelt.
    private static func isWellFormed(_ text: some Collection<UInt8>) -> Bool {
        guard text.first == UInt8(ascii: "/"), text.count <= 2_048 else { return false }
        var rest = text.makeIterator()
        var segment = SegmentShape()
        _ = rest.next()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "/"):
                guard segment.isAllowed else { return false }
                segment = SegmentShape()
            case UInt8(ascii: "%"):
                guard let high = rest.next()?.hexadecimalValue, let low = rest.next()?.hexadecimalValue,
                    !forbiddenEscapes.contains(high << 4 | low)
                else { return false }
                segment.take(byte)
            default:
                guard isPlain(byte) else { return false }
                segment.take(byte)
            }
        }
        return segment.isAllowed
    }

    /// What of a segment decides whether it leads elsewhere.
    private struct SegmentShape {
        private var length = 0
        private var isDots = true

        mutating func take(_ byte: UInt8) {
            length += 1
            if byte != UInt8(ascii: ".") { isDots = false }
        }

        /// Not empty, nor `.`, nor `..`.
        var isAllowed: Bool { length > 2 || (length > 0 && !isDots) }
    }

    /// An escaped dot, slash, backslash or NUL is read differently by different servers.
    private static let forbiddenEscapes = Set(#"./\"#.utf8).union([0])

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~!$&'()*+,;=:@".utf8.contains(byte)
        }
    }
}

extension APIPath: ExpressibleByStringInterpolation {
    /// Gathers literals as they are and values percent-encoded.
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        /// Room for a path of about that length.
        public init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 36)
        }

        /// Adds a part of the path as it is written.
        public mutating func appendLiteral(_ literal: String) {
            text += literal
        }

        /// Adds a value as one segment, or part of one, percent-encoded.
        public mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            text += value.description.percentEncoded
        }
    }

    /// A path written out in the source.
    public init(stringLiteral value: String) {
        self.init(value)
    }

    /// A path with values in it.
    public init(stringInterpolation: StringInterpolation) {
        self.init(stringInterpolation.text)
    }
}

/// One name and value of a query.
public struct QueryItem: Hashable, Sendable {
    /// As it is before percent-encoding.
    public let name: String
    /// As it is before percent-encoding.
    public let value: String

    /// An item, neither part encoded yet.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
