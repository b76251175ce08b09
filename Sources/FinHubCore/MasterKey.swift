import Crypto
public import FinHubAPI
public import FinHubTokens

/// The one key that everything else is derived from (HKDF, RFC 5869); never in the database.
public struct MasterKey: Sendable {
    private let key: SymmetricKey

    /// - Throws: ``WeakMasterKey`` when it is shorter than 32 bytes or all of them are equal
    ///   (ASVS 11.2.3).
    public init(_ secret: Secret<[UInt8]>) throws(WeakMasterKey) {
        let bytes = secret.reveal()
        guard bytes.count >= 32, Set(bytes).count > 1 else { throw WeakMasterKey() }
        key = SymmetricKey(data: bytes)
    }

    /// The signing key that `record` names.
    ///
    /// The key's identifier is derived too: it tells nobody the tenant or the number.
    public func signingKey(_ record: SigningKeyRecord) throws -> SigningKey {
        var context = record.tenant.bytes
        context.append(contentsOf: withUnsafeBytes(of: record.number.bigEndian) { Array($0) })
        let name = derive("finhub signing key identifier v1", context, count: 12)
        let secret = derive("finhub signing key v1", context, count: 32)
        guard let id = KeyID(rawValue: Base64URL.encode(name)) else { throw WeakMasterKey() }
        return try SigningKey(id: id, tenant: record.tenant, secret: Secret(secret))
    }

    /// The key that refresh tokens are computed with.
    var refreshTokenKey: SymmetricKey {
        SymmetricKey(data: derive("finhub refresh token v1", [], count: 32))
    }

    /// The key that the seeds of second factors are encrypted with.
    var secondFactorSeedKey: SymmetricKey {
        SymmetricKey(data: derive("finhub second factor seed v1", [], count: 32))
    }

    /// The key that the digests of recovery codes are computed with.
    var recoveryCodeKey: SymmetricKey {
        SymmetricKey(data: derive("finhub recovery code v1", [], count: 32))
    }

    /// The key that clients are named by in tokens that are bound to them.
    var clientBindingKey: SymmetricKey {
        SymmetricKey(data: derive("finhub client binding v1", [], count: 32))
    }

    /// What a database keeps to notice that it was opened with another master key.
    public var checkValue: [UInt8] {
        derive("finhub master key check v1", [], count: 16)
    }

    func derive(_ purpose: String, _ context: [UInt8], count: Int) -> [UInt8] {
        let info = Array(purpose.utf8) + [0] + context
        let derived = HKDF<SHA256>.deriveKey(inputKeyMaterial: key, info: info, outputByteCount: count)
        return derived.withUnsafeBytes { Array($0) }
    }
}

/// A master key is too short or no key at all.
public struct WeakMasterKey: Error, Hashable, Sendable {}
