import Testing

/// One rule of the public JSONTestSuite (https://github.com/nst/JSONTestSuite), by the name it has
/// there, and a text of our own that is a case of it.
///
/// `n_` must be refused and `y_` be taken; `i_` is left to whoever reads, and decided here.
struct JSONRule: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]

    init(_ name: String, _ text: String) {
        self.init(name, Array(text.utf8))
    }

    /// For texts that are no UTF-8.
    init(_ name: String, _ bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    var testDescription: String { name }
}

/// A string that has `inside` between `before` and `behind`, whatever bytes those are.
func raw(_ before: String, _ inside: [UInt8], _ behind: String) -> [UInt8] {
    Array(before.utf8) + inside + behind.utf8
}
