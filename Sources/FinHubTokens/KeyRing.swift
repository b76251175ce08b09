public import FinHubAPI
import Synchronization

/// The signing keys of all tenants: for each tenant one that signs, and all that verify.
public final class KeyRing: Sendable {
    private struct Keys {
        /// By the hash of the encoded header; whoever looks compares the whole header.
        ///
        /// So a token's own first part finds its key without being copied.
        var byHeaderHash: [Int: [SigningKey]] = [:]
        var byID: [KeyID: SigningKey] = [:]
        var current: [TenantID: KeyID] = [:]

        mutating func add(_ key: SigningKey) {
            remove(key.id)
            byHeaderHash[key.headerHash, default: []].append(key)
            byID[key.id] = key
        }

        @discardableResult
        mutating func remove(_ id: KeyID) -> SigningKey? {
            guard let key = byID.removeValue(forKey: id) else { return nil }
            byHeaderHash[key.headerHash]?.removeAll { $0.id == id }
            return key
        }
    }

    private let keys = Mutex(Keys())

    public init() {}

    /// Adds a key that verifies from now on; it takes the place of one with its identifier.
    public func add(_ key: SigningKey) {
        keys.withLock { $0.add(key) }
    }

    /// Removes a key: tokens of it are refused from now on.
    public func remove(_ id: KeyID) {
        keys.withLock { keys in
            guard let key = keys.remove(id), keys.current[key.tenant] == id else { return }
            keys.current[key.tenant] = nil
        }
    }

    /// Makes a key that was added its tenant's signing key; an unknown one changes nothing.
    public func makeCurrent(_ id: KeyID) {
        keys.withLock { keys in
            guard let key = keys.byID[id] else { return }
            keys.current[key.tenant] = id
        }
    }

    /// The key that signs for `tenant`; `nil` when it has none.
    public func current(for tenant: TenantID) -> SigningKey? {
        keys.withLock { keys in
            guard let key = keys.current[tenant].flatMap({ keys.byID[$0] }), key.tenant == tenant else { return nil }
            return key
        }
    }

    /// The key whose tokens have exactly this encoded header; there is no fallback.
    func key(forHeader header: UnsafeBufferPointer<UInt8>) -> SigningKey? {
        let hash = SigningKey.hash(ofHeader: header)
        return keys.withLock { keys in keys.byHeaderHash[hash]?.first { $0.hasHeader(header) } }
    }
}
