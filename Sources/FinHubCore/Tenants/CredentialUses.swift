public import FinHubAPI
import Synchronization

/// The uses of tenants' credentials that are not stored yet.
///
/// A login adds to them and writes nothing: what would be a row for each login is one for each client every
/// few seconds. What a crash loses is when somebody was last seen, and by no more than that.
public final class CredentialUses: Sendable {
    fileprivate struct Credential: Hashable {
        let tenant: TenantID
        let key: String
    }

    fileprivate struct Times {
        var firstAt: Timestamp
        var lastAt: Timestamp
        var uses: Int

        mutating func add(_ other: Times) {
            firstAt = min(firstAt, other.firstAt)
            lastAt = max(lastAt, other.lastAt)
            uses += other.uses
        }
    }

    fileprivate typealias Pending = [Credential: [CredentialClient: Times]]

    /// How many rows are written at a time, so that none waits long for it.
    private static let step = 500

    private let store: any CredentialStore
    private let now: @Sendable () -> Timestamp
    private let pending = Mutex<Pending>([:])

    public init(store: any CredentialStore, now: @escaping @Sendable () -> Timestamp) {
        self.store = store
        self.now = now
    }

    /// Notes that a client proved to have the credential.
    func note(_ key: String, of tenant: TenantID, by client: ClientDetails?) {
        let now = now()
        let client = CredentialClient(address: client?.address, userAgent: client?.userAgent)
        let credential = Credential(tenant: tenant, key: key)
        pending.withLock { $0.add(Times(firstAt: now, lastAt: now, uses: 1), to: credential, by: client) }
    }

    /// Stores what was noted.
    ///
    /// - Throws: the store's own error; what was not stored is tried again the next time.
    public func flush() async throws {
        var uses = pending.withLock { pending in
            defer { pending = [:] }
            return pending.uses
        }
        while !uses.isEmpty {
            do {
                try await store.record(Array(uses.suffix(Self.step)))
                uses.removeLast(min(Self.step, uses.count))
            } catch {
                putBack(uses)
                throw error
            }
        }
    }

    private func putBack(_ uses: [CredentialUse]) {
        pending.withLock { pending in
            for use in uses {
                let times = Times(firstAt: use.firstAt, lastAt: use.lastAt, uses: use.uses)
                pending.add(times, to: Credential(tenant: use.tenant, key: use.key), by: use.client)
            }
        }
    }
}

extension CredentialUses.Pending {
    /// Adds to what is known of a client; beyond as many as a credential may have, new ones are left out.
    fileprivate mutating func add(
        _ times: CredentialUses.Times,
        to credential: CredentialUses.Credential,
        by client: CredentialClient
    ) {
        var clients = removeValue(forKey: credential) ?? [:]
        if clients[client] != nil {
            clients[client]?.add(times)
        } else if clients.count < CredentialUse.clientsKept {
            clients[client] = times
        }
        self[credential] = clients
    }

    fileprivate var uses: [CredentialUse] {
        flatMap { credential, clients in
            clients.map { client, times in
                CredentialUse(
                    tenant: credential.tenant,
                    key: credential.key,
                    client: client,
                    firstAt: times.firstAt,
                    lastAt: times.lastAt,
                    uses: times.uses
                )
            }
        }
    }
}
