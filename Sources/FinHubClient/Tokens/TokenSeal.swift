import Crypto
public import FinHubAPI

/// Encrypts tokens for a place that others may read or alter: AES-256-GCM (NIST SP 800-38D).
///
/// What was sealed for one identity opens for no other, so tokens can't be put in another's place.
public struct TokenSeal: Sendable {
    private let key: SymmetricKey
    private static let format = Array("FHT1".utf8)

    /// - Parameter key: 32 random bytes that are kept elsewhere than the tokens.
    /// - Throws: ``FinHubClientError`` with ``FinHubAPI/ErrorCode/clientInvalidConfiguration`` when the
    ///   key has another length.
    public init(key: Secret<[UInt8]>) throws {
        guard key.reveal().count == 32 else {
            throw FinHubClientError(
                code: .clientInvalidConfiguration,
                message: "The key of a token store must have 32 bytes.",
                suggestions: ["Make one with `openssl rand 32`."]
            )
        }
        self.key = SymmetricKey(data: key.reveal())
    }

    /// Encrypts `tokens` with a fresh nonce.
    public func seal(_ tokens: StoredTokens, for identity: TokenIdentity) throws -> [UInt8] {
        let box = try AES.GCM.seal(tokens.plainText, using: key, authenticating: Self.context(identity))
        guard let combined = box.combined else { throw Self.unreadable }
        return Self.format + combined
    }

    /// Decrypts what ``seal(_:for:)`` made.
    ///
    /// - Throws: ``FinHubClientError`` with ``FinHubAPI/ErrorCode/clientTokenStoreFailed`` when it was
    ///   altered, or sealed with another key or for another identity.
    public func open(_ bytes: [UInt8], for identity: TokenIdentity) throws -> StoredTokens {
        guard bytes.starts(with: Self.format),
            let box = try? AES.GCM.SealedBox(combined: bytes.dropFirst(Self.format.count)),
            let plain = try? AES.GCM.open(box, using: key, authenticating: Self.context(identity)),
            let tokens = StoredTokens(plainText: plain)
        else { throw Self.unreadable }
        return tokens
    }

    private static func context(_ identity: TokenIdentity) -> [UInt8] {
        format + Array(identity.canonicalName.utf8)
    }

    private static var unreadable: FinHubClientError {
        FinHubClientError(
            code: .clientTokenStoreFailed,
            message: "The kept tokens are damaged, or were kept with another key.",
            suggestions: ["Check the key; the next login replaces what is kept."]
        )
    }
}

extension TokenSeal: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "TokenSeal(‹redacted›)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension StoredTokens {
    fileprivate var plainText: [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("session", session)
            writer.member("user", user)
            writer.member("token", token.reveal())
            writer.member("refreshToken", refreshToken.reveal())
            writer.member("issuedAt", issuedAt.microseconds)
            writer.member("expiresAt", expiresAt.microseconds)
        }
        return writer.bytes
    }

    fileprivate init?(plainText: some Collection<UInt8>) {
        guard let object = (try? JSON(plainText))?.object,
            let session = object["session"]?.string.flatMap({ SessionID($0) }),
            let user = object["user"]?.string.flatMap({ UserID($0) }),
            let token = object["token"]?.string, let refreshToken = object["refreshToken"]?.string,
            case .number(let issuedAt)? = object["issuedAt"], let issuedAt = Int64(issuedAt),
            case .number(let expiresAt)? = object["expiresAt"], let expiresAt = Int64(expiresAt)
        else { return nil }
        self.init(
            session: session,
            user: user,
            token: Secret(token),
            refreshToken: Secret(refreshToken),
            issuedAt: Timestamp(microseconds: issuedAt),
            expiresAt: Timestamp(microseconds: expiresAt)
        )
    }
}
