import Foundation

/// A user name or e-mail in the one form that names are compared, stored and looked up by.
///
/// Compatibility-composed (NFKC) and case-folded, kept as bytes: Swift's string equality
/// takes KELVIN SIGN for K, a database does not, and an account must be one in both.
public struct SignInName: Hashable, Sendable {
    /// The canonical form as UTF-8.
    public let utf8: [UInt8]

    public init(_ text: String) {
        // There and back: final sigma, sharp s and their like have capitals that have another small form.
        let folded = text.precomposedStringWithCompatibilityMapping.lowercased().uppercased().lowercased()
        utf8 = Array(folded.precomposedStringWithCompatibilityMapping.utf8)
    }

    /// A name whose canonical form is known.
    public init(canonical utf8: [UInt8]) {
        self.utf8 = utf8
    }
}

extension String {
    /// The composed form (NFC) in which passwords are hashed (ASVS 6.2.9).
    public var passwordForm: String {
        precomposedStringWithCanonicalMapping
    }
}
