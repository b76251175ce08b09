/// A moment in whole microseconds since 1970-01-01T00:00:00Z, UTC, leap seconds not counted.
///
/// Arithmetic saturates: no request can make it overflow, which would end the process.
public struct Timestamp: Hashable, Comparable, Sendable {
    public let microseconds: Int64

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The moment `seconds` after 1970, as in a JWT `NumericDate` (RFC 7519, section 2).
    public init(seconds: Int64) {
        microseconds = seconds.multipliedSaturating(by: 1_000_000)
    }

    /// Whole seconds since 1970, rounded down.
    public var seconds: Int64 {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// The whole second this moment lies in.
    public var flooredToSecond: Timestamp { Timestamp(seconds: seconds) }

    public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool {
        lhs.microseconds < rhs.microseconds
    }

    public static func + (moment: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(microseconds: moment.microseconds.addingSaturating(duration.wholeMicroseconds))
    }

    public static func - (moment: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(microseconds: moment.microseconds.subtractingSaturating(duration.wholeMicroseconds))
    }

    /// The time from `earlier` to this moment; negative when `earlier` is later.
    public static func - (moment: Timestamp, earlier: Timestamp) -> Duration {
        .microseconds(moment.microseconds.subtractingSaturating(earlier.microseconds))
    }
}

extension Timestamp {
    /// Appends `yyyy-MM-ddTHH:mm:ss.fffffff`, the wire form (contract, *Conventions*).
    public func write(to bytes: inout [UInt8]) {
        let second = seconds
        let fraction = microseconds.subtractingSaturating(second.multipliedSaturating(by: 1_000_000))
        var (day, clock) = second.quotientAndRemainder(dividingBy: 86_400)
        if clock < 0 {
            day -= 1
            clock += 86_400
        }
        let date = CivilDate(daysSince1970: day)
        bytes.appendDecimal(date.year, width: 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.appendDecimal(date.month, width: 2)
        bytes.append(UInt8(ascii: "-"))
        bytes.appendDecimal(date.day, width: 2)
        bytes.append(UInt8(ascii: "T"))
        bytes.appendDecimal(clock / 3_600, width: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.appendDecimal(clock / 60 % 60, width: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.appendDecimal(clock % 60, width: 2)
        bytes.append(UInt8(ascii: "."))
        bytes.appendDecimal(fraction * 10, width: 7)
    }
}

extension Timestamp: CustomStringConvertible {
    /// The wire form.
    public var description: String {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A day of the proleptic Gregorian calendar.
private struct CivilDate {
    let year: Int64
    let month: Int64
    let day: Int64

    /// Counts in 400-year eras from 1 March 0000, so that leap days come last in a year.
    init(daysSince1970: Int64) {
        let shifted = daysSince1970 + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }
}

extension [UInt8] {
    fileprivate mutating func appendDecimal(_ value: Int64, width: Int) {
        var divisor: Int64 = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value.magnitude / UInt64(divisor) % 10))
            divisor /= 10
        }
    }
}

extension Int64 {
    fileprivate func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    fileprivate func subtractingSaturating(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }

    fileprivate func multipliedSaturating(by other: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? ((self < 0) == (other < 0) ? .max : .min) : product
    }
}

extension Duration {
    fileprivate var wholeMicroseconds: Int64 {
        components.seconds.multipliedSaturating(by: 1_000_000)
            .addingSaturating(components.attoseconds / 1_000_000_000_000)
    }
}
