import Crypto
import FinHubAPI

/// A code on paper that lets somebody in once who has lost the device: 80 random bits.
struct RecoveryCode: Sendable {
    /// How many a user gets at once.
    static let count = 10
    private static let bytes = 10
    private static let length = 16

    /// The sixteen base32 characters, in upper case.
    private let text: Secret<[UInt8]>

    /// Reads the characters; `nil` when they are no code.
    init?(_ text: Secret<[UInt8]>) {
        guard text.reveal().count == Self.length, text.reveal().allSatisfy(Base32.isCharacter) else { return nil }
        self.text = text
    }

    private init() {
        text = Secret(Array(Base32.encode(systemRandomBytes(Self.bytes)).utf8))
    }

    /// A new set.
    static func newSet() -> [RecoveryCode] {
        (0..<count).map { _ in RecoveryCode() }
    }

    /// As it is shown, in groups of four.
    var grouped: Secret<String> {
        text.map { text in
            stride(from: 0, to: text.count, by: 4)
                .map { String(decoding: text[$0..<min($0 + 4, text.count)], as: UTF8.self) }
                .joined(separator: "-")
        }
    }

    /// What the database keeps of it, for this user alone (ASVS 11.2.4).
    ///
    /// A MAC with a key that is not in the database, so that no copied row lets in anybody else.
    func digest(for user: UserID, in tenant: TenantID, key: SymmetricKey) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: tenant.bytes + user.bytes + text.reveal(), using: key))
    }
}

/// So many bytes from the system's cryptographic generator.
func systemRandomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
}
