public import FinHubAPI

/// Keeps the audit log; what goes into it comes with the changes of the other stores, as an ``AuditNote``.
///
/// The promises of ``SessionStore`` hold here too. Entries are only ever added.
public protocol AuditStore: Sendable {
    /// Appends an entry of what changed nothing, such as a failed login.
    func append(_ draft: AuditDraft) async throws

    /// Lists a tenant's entries, newest first, at most `query.limit` of them.
    func entries(matching query: AuditQuery, in tenant: TenantID) async throws -> AuditPage

    /// Reads the log in its own order from after `sequence` on, at most `limit` entries.
    ///
    /// All of one moment: entries, and the end of the log as it was then.
    func log(of tenant: TenantID, after sequence: Int64, limit: Int) async throws -> AuditStretch

    /// Destroys the key of a user's personal data in the log; nobody can read it again.
    ///
    /// - Returns: Whether there was one.
    func eraseKey(of user: UserID, in tenant: TenantID, noting note: AuditNote<Bool>) async throws -> Bool
}

extension AuditStore {
    /// The same, leaving nothing in the log.
    public func eraseKey(of user: UserID, in tenant: TenantID) async throws -> Bool {
        try await eraseKey(of: user, in: tenant, noting: .none)
    }
}

/// Which entries of a tenant's log to list.
public struct AuditQuery: Hashable, Sendable {
    public var events: Set<AuditEvent> = []
    public var actor: UserID?
    public var subject: UserID?
    /// The tag of the client's address; see `AuditSeal`.
    public var addressTag: [UInt8]?
    /// The first moment that counts, and the first that does not any more.
    public var since: Timestamp?
    public var until: Timestamp?
    /// Only entries before this number.
    public var before: Int64?
    /// At least 1.
    public var limit: Int

    public init(limit: Int) {
        self.limit = limit
    }
}

/// Entries of one page, newest first, and the salts by which their personal data is read.
public struct AuditPage: Sendable {
    public let entries: [SealedAuditEntry]
    public let salts: [UserID: [UInt8]]

    public init(entries: [SealedAuditEntry], salts: [UserID: [UInt8]]) {
        self.entries = entries
        self.salts = salts
    }
}

/// A stretch of the log, oldest first, and its end at that moment; `nil` for a log that was never begun.
public struct AuditStretch: Sendable {
    public let entries: [SealedAuditEntry]
    public let end: AuditHead?

    public init(entries: [SealedAuditEntry], end: AuditHead?) {
        self.entries = entries
        self.end = end
    }
}
