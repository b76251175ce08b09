import Crypto
public import FinHubAPI

/// Encrypts the seeds of second factors for the database: AES-256-GCM (NIST SP 800-38D).
///
/// The key is derived from the master key. What was sealed for one user opens for no other: whoever can
/// write to the database can't put a seed of their own, which they know, in another user's row.
struct SeedSeal: Sendable {
    private let key: SymmetricKey

    init(_ masterKey: MasterKey) {
        key = masterKey.secondFactorSeedKey
    }

    /// Encrypts `seed` with a fresh nonce.
    func seal(_ seed: Secret<[UInt8]>, for user: UserID, in tenant: TenantID) throws -> [UInt8] {
        let box = try AES.GCM.seal(seed.reveal(), using: key, authenticating: Self.context(user, tenant))
        guard let combined = box.combined else { throw UnreadableSeed(user: user) }
        return Array(combined)
    }

    /// Decrypts what ``seal(_:for:in:)`` made for the same user.
    ///
    /// - Throws: ``UnreadableSeed`` when it was altered, or sealed with another key or for another user.
    func open(_ sealed: [UInt8], for user: UserID, in tenant: TenantID) throws(UnreadableSeed) -> Secret<[UInt8]> {
        guard let box = try? AES.GCM.SealedBox(combined: sealed),
            let seed = try? AES.GCM.open(box, using: key, authenticating: Self.context(user, tenant))
        else { throw UnreadableSeed(user: user) }
        return Secret(Array(seed))
    }

    private static func context(_ user: UserID, _ tenant: TenantID) -> [UInt8] {
        tenant.bytes + user.bytes
    }
}

/// A row holds a seed that was not sealed for its user: somebody altered the database.
public struct UnreadableSeed: Error, Hashable, Sendable {
    public let user: UserID
}
