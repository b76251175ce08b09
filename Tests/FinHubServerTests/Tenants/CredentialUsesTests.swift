import FinHubAPI
import FinHubTestSupport
import Synchronization
import Testing

@testable import FinHubCore

@Suite("Uses of credentials")
struct CredentialUsesTests {
    private static let tenant = TenantID(high: 1, low: 1)

    @Test("of one client are one row; a user agent is cut, and has no controls")
    func rows() async throws {
        let (store, clock) = (UseKeeper(), ManualClock())
        let uses = CredentialUses(store: store, now: { clock.now })
        let begun = clock.now
        for _ in 0..<3 {
            uses.note(
                "key",
                of: Self.tenant,
                by: ClientDetails(address: "192.0.2.1", userAgent: "a\u{0}\u{1b}[1mgent\n")
            )
            clock.advance(by: 1)
        }
        uses.note("key", of: Self.tenant, by: ClientDetails(userAgent: String(repeating: "€", count: 100)))
        try await uses.flush()
        let kept = store.kept.sorted { $0.uses > $1.uses }
        try #require(kept.map(\.uses) == [3, 1])
        #expect(kept.map(\.client.userAgent) == ["a[1mgent", String(repeating: "€", count: 85)])
        #expect(kept.map(\.client.address) == ["192.0.2.1", ""])
        #expect(kept[0].firstAt == begun)
        #expect(kept[0].lastAt == begun + .seconds(2))
        try await uses.flush()
        #expect(store.kept.count == 2)
    }

    @Test("that could not be stored are stored the next time, none twice")
    func outage() async throws {
        let (store, clock) = (UseKeeper(), ManualClock())
        let uses = CredentialUses(store: store, now: { clock.now })
        for index in 0..<600 { uses.note("key", of: Self.tenant, by: ClientDetails(address: "\(index)")) }
        store.failAfter(1)
        await #expect(throws: StorageUnavailable.self) { try await uses.flush() }
        #expect(store.kept.count == 500)
        uses.note("key", of: Self.tenant, by: ClientDetails(address: "0"))
        store.failAfter(nil)
        try await uses.flush()
        #expect(store.kept.reduce(0) { $0 + $1.uses } == 601)
        #expect(Set(store.kept.map(\.client)).count == 600)
    }

    @Test("of very many clients are no more than a credential may have, and one's flood is not another's")
    func bounds() async throws {
        let store = UseKeeper()
        let uses = CredentialUses(store: store, now: { Timestamp(seconds: 0) })
        for index in 0..<5_000 { uses.note("key", of: Self.tenant, by: ClientDetails(address: "\(index)")) }
        uses.note("key", of: TenantID(high: 2, low: 2), by: ClientDetails(address: "quiet"))
        try await uses.flush()
        #expect(store.kept.count == CredentialUse.clientsKept + 1)
        #expect(store.kept.contains { $0.client.address == "quiet" })
    }
}

/// A store that remembers uses, and fails when it is told to.
private final class UseKeeper: CredentialStore {
    private struct State {
        var kept: [CredentialUse] = []
        var writesLeft: Int?
    }

    private let state = Mutex(State())

    var kept: [CredentialUse] { state.withLock { $0.kept } }

    /// Fails after so many more writes; after none when it is `nil`.
    func failAfter(_ writes: Int?) {
        state.withLock { $0.writesLeft = writes }
    }

    func record(_ uses: [CredentialUse]) async throws {
        try state.withLock { state in
            if let left = state.writesLeft {
                guard left > 0 else { throw StorageUnavailable(cause: CancellationError()) }
                state.writesLeft = left - 1
            }
            state.kept += uses
        }
    }

    func credentials(of _: TenantID) async throws -> [ListedCredential] { [] }

    func add(
        _: TenantCredential,
        endingOthersAt _: Timestamp,
        at _: Timestamp,
        noting _: AuditNote<CredentialAddition>
    ) async throws -> CredentialAddition {
        .added(others: [])
    }

    func end(
        _: String,
        of _: TenantID,
        at _: Timestamp,
        sparingLast _: Bool,
        noting _: AuditNote<CredentialEnding>
    ) async throws -> CredentialEnding {
        .notFound
    }

    func clients(of _: String, in _: TenantID) async throws -> [CredentialUse]? { nil }

    func removeCredentials(endedBefore _: Timestamp, limit _: Int) async throws -> Int { 0 }
}
