public import FinHubAPI

/// What a change leaves in the audit log, told by what came of it.
///
/// A store asks for it within the transaction of the change: either both are on disk or neither is.
public struct AuditNote<Outcome>: Sendable {
    /// The entry to append; `nil` when nothing happened that is worth one.
    public let draft: @Sendable (Outcome) -> AuditDraft?

    public init(_ draft: @escaping @Sendable (Outcome) -> AuditDraft?) {
        self.draft = draft
    }

    /// Leaves nothing.
    public static var none: AuditNote { AuditNote { _ in nil } }
}

/// An entry that is ready for its place in the log.
public struct AuditDraft: Sendable {
    public let entry: AuditEntry
    /// Whose personal data is in it: the store gives ``seal`` a salt for each, the one that it keeps, or keeps a new one.
    public let owners: Set<UserID>
    /// Pure and quick: it runs in the transaction.
    public let seal: @Sendable (AuditPlace) throws -> SealedAuditEntry

    public init(
        entry: AuditEntry,
        owners: Set<UserID>,
        seal: @escaping @Sendable (AuditPlace) throws -> SealedAuditEntry
    ) {
        self.entry = entry
        self.owners = owners
        self.seal = seal
    }
}

/// Where in the log an entry goes.
public struct AuditPlace: Sendable {
    /// The end of the log before it.
    public let head: AuditHead?
    public let salts: [UserID: [UInt8]]

    public init(head: AuditHead?, salts: [UserID: [UInt8]]) {
        self.head = head
        self.salts = salts
    }
}

/// The end of a tenant's log: the last entry's number and hash, and a seal that only the server can make.
///
/// Without the seal, who writes to the database could cut entries off and call the one before the last.
public struct AuditHead: Hashable, Sendable {
    /// Counted from 1.
    public let sequence: Int64
    public let hash: [UInt8]
    public let seal: [UInt8]

    public init(sequence: Int64, hash: [UInt8], seal: [UInt8]) {
        self.sequence = sequence
        self.hash = hash
        self.seal = seal
    }
}

/// An entry as the database keeps it.
public struct SealedAuditEntry: Hashable, Sendable {
    public let tenant: TenantID
    public let at: Timestamp
    public let event: String
    public let actorKind: String
    public let actor: UserID?
    public let subject: UserID?
    public let session: SessionID?
    public let object: String?
    public let reason: String?
    public let correlationID: String
    /// What is no personal data of the changes, as JSON.
    public let changes: String?
    /// The actor's personal data, where it came from, sealed with the actor's key or else the subject's.
    public let client: [UInt8]?
    /// The subject's, sealed with the subject's key.
    public let personal: [UInt8]?
    /// Finds the client's address without telling it.
    public let addressTag: [UInt8]?
    /// The entry's place, and what proves it.
    public let head: AuditHead

    public init(
        tenant: TenantID,
        at: Timestamp,
        event: String,
        actorKind: String,
        actor: UserID?,
        subject: UserID?,
        session: SessionID?,
        object: String?,
        reason: String?,
        correlationID: String,
        changes: String?,
        client: [UInt8]?,
        personal: [UInt8]?,
        addressTag: [UInt8]?,
        head: AuditHead
    ) {
        self.tenant = tenant
        self.at = at
        self.event = event
        self.actorKind = actorKind
        self.actor = actor
        self.subject = subject
        self.session = session
        self.object = object
        self.reason = reason
        self.correlationID = correlationID
        self.changes = changes
        self.client = client
        self.personal = personal
        self.addressTag = addressTag
        self.head = head
    }

    /// The user whose key seals ``client``; the tenant's own where nobody is known.
    public var clientOwner: UserID { Self.clientOwner(actor: actor, subject: subject) }

    static func clientOwner(actor: UserID?, subject: UserID?) -> UserID {
        actor ?? subject ?? UserID(high: 0, low: 0)
    }
}
