import FinHubAPI
import FinHubCore
import FinHubTestSupport
import HTTPTypes
import Testing

@testable import FinHubServer

@Suite("IP allowlist: dry run")
struct AllowlistTrialTests {
    @Test("tells which logins would have been refused, the latest address first, and changes nothing")
    func trial() async throws {
        try await withServerBehindProxy { server in
            for address in ["198.51.100.1", "198.51.100.1", "2001:db8::1", "203.0.113.7"] {
                #expect(try await server.login(.ada, from: address).status == 200)
                server.clock.advance(by: 60)
            }
            #expect(try await server.login(.grace, from: "192.0.2.1").status == 200)
            let desk = try await Desk(server, at: "203.0.113.7")
            let answer = try await desk.call(
                .post,
                "ip-allowlist/dry-run",
                body: .allowlist(["203.0.113.0/24", "10.0.0.0/8"])
            )
            #expect(answer.status == 200)
            let data = try #require(answer.data)
            #expect(data["logins"] == .number("5"))
            #expect(data["refused"] == .number("3"))
            #expect(data["complete"] == .bool(true))
            #expect(data["admitsCaller"] == .bool(true))
            let addresses = try #require(data["addresses"]?.array).compactMap(\.object)
            try #require(addresses.map { $0["address"]?.string } == ["2001:db8::1", "198.51.100.1"])
            #expect(addresses.map { $0["logins"] } == [.number("1"), .number("2")])
            #expect(addresses.map { $0["users"] } == [.number("1"), .number("1")])
            #expect(addresses[1]["lastAt"]?.string == Timestamp(seconds: 1_767_268_860).description)
            #expect(try await desk.call(.get, "ip-allowlist").headers[.eTag] == "\"1\"")
            #expect(try await desk.moved(to: "192.0.2.1").current().status == 200)
        }
    }

    @Test("goes one at a time, so that those who only read don't wait for many of them")
    func busy() async throws {
        try await withServer { server in
            let (entered, enter) = AsyncStream.makeStream(of: Void.self)
            let (released, release) = AsyncStream.makeStream(of: Void.self)
            let held = HeldTenantStore(store: server.stores.tenants, enter: enter, released: released)
            let stores = server.stores.replacing(tenants: held)
            let service = TenantService(stores: stores, tenants: server.services.tenants, audit: server.services.audit)
            { server.clock.now }
            async let first = service.trial(of: [], in: Account.ada.tenant)
            for await _ in entered { break }
            await #expect(throws: TenantRefusal.busy) { try await service.trial(of: [], in: Account.grace.tenant) }
            release.yield()
            let trial = try await first
            #expect(trial.logins == 0)
            release.yield()
            #expect(try await service.trial(of: [], in: Account.grace.tenant).logins == 0)
        }
    }

    @Test("says when the caller would be kept out, and refuses nothing without ranges")
    func caller() async throws {
        try await withServerBehindProxy { server in
            let desk = try await Desk(server, at: "203.0.113.7")
            let other = try await desk.call(.post, "ip-allowlist/dry-run", body: .allowlist(["10.0.0.0/8"]))
            #expect(other.data?["admitsCaller"] == .bool(false))
            #expect(other.data?["refused"] == .number("1"))
            let open = try await desk.call(.post, "ip-allowlist/dry-run", body: .allowlist([]))
            #expect(open.data?["admitsCaller"] == .bool(true))
            #expect(open.data?["refused"] == .number("0"))
        }
    }

    @Test("counts ended sessions, and none that is older than 30 days")
    func period() async throws {
        try await withServerBehindProxy { server in
            let first = try await Desk(server, at: "198.51.100.1")
            #expect(try await server.call(.delete, Account.ada.sessionsPath, token: first.token).status == 200)
            server.clock.advance(by: 30 * 86_400)
            try await server.beat()
            let desk = try await Desk(server, at: "203.0.113.7")
            let body = String.allowlist(["203.0.113.0/24"])
            let just = try await desk.call(.post, "ip-allowlist/dry-run", body: body)
            #expect(just.data?["refused"] == .number("1"))
            server.clock.advance(by: 1)
            let past = try await desk.call(.post, "ip-allowlist/dry-run", body: body)
            #expect(past.data?["refused"] == .number("0"))
            #expect(past.data?["logins"] == .number("1"))
        }
    }
}

/// The real store, but that it tells of logins only when it is let.
private struct HeldTenantStore: TenantStore {
    let store: any TenantStore
    let enter: AsyncStream<Void>.Continuation
    let released: AsyncStream<Void>

    func logins(to tenant: TenantID, since moment: Timestamp, limit: Int) async throws -> RecentLogins {
        enter.yield()
        for await _ in released { break }
        return try await store.logins(to: tenant, since: moment, limit: limit)
    }

    func replacePolicy(
        of tenant: TenantID,
        version: Int64,
        with policy: SessionPolicy,
        at now: Timestamp,
        noting note: AuditNote<Versioned<SessionPolicy>?>
    ) async throws -> Versioned<SessionPolicy>? {
        try await store.replacePolicy(of: tenant, version: version, with: policy, at: now, noting: note)
    }

    func replaceAllowlist(
        of tenant: TenantID,
        version: Int64,
        with ranges: [NetworkRange],
        at now: Timestamp,
        noting note: AuditNote<Versioned<[NetworkRange]>?>
    ) async throws -> Versioned<[NetworkRange]>? {
        try await store.replaceAllowlist(of: tenant, version: version, with: ranges, at: now, noting: note)
    }

    func setStatus(
        of tenant: TenantID,
        to status: Tenant.Status,
        at now: Timestamp,
        noting note: AuditNote<Bool>
    ) async throws -> Bool {
        try await store.setStatus(of: tenant, to: status, at: now, noting: note)
    }
}

extension Stores {
    fileprivate func replacing(tenants: any TenantStore) -> Stores {
        Stores(
            sessions: sessions,
            directory: directory,
            changes: changes,
            failures: failures,
            secondFactors: secondFactors,
            users: users,
            tenants: tenants,
            credentials: credentials,
            reminders: reminders,
            audit: audit
        )
    }
}
