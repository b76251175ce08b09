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
    /// Where a ``KeyRing`` files the key.
    let headerHash: Int
    /// The key schedule, computed once: a copy of it saves about half the time of a token's code.
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
        headerHash = header.withUnsafeBufferPointer(Self.hash(ofHeader:))
    }

    /// A hash of an encoded header; another in every process, so that nobody can aim at it.
    static func hash(ofHeader header: UnsafeBufferPointer<UInt8>) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: UnsafeRawBufferPointer(header))
        return hasher.finalize()
    }

    /// Whether this is, byte for byte, the encoded header of the key's tokens.
    func hasHeader(_ other: UnsafeBufferPointer<UInt8>) -> Bool {
        header.withUnsafeBufferPointer { isSame($0, other) }
    }

    /// The authentication code of a signing input (RFC 7515, section 5.1).
    package func code(for input: UnsafeRawBufferPointer) -> HMAC<SHA256>.MAC {
        var mac = mac
        mac.update(data: input)
        return mac.finalize()
    }

    /// Whether `code` is the encoded authentication code of `input`.
    ///
    /// Our own code is encoded and the texts are compared, in constant time, so that only the
    /// canonical spelling can match.
    package func hasSigned(_ input: UnsafeBufferPointer<UInt8>, code: UnsafeBufferPointer<UInt8>) -> Bool {
        self.code(for: UnsafeRawBufferPointer(input)).withUnsafeBytes { bytes in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Base64URL.encodedCount(bytes.count)) { expected in
                Base64URL.encode(bytes.bindMemory(to: UInt8.self), into: expected)
                return isSame(UnsafeBufferPointer(expected), code)
            }
        }
    }
}

extension SigningKey: CustomStringConvertible, CustomReflectable {
    /// The identifier alone, for the key schedule is as good as the secret.
    public var description: String { id.rawValue }
    public var customMirror: Mirror { Mirror(self, children: ["id": id, "tenant": tenant]) }
}

/// A signing key is too short or no key at all.
public struct WeakSigningKey: Error, Hashable, Sendable {}
