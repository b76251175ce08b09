public import FinHubAPI

/// What administers the keys and secrets of tenants' backends.
///
/// A secret proves a backend at login and nowhere else, so that no end of one ends a session.
public struct CredentialService: Sendable {
    /// How long an old credential is good beside its successor, unless something else is asked for.
    public static let standardOverlap: Duration = .seconds(86_400)

    private let store: any CredentialStore
    private let uses: CredentialUses
    private let audit: AuditLog
    private let now: @Sendable () -> Timestamp

    public init(
        store: any CredentialStore,
        uses: CredentialUses,
        audit: AuditLog,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.audit = audit
        self.store = store
        self.uses = uses
        self.now = now
    }

    /// A tenant's credentials, ended ones too until housekeeping removes them.
    public func credentials(of tenant: TenantID) async throws -> [ListedCredential] {
        await storeUses()
        return try await store.credentials(of: tenant)
    }

    /// Which clients used a credential, the latest first.
    ///
    /// - Throws: ``CredentialRefusal/notFound``.
    public func clients(of key: String, in tenant: TenantID) async throws -> [CredentialUse] {
        await storeUses()
        guard let clients = try await store.clients(of: key, in: tenant) else { throw CredentialRefusal.notFound }
        return clients
    }

    /// Makes a new credential, beside which the old one is good for `overlap`, and no longer than it was.
    ///
    /// - Returns: The new one, the only time that its secret is shown, and the old ones.
    /// - Throws: ``CredentialRefusal/limitReached(until:)``.
    public func rotate(in tenant: TenantID, overlap: Duration) async throws -> CredentialRotation {
        let now = now()
        let new = NewCredential.random(for: tenant)
        let note: AuditNote<CredentialAddition> = audit.note(in: tenant) { outcome in
            guard case .added(let others) = outcome else { return nil }
            return AuditHappening(
                event: .administered,
                object: "credentials",
                reason: "ROTATED",
                changes: [AuditChange("keys", before: others.map(\.key).joined(separator: " "), after: new.key)]
            )
        }
        switch try await store.add(new.stored(at: now), endingOthersAt: now + overlap, at: now, noting: note) {
        case .added(let others): return CredentialRotation(new: new, createdAt: now, others: others)
        case .limitReached(let end): throw CredentialRefusal.limitReached(until: end)
        }
    }

    /// Ends a credential now; one that ended before is left as it is.
    ///
    /// Sessions that were opened with it go on.
    ///
    /// - Throws: ``CredentialRefusal``.
    public func revoke(_ key: String, of tenant: TenantID, evenLast: Bool) async throws {
        let note: AuditNote<CredentialEnding> = audit.note(in: tenant) { outcome in
            outcome == .ended
                ? AuditHappening(
                    event: .administered,
                    object: "credentials",
                    reason: "REVOKED",
                    changes: [AuditChange("keys", before: key)]
                ) : nil
        }
        switch try await store.end(key, of: tenant, at: now(), sparingLast: !evenLast, noting: note) {
        case .ended: return
        case .notFound: throw CredentialRefusal.notFound
        case .isLast: throw CredentialRefusal.wouldLockOut
        }
    }

    /// Stores the uses that were only noted, so that who watches a rotation sees them at once.
    ///
    /// Where that can't be done, what was stored before is shown all the same; it is tried again soon.
    private func storeUses() async {
        try? await uses.flush()
    }
}

/// A new credential and those that it replaces.
public struct CredentialRotation: Sendable {
    public let new: NewCredential
    public let createdAt: Timestamp
    /// What was in force before, with its new end.
    public let others: [TenantCredential]
}

/// Why a credential was not made, shown or ended.
public enum CredentialRefusal: Error, Hashable, Sendable {
    case notFound
    /// As many as can be are in force; the first of them ends then, if any does.
    case limitReached(until: Timestamp?)
    /// No other one lasts: without it nobody could log in, now or before long.
    case wouldLockOut
}
