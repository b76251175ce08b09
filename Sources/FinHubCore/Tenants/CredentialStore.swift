public import FinHubAPI

/// Keeps what proves tenants' backends, and who used it.
///
/// The promises of ``SessionStore`` hold here too. No server holds a credential in memory, so that none has to
/// be told of a change.
public protocol CredentialStore: Sendable {
    /// A tenant's credentials with their last uses, ended ones too, in the order of their creation.
    func credentials(of tenant: TenantID) async throws -> [ListedCredential]

    /// Adds a credential, and lets the tenant's others end at `moment` if they would not before; all but the
    /// ``TenantCredential/endedOnesKept`` youngest of those that ended are forgotten.
    ///
    /// Nothing is changed when ``TenantCredential/maximumInForce`` are in force at `now`.
    func add(
        _ new: TenantCredential,
        endingOthersAt moment: Timestamp,
        at now: Timestamp,
        noting note: AuditNote<CredentialAddition>
    ) async throws -> CredentialAddition

    /// Ends a credential; one that ended before stays as it is.
    ///
    /// - Parameters:
    ///   - key: Its public key, byte for byte.
    ///   - tenant: Whose it is.
    ///   - now: From when on it proves nothing.
    ///   - sparingLast: Whether it stays when no other is in force.
    ///   - note: What it leaves in the audit log.
    /// - Returns: Whether there is such a credential, and it is in force no more.
    /// - Throws: the store's own error.
    func end(
        _ key: String,
        of tenant: TenantID,
        at now: Timestamp,
        sparingLast: Bool,
        noting note: AuditNote<CredentialEnding>
    ) async throws -> CredentialEnding

    /// Which clients used a credential, the latest first; `nil` when there is no such credential.
    func clients(of key: String, in tenant: TenantID) async throws -> [CredentialUse]?

    /// Adds uses to those known; a client of a credential is one row, and beyond
    /// ``CredentialUse/clientsKept`` of a credential the ones that used it longest ago make room.
    ///
    /// Uses of a credential that is no more are left out.
    func record(_ uses: [CredentialUse]) async throws

    /// Removes at most `limit` credentials that ended before `moment`; returns how many it did.
    func removeCredentials(endedBefore moment: Timestamp, limit: Int) async throws -> Int
}

/// The same, leaving nothing in the audit log.
extension CredentialStore {
    public func add(
        _ new: TenantCredential,
        endingOthersAt moment: Timestamp,
        at now: Timestamp
    ) async throws -> CredentialAddition {
        try await add(new, endingOthersAt: moment, at: now, noting: .none)
    }

    public func end(
        _ key: String,
        of tenant: TenantID,
        at now: Timestamp,
        sparingLast: Bool
    ) async throws -> CredentialEnding {
        try await end(key, of: tenant, at: now, sparingLast: sparingLast, noting: .none)
    }
}

extension TenantCredential {
    /// How many of a tenant's credentials can be in force at once: the one in use and its successor.
    public static let maximumInForce = 2
    /// How many of a tenant's ended credentials are kept.
    public static let endedOnesKept = 20

    /// Whether it proves the tenant at `now`; its end itself is too late.
    public func isInForce(at now: Timestamp) -> Bool {
        expiresAt.map { now < $0 } ?? true
    }
}

/// A credential and when it was last used; `nil` for never.
public struct ListedCredential: Hashable, Sendable {
    public let credential: TenantCredential
    public let lastUsedAt: Timestamp?

    public init(credential: TenantCredential, lastUsedAt: Timestamp?) {
        self.credential = credential
        self.lastUsedAt = lastUsedAt
    }
}

/// What came of adding a credential.
public enum CredentialAddition: Hashable, Sendable {
    /// It is in force beside the others, which end then.
    case added(others: [TenantCredential])
    /// As many as can be are in force; the first of them ends then, if any does.
    case limitReached(until: Timestamp?)
}

/// What came of ending a credential.
public enum CredentialEnding: Hashable, Sendable {
    case ended
    case notFound
    /// No other is in force.
    case isLast
}

/// How one client used one credential.
public struct CredentialUse: Hashable, Sendable {
    /// How many clients of a credential are remembered.
    public static let clientsKept = 1_000

    public let tenant: TenantID
    public let key: String
    /// Who used it.
    public let client: CredentialClient
    public let firstAt: Timestamp
    public let lastAt: Timestamp
    public let uses: Int

    public init(
        tenant: TenantID,
        key: String,
        client: CredentialClient,
        firstAt: Timestamp,
        lastAt: Timestamp,
        uses: Int
    ) {
        self.tenant = tenant
        self.key = key
        self.client = client
        self.firstAt = firstAt
        self.lastAt = lastAt
        self.uses = uses
    }
}

/// A client that uses a credential, as far as it can be told from others.
public struct CredentialClient: Hashable, Sendable {
    /// Empty where it was not known.
    public let address: String
    /// Without controls, at most 256 bytes; empty where there was none.
    public let userAgent: String

    public init(address: String?, userAgent: String?) {
        self.address = (address ?? "").plain(limit: 64)
        self.userAgent = (userAgent ?? "").plain(limit: 256)
    }
}

extension String {
    /// As many of its characters as fit into so many bytes, without controls: a database may read text only up
    /// to its first NUL.
    fileprivate func plain(limit: Int) -> String {
        var plain = String.UnicodeScalarView()
        var count = 0
        for scalar in unicodeScalars where scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value) {
            count += UTF8.width(scalar)
            guard count <= limit else { break }
            plain.append(scalar)
        }
        return String(plain)
    }
}
