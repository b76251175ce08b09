package import Crypto
public import FinHubAPI

/// Names a signing key in a token's header: 1 to 64 of `A-Z a-z 0-9 _ -`.
public struct KeyID: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    public init?(rawValue: String) {
        guard (1...64).contains(rawValue.utf8.count),
            rawValue.utf8.allSatisfy({ Base64URL.values[Int($0)] < 64 })
        else { return nil }
        self.rawValue = rawValue
    }
}

/// One key of one tenant, for HS256 (RFC 7518, section 3.2).
public struct SigningKey: Sendable {
    public let id: KeyID
    public let tenant: TenantID
    /// The header of every token of this key, encoded; no other spelling is accepted.
    let header: [UInt8]
    /// The key schedule, computed once: a copy of it saves two of the SHA-256 blocks per token.
    private let mac: HMAC<SHA256>

    /// - Throws: ``WeakSigningKey`` when the secret has fewer than 32 bytes or all are equal
    ///   (RFC 7518, section 3.2; ASVS 11.2.3).
    public init(id: KeyID, tenant: TenantID, secret: Secret<[UInt8]>) throws(WeakSigningKey) {
        let bytes = secret.reveal()
        guard bytes.count >= 32, Set(bytes).count > 1 else { throw WeakSigningKey() }
        self.id = id
        self.tenant = tenant
        mac = HMAC<SHA256>(key: SymmetricKey(data: bytes))
        var header: [UInt8] = []
        Base64URL.append(Array(#"{"typ":"JWT","alg":"HS256","kid":"\#(id.rawValue)"}"#.utf8), to: &header)
        self.header = header
    }

    /// The authentication code of a signing input (RFC 7515, section 5.1).
    package func code(for input: UnsafeRawBufferPointer) -> HMAC<SHA256>.MAC {
        var mac = mac
        mac.update(data: input)
        return mac.finalize()
    }
}

/// A signing key is too short or no key at all.
public struct WeakSigningKey: Error, Hashable, Sendable {}
