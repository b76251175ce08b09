public import FinHubAPI
import Synchronization

/// A user and the organization the user belongs to.
///
/// A class, so that the cache hands out one reference instead of a copy of a dozen strings.
public final class Identity: Sendable {
    public let user: User
    public let organization: Organization

    init(user: User, organization: Organization) {
        self.user = user
        self.organization = organization
    }
}

/// Who the users are, with a bounded cache in front of the store.
public final class UserDirectory: Sendable {
    private struct Cache {
        var identities: [UserID: Identity] = [:]
        /// Goes up when anything is dropped, so that a reading begun before is not kept.
        var edition = 0
    }

    private let store: any DirectoryStore
    private let capacity: Int
    private let cache = Mutex(Cache())

    /// Keeps at most `capacity` identities; when it is full, any one makes room.
    public init(store: any DirectoryStore, capacity: Int = 10_000) {
        self.store = store
        self.capacity = capacity
    }

    /// Who the user is; `nil` when the tenant has no such user.
    public func identity(of user: UserID, in tenant: TenantID) async throws -> Identity? {
        let (known, edition) = cache.withLock { ($0.identities[user], $0.edition) }
        // Another tenant's costs a reading, as one costs that is not there.
        if let known, known.user.tenant == tenant { return known }
        guard let user = try await store.user(user, in: tenant),
            let organization = try await store.organization(user.organization, in: tenant)
        else { return nil }
        let identity = Identity(user: user, organization: organization)
        keep(identity, readIn: edition)
        return identity
    }

    /// Forgets a user, who has changed.
    func drop(_ user: UserID) {
        cache.withLock { cache in
            cache.identities[user] = nil
            cache.edition += 1
        }
    }

    private func keep(_ identity: Identity, readIn edition: Int) {
        cache.withLock { cache in
            guard cache.edition == edition else { return }
            if cache.identities.count >= capacity { cache.identities.remove(at: cache.identities.startIndex) }
            cache.identities[identity.user.id] = identity
        }
    }
}
