/// The parts of an Argon2id PHC string that decide whether it may be checked at all.
///
/// Checking a hash costs what its own text says, so the text is read before the work is done.
struct PHCString: Hashable, Sendable {
    /// The memory it takes, in KiB.
    let memoryKibibytes: Int
    /// Its passes.
    let passes: Int

    /// Reads `$argon2id$v=19$m=…,t=…,p=…$salt$tag`.
    ///
    /// Any other algorithm or version, a number with a leading zero, and work above the
    /// ceiling of ``Argon2idParameters`` are `nil`. Salt and tag are libsodium's to judge.
    init?(_ text: String) {
        guard text.utf8.count < 128, !text.utf8.contains(0) else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].isEmpty,
            parts[1].elementsEqual("argon2id".utf8),
            parts[2].elementsEqual("v=19".utf8),
            !parts[4].isEmpty, !parts[5].isEmpty
        else { return nil }
        let work = parts[3].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard work.count == 3,
            let memory = Self.number(after: "m=", in: work[0]),
            let passes = Self.number(after: "t=", in: work[1]),
            let lanes = Self.number(after: "p=", in: work[2]),
            (1...Argon2idParameters.memoryKibibytesRange.upperBound).contains(memory),
            (1...Argon2idParameters.passesRange.upperBound).contains(passes),
            (1...16).contains(lanes)
        else { return nil }
        self.memoryKibibytes = memory
        self.passes = passes
    }

    /// Whether new hashes with `parameters` cost an attacker more.
    ///
    /// A stronger one is left alone, so that servers with different settings don't undo each
    /// other's work (`crypto_pwhash_str_needs_rehash` names any difference).
    func isWeaker(than parameters: Argon2idParameters) -> Bool {
        memoryKibibytes < parameters.memoryKibibytes || passes < parameters.passes
    }

    private static func number(after prefix: String, in bytes: Substring.UTF8View) -> Int? {
        guard bytes.starts(with: prefix.utf8) else { return nil }
        let digits = bytes.dropFirst(prefix.utf8.count)
        guard (1...7).contains(digits.count), digits.first != UInt8(ascii: "0") else { return nil }
        var value = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }
}
