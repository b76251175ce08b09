import FinHubAPI

/// Reads the dates of HTTP headers (RFC 9110, section 5.6.7), in all three forms.
enum HTTPDate {
    /// The moment that `text` names; `nil` when it is no HTTP date.
    static func read(_ text: String) -> Timestamp? {
        let words = text.split { $0 == " " || $0 == "," || $0 == "-" }
        switch words.count {
        case 6 where words[5] == "GMT": return moment(words[3], words[2], words[1], words[4])
        case 5: return moment(words[4], words[1], words[2], words[3])
        default: return nil
        }
    }

    private static func moment(
        _ year: Substring,
        _ month: Substring,
        _ day: Substring,
        _ clock: Substring
    ) -> Timestamp? {
        let time = clock.split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
        guard let month = months.firstIndex(of: String(month)), let day = Int64(day), var year = Int64(year),
            time.count == 3, let hour = time[0], let minute = time[1], let second = time[2]
        else { return nil }
        // RFC 850 has years of two digits.
        if year < 100 { year += year < 70 ? 2_000 : 1_900 }
        return Timestamp(
            year: year,
            month: Int64(month) + 1,
            day: day,
            hour: hour,
            minute: minute,
            second: second
        )
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

/// Reads `Retry-After` (RFC 9110, section 10.2.3).
enum RetryAfter {
    /// Nobody means more than a day; what says so is cut to it.
    static let longest = Duration.seconds(86_400)

    /// How long to wait, 0 to ``longest``; `nil` when `text` is neither seconds nor a date.
    ///
    /// - Parameters:
    ///   - text: The header's value.
    ///   - now: What the server's clock says, from its `Date`, or else ours.
    /// - Returns: The time to wait.
    static func read(_ text: String, now: Timestamp) -> Duration? {
        if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            return min(Int64(text).map { Duration.seconds($0) } ?? longest, longest)
        }
        return HTTPDate.read(text).map { min(max($0 - now, .zero), longest) }
    }
}
