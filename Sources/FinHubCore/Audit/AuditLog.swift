public import FinHubAPI

/// Writes entries of the audit log, reads them, and proves that none was touched.
public struct AuditLog: Sendable {
    private let store: any AuditStore
    private let masterKey: MasterKey
    private let now: @Sendable () -> Timestamp

    public init(store: any AuditStore, masterKey: MasterKey, now: @escaping @Sendable () -> Timestamp) {
        self.store = store
        self.masterKey = masterKey
        self.now = now
    }

    // MARK: Write

    /// What a change is to leave in the log; where it comes from is known by the task.
    ///
    /// - Parameters:
    ///   - tenant: Whose log it is.
    ///   - actor: Who changes it; `nil` for whoever the task's ``AuditOrigin`` names.
    ///   - entry: Tells by what came of the change, what happened; `nil` for nothing.
    /// - Returns: The note, for the store.
    func note<Outcome>(
        in tenant: TenantID,
        by actor: UserID? = nil,
        _ entry: @escaping @Sendable (Outcome) -> AuditHappening?
    ) -> AuditNote<Outcome> {
        let origin = AuditOrigin.current
        let actor = actor.map(AuditActor.user) ?? origin.actor()
        let client = origin.client()
        let at = now()
        let seal = AuditSeal(masterKey, for: tenant)
        return AuditNote { outcome in
            entry(outcome).map { happening in
                let entry = AuditEntry(
                    tenant: tenant,
                    at: at,
                    event: happening.event,
                    actor: actor,
                    subject: happening.subject,
                    session: happening.session,
                    object: happening.object,
                    reason: happening.reason,
                    correlationID: origin.correlationID,
                    changes: happening.changes,
                    client: client
                )
                let hasPersonal = happening.changes.contains(where: \.isPersonal)
                let owners = [
                    client.map { _ in owner(of: entry) }, hasPersonal ? entry.subject ?? owner(of: entry) : nil,
                ]
                return AuditDraft(entry: entry, owners: Set(owners.compactMap { $0 })) { place in
                    try seal.seal(entry, at: place)
                }
            }
        }
    }

    /// Appends what changed nothing.
    func append(_ happening: AuditHappening, in tenant: TenantID, by actor: UserID? = nil) async throws {
        let note: AuditNote<Void> = note(in: tenant, by: actor) { happening }
        if let draft = note.draft(()) { try await store.append(draft) }
    }

    /// What the installation of a tenant leaves: the beginning of its log.
    public func noteOfInstallation(of tenant: TenantID) -> AuditNote<Bool> {
        note(in: tenant) { isNew in
            isNew ? AuditHappening(event: .tenantCreated, object: "tenant") : nil
        }
    }

    // MARK: Read

    /// One page of a tenant's log, newest first.
    ///
    /// - Parameters:
    ///   - query: Which entries; its limit is the page's.
    ///   - address: Only entries that came from there.
    ///   - tenant: Whose log it is.
    /// - Returns: At most `query.limit` entries, and the number that the next page is before; `nil` on the last one.
    ///   An entry that was made unreadable is left out: ``verify(_:holding:progress:)`` names it.
    /// - Throws: What the store throws.
    public func page(
        _ query: AuditQuery,
        from address: String? = nil,
        in tenant: TenantID
    ) async throws -> (entries: [ListedAuditEntry], next: Int64?) {
        let seal = AuditSeal(masterKey, for: tenant)
        var query = query
        let limit = query.limit
        query.limit += 1
        query.addressTag = address.map(seal.addressTag)
        let page = try await store.entries(matching: query, in: tenant)
        let entries = page.entries.prefix(limit)
        let opened = entries.compactMap { sealed in
            seal.open(sealed, salts: page.salts).map { ListedAuditEntry(sequence: sealed.head.sequence, entry: $0) }
        }
        return (opened, page.entries.count > limit ? entries.last?.head.sequence : nil)
    }

