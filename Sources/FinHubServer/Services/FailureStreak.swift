/// Failures in a row of something that is tried at a steady pace.
///
/// It says which of them to log, so that an outage of hours does not fill a disk that may be what
/// is the matter.
struct FailureStreak {
    /// After how many failures it is time to say so again.
    let reminder: Int
    private var failures = 0

    init(reminder: Int) {
        self.reminder = reminder
    }

    /// Counts a failure; whether to log it: the first, and every `reminder`-th after it.
    mutating func fail() -> Bool {
        defer { failures += 1 }
        return failures.isMultiple(of: reminder)
    }

    /// Ends the streak; how many failures it had, or `nil` when there was none.
    mutating func succeed() -> Int? {
        defer { failures = 0 }
        return failures > 0 ? failures : nil
    }
}
