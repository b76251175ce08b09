import Crypto
public import FinHubAPI

/// A tenant credential that is about to be stored: the only time its secret is known.
public struct NewCredential: Sendable {
    public let tenant: TenantID
    public let key: String
    public let secret: Secret<String>

    public init(tenant: TenantID, key: String, secret: Secret<String>) {
        self.tenant = tenant
        self.key = key
        self.secret = secret
    }

    /// A key of 168 and a secret of 256 random bits.
    public static func random(for tenant: TenantID) -> NewCredential {
        NewCredential(
            tenant: tenant,
            key: Base64URL.encode(systemRandomBytes(21)),
            secret: Secret(Base64URL.encode(systemRandomBytes(32)))
        )
    }

    /// What the store keeps of it.
    public func stored(at now: Timestamp) -> TenantCredential {
        TenantCredential(
            tenant: tenant,
            key: key,
            secretDigest: Array(SHA256.hash(data: Array(secret.reveal().utf8))),
            createdAt: now
        )
    }
}
