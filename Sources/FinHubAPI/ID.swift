/// Names one thing of the kind `Named`: a UUID (RFC 9562), 128 bits.
///
/// It is printed in canonical lower case and read in any case, in the canonical
/// 8-4-4-4-12 form alone (contract, *Conventions*): `UUID(uuidString:)` would also accept a
/// trailing NUL. An identifier is a name, never a credential.
public struct ID<Named>: Hashable, Sendable {
    /// The first eight bytes, big-endian.
    public let high: UInt64
    /// The last eight bytes, big-endian.
    public let low: UInt64

    /// Makes the identifier of these 128 bits.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// What a ``TenantID`` names.
public enum TenantName {}
/// What an ``OrganizationID`` names.
public enum OrganizationName {}
/// What a ``UserID`` names.
public enum UserName {}
/// What a ``SessionID`` names.
public enum SessionName {}

public typealias TenantID = ID<TenantName>
public typealias OrganizationID = ID<OrganizationName>
public typealias UserID = ID<UserName>
public typealias SessionID = ID<SessionName>

extension ID {
    /// The length of the canonical form, in bytes.
    public static var textLength: Int { 36 }

    /// Reads the canonical form in either case; anything else is `nil`.
    public init?(_ text: some StringProtocol) {
        self.init(utf8: text.utf8)
    }

    /// Reads the canonical form in either case from UTF-8 bytes; anything else is `nil`.
    public init?(utf8 bytes: some Collection<UInt8>) {
        let halves =
            bytes.withContiguousStorageIfAvailable(UUIDText.read)
            ?? Array(bytes.prefix(Self.textLength + 1)).withUnsafeBufferPointer(UUIDText.read)
        guard let halves else { return nil }
        self.init(high: halves.high, low: halves.low)
    }

    /// Makes a version 4 identifier (RFC 9562, section 5.4) from the system's generator.
    public static func random() -> ID {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    /// Makes a version 4 identifier from `generator`.
    public static func random(using generator: inout some RandomNumberGenerator) -> ID {
        let high = generator.next() as UInt64
        let low = generator.next() as UInt64
        return ID(
            high: high & 0xffff_ffff_ffff_0fff | 0x0000_0000_0000_4000,
            low: low & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
        )
    }

    /// Appends the canonical lower-case form as UTF-8.
    public func write(to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.textLength) { text in
            UUIDText.write(high: high, low: low, to: text)
            bytes.append(contentsOf: text)
        }
    }

    /// The 16 bytes, in network order.
    public var bytes: [UInt8] {
        withUnsafeBytes(of: high.bigEndian) { Array($0) } + withUnsafeBytes(of: low.bigEndian) { Array($0) }
    }

    /// The identifier of 16 bytes in network order; another count is `nil`.
    public init?(bytes: some Collection<UInt8>) {
        let id = bytes.withContiguousStorageIfAvailable { Self(buffer: UnsafeRawBufferPointer($0)) }
        guard let id = id ?? Array(bytes).withUnsafeBytes({ Self(buffer: $0) }) else { return nil }
        self = id
    }

    /// The same from a buffer.
    public init?(buffer: UnsafeRawBufferPointer) {
        guard buffer.count == 16 else { return nil }
        high = UInt64(bigEndian: buffer.loadUnaligned(as: UInt64.self))
        low = UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
}

extension ID: CustomStringConvertible {
    public var description: String {
        String(unsafeUninitializedCapacity: Self.textLength) { UUIDText.write(high: high, low: low, to: $0) }
    }
}

/// The canonical form, apart from the generic type so that it is compiled once.
private enum UUIDText {
    private static let digits: StaticString = "0123456789abcdef"

    /// The two halves of the canonical form in either case; anything else is `nil`.
    static func read(_ text: UnsafeBufferPointer<UInt8>) -> (high: UInt64, low: UInt64)? {
        guard text.count == 36 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for index in 0..<36 {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard text[index] == UInt8(ascii: "-") else { return nil }
            } else {
                guard let nibble = text[index].hexadecimalValue else { return nil }
                if index < 18 { high = high << 4 | UInt64(nibble) } else { low = low << 4 | UInt64(nibble) }
            }
        }
        return (high, low)
    }

    /// Fills the first 36 bytes of `text`, and returns their count.
    @discardableResult
    static func write(high: UInt64, low: UInt64, to text: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var index = 0
        func append(_ half: UInt64) {
            for shift in stride(from: 60, through: 0, by: -4) {
                if index == 8 || index == 13 || index == 18 || index == 23 {
                    text[index] = UInt8(ascii: "-")
                    index += 1
                }
                text[index] = digits.utf8Start[Int(half >> UInt64(shift) & 15)]
                index += 1
            }
        }
        append(high)
        append(low)
        return index
    }
}

extension UInt8 {
    /// The value of an ASCII hexadecimal digit, either case; `nil` for any other byte.
    package var hexadecimalValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
