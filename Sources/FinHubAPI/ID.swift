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
    public init?(utf8 bytes: some Sequence<UInt8>) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var index = 0
        for byte in bytes {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard index < 36, let nibble = byte.hexadecimalValue else { return nil }
                if index < 18 {
                    high = high << 4 | UInt64(nibble)
                } else {
                    low = low << 4 | UInt64(nibble)
                }
            }
            index += 1
        }
        guard index == Self.textLength else { return nil }
        self.init(high: high, low: low)
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
        for shift in stride(from: 60, through: 0, by: -4) {
            if shift == 28 || shift == 12 { bytes.append(UInt8(ascii: "-")) }
            bytes.append(hexadecimalDigit(UInt8(truncatingIfNeeded: high >> UInt64(shift)) & 15))
        }
        for shift in stride(from: 60, through: 0, by: -4) {
            if shift == 60 || shift == 44 { bytes.append(UInt8(ascii: "-")) }
            bytes.append(hexadecimalDigit(UInt8(truncatingIfNeeded: low >> UInt64(shift)) & 15))
        }
    }

    /// The 16 bytes, in network order.
    public var bytes: [UInt8] {
        withUnsafeBytes(of: high.bigEndian) { Array($0) } + withUnsafeBytes(of: low.bigEndian) { Array($0) }
    }

    /// The identifier of 16 bytes in network order; another count is `nil`.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (index, byte) in bytes.enumerated() {
            if index < 8 { high = high << 8 | UInt64(byte) } else { low = low << 8 | UInt64(byte) }
        }
        self.init(high: high, low: low)
    }
}

extension ID: CustomStringConvertible {
    public var description: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.textLength)
        write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

private func hexadecimalDigit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? nibble + UInt8(ascii: "0") : nibble - 10 + UInt8(ascii: "a")
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
