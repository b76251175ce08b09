extension Timestamp: Codable {
    /// Reads what ``init(reading:)`` reads.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let moment = try Timestamp(reading: container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "Not a date and time.")
        }
        self = moment
    }

    /// Writes the wire form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Timestamp {
    /// Reads a date and time of ISO 8601 as any FinHub host may print it.
    ///
    /// Any number of fraction digits is accepted, what is finer than a microsecond is cut off,
    /// and a text without a zone means UTC. Anything but `yyyy-MM-ddTHH:mm:ss`, a fraction and
    /// a zone is `nil`, as is a day that the calendar does not have.
    public init?(reading text: some StringProtocol) {
        var reader = DateReader(text.utf8)
        guard let seconds = reader.dateAndTime(), let fraction = reader.fraction(), let offset = reader.offset(),
            reader.isAtEnd
        else { return nil }
        self = Timestamp(seconds: seconds - offset) + .microseconds(fraction)
    }

    /// The moment of a civil date and time in UTC; `nil` for one that does not exist.
    ///
    /// Second 60 is the next minute's second 0: leap seconds are not counted.
    package init?(year: Int64, month: Int64, day: Int64, hour: Int64, minute: Int64, second: Int64) {
        guard (1...9_999).contains(year), (1...12).contains(month),
            (1...Self.days(in: month, of: year)).contains(day),
            (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        let days = Self.daysSince1970(year: year, month: month, day: day)
        self.init(seconds: days * 86_400 + hour * 3_600 + minute * 60 + second)
    }

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Counts from 1 March, so that leap days come last in a year.
    private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = month > 2 ? year : year - 1
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

/// Reads the parts of a date and time from left to right.
private struct DateReader {
    private var rest: Substring.UTF8View

    init(_ text: some Sequence<UInt8>) {
        rest = Substring(decoding: Array(text), as: UTF8.self).utf8
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// `yyyy-MM-ddTHH:mm:ss` in seconds since 1970, no zone regarded.
    mutating func dateAndTime() -> Int64? {
        guard let year = digits(4), take("-"), let month = digits(2), take("-"), let day = digits(2),
            take("T") || take("t") || take(" "),
            let hour = digits(2), take(":"), let minute = digits(2), take(":"), let second = digits(2)
        else { return nil }
        return Timestamp(year: year, month: month, day: day, hour: hour, minute: minute, second: second)?.seconds
    }

    /// `.fff` in microseconds; 0 when there is none.
    mutating func fraction() -> Int64? {
        guard take(".") || take(",") else { return 0 }
        var microseconds: Int64 = 0
        var unit: Int64 = 100_000
        while let digit = digits(1) {
            microseconds += digit * unit
            unit /= 10
        }
        return microseconds
    }

    /// The zone's distance from UTC in seconds; 0 when there is none.
    mutating func offset() -> Int64? {
        if isAtEnd || take("Z") || take("z") { return 0 }
        let isWest = take("-")
        guard isWest || take("+"), let hours = digits(2), hours < 24 else { return nil }
        let hasColon = take(":")
        guard let minutes = isAtEnd && !hasColon ? 0 : digits(2), minutes < 60 else { return nil }
        return (hours * 3_600 + minutes * 60) * (isWest ? -1 : 1)
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func digits(_ count: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<count {
            guard let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            rest.removeFirst()
        }
        return value
    }
}