    /// Destroys the key of a user's personal data in the log: its entries stay, and say nothing of who it was.
    ///
    /// - Returns: Whether there was anything to erase.
    public func erase(_ user: UserID, in tenant: TenantID) async throws -> Bool {
        let note: AuditNote<Bool> = note(in: tenant) { wasThere in
            wasThere ? AuditHappening(event: .administered, subject: user, object: "audit/personal-data") : nil
        }
        return try await store.eraseKey(of: user, in: tenant, noting: note)
    }

    // MARK: Prove

    /// Checks every entry of a tenant's log.
    ///
    /// - Parameters:
    ///   - tenant: Whose log it is.
    ///   - anchor: An end of the log that was noted elsewhere. Without one nobody can tell a log from an older copy of
    ///     the whole database.
    ///   - progress: Told how many entries were checked, and how many there are, now and then.
    /// - Returns: The log's end, or where it is broken first.
    /// - Throws: What the store throws.
    public func verify(
        _ tenant: TenantID,
        holding anchor: AuditAnchor? = nil,
        progress: (_ checked: Int64, _ of: Int64) -> Void = { _, _ in }
    ) async throws -> AuditVerdict {
        let seal = AuditSeal(masterKey, for: tenant)
        var (last, previous) = (Int64(0), AuditSeal.genesis)
        while true {
            let stretch = try await store.log(of: tenant, after: last, limit: Self.stretch)
            let length = stretch.end?.sequence ?? 0
            for entry in stretch.entries {
                guard entry.head.sequence == last + 1 else { return .broken(at: last + 1, .missing) }
                guard entry.head.sequence <= length else { return .broken(at: last + 1, .unsealed) }
                let hash = seal.hash(of: entry, after: previous)
                guard Secret(hash).matches(Secret(entry.head.hash)) else { return .broken(at: last + 1, .altered) }
                (last, previous) = (entry.head.sequence, hash)
                if let anchor, anchor.sequence == last, !Secret(anchor.hash).matches(Secret(hash)) {
                    return .broken(at: last, .altered)
                }
            }
            progress(last, length)
            guard stretch.entries.count < Self.stretch else { continue }
            guard last == length, last >= anchor?.sequence ?? 0 else { return .broken(at: last + 1, .missing) }
            guard let end = stretch.end else { return .broken(at: 1, .missing) }
            guard end.hash == previous, seal.isGenuine(end) else { return .broken(at: last + 1, .endForged) }
            return .sound(end)
        }
    }

    private static let stretch = 2_000
}

/// Whose key seals what is known of the client.
private func owner(of entry: AuditEntry) -> UserID {
    SealedAuditEntry.clientOwner(actor: entry.actor.user, subject: entry.subject)
}

/// What happened, without where and when.
struct AuditHappening: Sendable {
    let event: AuditEvent
    var subject: UserID?
    var session: SessionID?
    var object: String?
    var reason: String?
    var changes: [AuditChange] = []
}

/// An entry and its number.
public struct ListedAuditEntry: Hashable, Sendable {
    public let sequence: Int64
    public let entry: AuditEntry
}

/// An end of a log, noted outside of the database: its number and hash, written
/// `7:` and 43 base64url characters.
public struct AuditAnchor: Hashable, Sendable, LosslessStringConvertible {
    public let sequence: Int64
    public let hash: [UInt8]

    public init(_ head: AuditHead) {
        sequence = head.sequence
        hash = head.hash
    }

    public init?(_ description: String) {
        let parts = description.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = Int64(parts[0]), sequence >= 1,
            let hash = Base64URL.decode(parts[1].utf8), hash.count == 32
        else { return nil }
        self.sequence = sequence
        self.hash = hash
    }

    public var description: String { "\(sequence):\(Base64URL.encode(hash))" }
}

/// What the check of a log came to.
public enum AuditVerdict: Hashable, Sendable {
    /// Nothing was changed, dropped, inserted or moved; the log ends here.
    case sound(AuditHead)
    /// The first entry that is not as it was written.
    case broken(at: Int64, Damage)

    public enum Damage: Hashable, Sendable {
        /// It says something else than when it was written, or is not the one that was written here.
        case altered
        /// It is gone.
        case missing
        /// It stands beyond the end of the log: nobody but the server may append.
        case unsealed
        /// All entries fit, but the server did not write this end, or one before it: others may have been cut off.
        case endForged
    }
}
