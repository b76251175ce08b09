import Crypto
package import FinHubAPI

/// One-time passwords by the clock (RFC 6238), of SHA-1 and 30 seconds: what every authenticator app takes.
///
/// SHA-1's collisions do not weaken an HMAC (RFC 6238, section 1.2; RFC 2104, section 6).
package struct TOTP: Sendable {
    /// The length of a seed: that of the MAC, as RFC 4226, section 4, R6, recommends.
    package static let seedLength = 20
    /// The length of a time step, in seconds.
    package static let period: Int64 = 30
    /// How many digits our users type.
    package static let digits = 6

    private let key: SymmetricKey
    private let digits: Int

    /// - Parameters:
    ///   - seed: What server and app share.
    ///   - digits: The length of a code, 6 to 8 (RFC 4226, section 5.3).
    package init(seed: Secret<[UInt8]>, digits: Int = TOTP.digits) {
        key = SymmetricKey(data: seed.reveal())
        self.digits = digits
    }

    /// The time step that a moment lies in, counted from 1970.
    package static func step(at moment: Timestamp) -> Int64 {
        let (quotient, remainder) = moment.seconds.quotientAndRemainder(dividingBy: period)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// The code of a time step, or of any other counter (RFC 4226, section 5.3), in ASCII digits.
    package func code(ofStep step: Int64) -> Secret<[UInt8]> {
        let counter = withUnsafeBytes(of: step.bigEndian) { Array($0) }
        let tag = Array(HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: key))
        let offset = Int((tag.last ?? 0) & 15)
        var rest = tag[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
        var text = [UInt8](repeating: 0, count: digits)
        for place in text.indices.reversed() {
            text[place] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        return Secret(text)
    }

    /// The time step that `code` is of: the one of `now`, the one before or the one after; else `nil`.
    ///
    /// One step either way allows for a clock that is off and for the time that typing takes (RFC 6238,
    /// section 5.2). All three are computed and compared in constant time, whichever it is.
    package func step(of code: Secret<[UInt8]>, at now: Timestamp) -> Int64? {
        let current = Self.step(at: now)
        var found: Int64?
        for step in (current - 1)...(current + 1) where self.code(ofStep: step).matches(code) { found = step }
        return found
    }
}
