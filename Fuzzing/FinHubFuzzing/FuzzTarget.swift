/// One parser: what must be true of it for every input, and how inputs for it are made.
///
/// libFuzzer and the short run in `make test` use the same targets; only where the inputs come
/// from differs.
package struct FuzzTarget: Sendable, CustomStringConvertible {
    package let name: String
    package let mutator: Mutator
    package var description: String { name }
    private let check: @Sendable ([UInt8]) throws(Violation) -> Bool

    init(_ name: String, mutator: Mutator, check: @escaping @Sendable ([UInt8]) throws(Violation) -> Bool) {
        self.name = name
        self.mutator = mutator
        self.check = check
    }

    /// Tries one input.
    ///
    /// - Returns: Whether the parser took it, in any of the ways in which the target offers it.
    /// - Throws: ``Violation`` when the parser broke a promise.
    @discardableResult
    package func accepts(_ input: [UInt8]) throws(Violation) -> Bool {
        try check(input)
    }

    /// Every target, in the order in which they take turns.
    package static let all: [FuzzTarget] = [
        .token, .json, .identifier, .authorization, .base64url, .cursor, .forwardedFor,
    ]
}

/// A parser broke a promise.
package struct Violation: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Throws unless the promise is kept.
func promise(_ isKept: Bool, _ promise: @autoclosure () -> String) throws(Violation) {
    guard isKept else { throw Violation(promise()) }
}
