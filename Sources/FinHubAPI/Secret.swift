/// A value that must not be seen: a password, a secret, a token, a key.
///
/// It prints as `‹redacted›` however it is printed, mirrored or dumped, is not `Codable`, and
/// compares in constant time. Reading it takes the word ``reveal()``, so that a search finds
/// every place that does.
public struct Secret<Value: Sendable>: Sendable {
    private let value: Value

    /// Wraps `value`.
    public init(_ value: Value) {
        self.value = value
    }

    /// The value itself; keep it no longer than the call that needs it.
    public func reveal() -> Value {
        value
    }

    /// A secret made from this one.
    public func map<Other>(_ transform: (Value) throws -> Other) rethrows -> Secret<Other> {
        Secret<Other>(try transform(value))
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "‹redacted›" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension Secret where Value == String {
    /// Whether both hold the same bytes; takes as long for any first difference.
    public func matches(_ other: Secret<String>) -> Bool {
        constantTimeEqual(value.utf8, other.value.utf8)
    }
}

extension Secret where Value == [UInt8] {
    /// Whether both hold the same bytes; takes as long for any first difference.
    public func matches(_ other: Secret<[UInt8]>) -> Bool {
        constantTimeEqual(value, other.value)
    }
}

/// Compares without a branch on the contents; only the lengths can be learnt from the time.
package func constantTimeEqual(_ one: some Collection<UInt8>, _ other: some Collection<UInt8>) -> Bool {
    guard one.count == other.count else { return false }
    var difference: UInt8 = 0
    for (left, right) in zip(one, other) { difference |= left ^ right }
    return difference == 0
}
