public import FinHubCore
public import Testing

/// One promise of the stores, checked against fresh, empty ones.
public struct StoreRule: Sendable, CustomTestStringConvertible {
    public let testDescription: String
    public let check: @Sendable (Stores) async throws -> Void

    init(_ promise: String, check: @escaping @Sendable (Stores) async throws -> Void) {
        testDescription = promise
        self.check = check
    }

    /// Every promise; a new store is done when it keeps them all.
    public static let all: [StoreRule] =
        sessions + rotations + endings + cutOffs + lists + housekeeping + changes + tenants + users + hierarchies
        + failures + knownClients
        + secondFactors + userChanges + userLists + passwords + concurrency
        + tenantChanges + credentials + credentialUses + reminders + audit
}
