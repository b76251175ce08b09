public import FinHubAPI
public import FinHubTokens
import Synchronization

/// Brings what this server holds in memory up to date with the ``ChangeFeed``.
///
/// At start it reads everything that still matters, so that a restarted server refuses what was
/// ended before; then it reads on from there.
public final class FeedFollower: Sendable {
    private struct Position {
        var sequence: Int64 = 0
        var caughtUpAt: Timestamp?
    }

    private static let batch = 1_000

    private let stores: Stores
    private let masterKey: MasterKey
    private let tenants: TenantDirectory
    private let users: UserDirectory
    private let keys: KeyRing
    private let revocations: RevocationList
    private let now: @Sendable () -> Timestamp
    private let position = Mutex(Position())

    public init(
        stores: Stores,
        masterKey: MasterKey,
        tenants: TenantDirectory,
        users: UserDirectory,
        keys: KeyRing,
        revocations: RevocationList,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.stores = stores
        self.masterKey = masterKey
        self.tenants = tenants
        self.users = users
        self.keys = keys
        self.revocations = revocations
        self.now = now
    }

    /// When the feed was last read to its end; `nil` before the first time.
    public var caughtUpAt: Timestamp? {
        position.withLock { $0.caughtUpAt }
    }

    /// Whether the feed was read to its end within the last five seconds (design, *Promises*).
    public func isCurrent(at now: Timestamp) -> Bool {
        caughtUpAt.map { now - $0 < .seconds(5) } ?? false
    }

    /// Reads the feed from its beginning, then every tenant and key, then what the feed tells since.
    public func start() async throws {
        // No tenant and no user is in memory yet that could have changed: thousands may have been added of late.
        try await readFeed { change in if change.kind.endsSessions { try await apply(change) } }
        for tenant in try await stores.directory.tenants() { update(tenant) }
        for record in try await stores.directory.signingKeys() { try add(record) }
        try await catchUp()
    }

    /// Reads the feed from where it was left to its end.
    ///
    /// - Throws: the store's own error; what was read before it stays applied.
    public func catchUp() async throws {
        try await readFeed(apply)
        let now = now()
        position.withLock { $0.caughtUpAt = now }
        revocations.prune(now: now)
    }

    private func readFeed(_ apply: (Change) async throws -> Void) async throws {
        while true {
            let sequence = position.withLock { $0.sequence }
            let changes = try await stores.changes.changes(after: sequence, limit: Self.batch)
            for change in changes { try await apply(change) }
            position.withLock { position in
                if let last = changes.last { position.sequence = max(position.sequence, last.sequence) }
            }
            if changes.count < Self.batch { return }
        }
    }

    private func apply(_ change: Change) async throws {
        switch change.kind {
        case .sessionEnded(let session, let superseded):
            revocations.end(session, superseded: superseded, tokensExpireBy: change.relevantUntil)
        case .userCutOff(let user, let epoch, let spared):
            revocations.cutOff(user: user, below: epoch, sparing: spared, tokensExpireBy: change.relevantUntil)
            users.drop(user)
        case .userChanged(let user):
            users.drop(user)
        case .tenantChanged:
            if let tenant = try await stores.directory.tenant(change.tenant) { update(tenant) }
            for record in try await stores.directory.signingKeys(of: change.tenant) { try add(record) }
        }
    }

    /// Takes a newer reading of a tenant, and refuses its tokens below its epoch.
    private func update(_ tenant: Tenant) {
        tenants.update(tenant)
        guard tenant.epoch > 0 else { return }
        let tokensExpireBy = RevocationList.expiryOfTokensIssued(before: now())
        revocations.cutOff(tenant: tenant.id, below: tenant.epoch, tokensExpireBy: tokensExpireBy)
    }

    /// Adds a key; keys come in the order of their numbers, and the last one signs.
    private func add(_ record: SigningKeyRecord) throws {
        let key = try masterKey.signingKey(record)
        keys.add(key)
        keys.makeCurrent(key.id)
    }
}

extension Change.Kind {
    /// Whether it is about tokens, not about what a tenant or a user is now.
    fileprivate var endsSessions: Bool {
        switch self {
        case .sessionEnded, .userCutOff: true
        case .userChanged, .tenantChanged: false
        }
    }
}
