public import FinHubAPI
import Synchronization

/// The signing keys of all tenants: for each tenant one that signs, and all that verify.
public final class KeyRing: Sendable {
    private struct Keys {
        /// By the encoded header, so that a token's own first part finds its key.
        var byHeader: [[UInt8]: SigningKey] = [:]
        var byID: [KeyID: SigningKey] = [:]
        var current: [TenantID: KeyID] = [:]
    }

    private let keys = Mutex(Keys())

    public init() {}

    /// Adds a key that verifies from now on.
    public func add(_ key: SigningKey) {
        keys.withLock { keys in
            keys.byHeader[key.header] = key
            keys.byID[key.id] = key
        }
    }

    /// Removes a key: tokens of it are refused from now on.
    public func remove(_ id: KeyID) {
        keys.withLock { keys in
            guard let key = keys.byID.removeValue(forKey: id) else { return }
            keys.byHeader[key.header] = nil
            if keys.current[key.tenant] == id { keys.current[key.tenant] = nil }
        }
    }

    /// Makes a key that was added its tenant's signing key.
    public func makeCurrent(_ id: KeyID) {
        keys.withLock { keys in
            guard let key = keys.byID[id] else { return }
            keys.current[key.tenant] = id
        }
    }

    /// The key that signs for `tenant`; `nil` when it has none.
    public func current(for tenant: TenantID) -> SigningKey? {
        keys.withLock { keys in keys.current[tenant].flatMap { keys.byID[$0] } }
    }

    /// The key whose tokens have exactly this encoded header; there is no fallback.
    func key(forHeader header: [UInt8]) -> SigningKey? {
        keys.withLock { $0.byHeader[header] }
    }
}
