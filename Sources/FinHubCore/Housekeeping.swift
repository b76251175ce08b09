public import FinHubAPI
import FinHubTokens

/// Clears up behind sessions and attempts, in steps small enough to hold up nobody.
public struct Housekeeping: Sendable {
    /// How long a session is kept after its end (design, *Data*).
    static let keepsSessions: Duration = .seconds(30 * 86_400)
    /// How long a tenant credential is listed after its end.
    static let keepsCredentials: Duration = .seconds(30 * 86_400)
    private static let step = 500
    /// Few, because each takes up to a thousand rows with it.
    private static let credentialStep = 5

    private let stores: Stores
    private let now: @Sendable () -> Timestamp

    public init(stores: Stores, now: @escaping @Sendable () -> Timestamp) {
        self.stores = stores
        self.now = now
    }

    /// Takes one step of each kind; `true` when there is more to do.
    public func step() async throws -> Bool {
        let now = now()
        let settled = try await stores.sessions.settleCutOffs(limit: Self.step, at: now)
        // The clock may be two hours ahead: what seems to be over may live.
        let retired = try await stores.sessions.retireSessions(
            over: now - RevocationList.clockMargin,
            limit: Self.step
        )
        let removed = try await stores.sessions.removeSessions(over: now - Self.keepsSessions, limit: Self.step)
        let forgotten = try await stores.changes.removeChanges(
            over: now - RevocationList.clockMargin,
            limit: Self.step
        )
        let counts = try await stores.failures.removeFailures(
            before: now - FailureRule.longestMemory,
            limit: Self.step
        )
        let clients = try await stores.failures.removeClients(before: now - KnownClient.keeps, limit: Self.step)
        let users = try await stores.users.forgetDeleted(limit: Self.step)
        let credentials = try await stores.credentials.removeCredentials(
            endedBefore: now - Self.keepsCredentials,
            limit: Self.credentialStep
        )
        if credentials == Self.credentialStep { return true }
        return max(settled, retired, removed, forgotten, counts, clients, users) == Self.step
    }
}
