import FinHubCore
import GRDB
import Testing

@testable import FinHubSQLite

extension QueryPlanTests {
    @Test(
        "a page of users comes from an index, in its order",
        arguments: zip([NameKind.userName, .email], ["user_by_name", "user_by_email"])
    )
    func users(_ name: NameKind, index: String) async throws {
        let plan = try await plan(of: SQLiteUserStore.list(name))
        #expect(plan.contains { $0.contains("INDEX \(index) (tenant=? AND organization=? AND ") }, "\(plan)")
        #expect(!plan.contains { $0.contains("SCAN") || $0.contains("TEMP B-TREE") }, "\(plan)")
    }

    @Test("a name, another administrator and forgotten users are found by an index")
    func userChanges() async throws {
        for sql in [UserRow.findName, UserRow.findAdministrator] {
            let plan = try await plan(of: sql)
            #expect(!plan.contains { $0.contains("SCAN") }, "\(plan)")
        }
        let plan = try await plan(of: UserRow.findAdministrator)
        #expect(plan.contains { $0.contains("user_administrator") }, "\(plan)")
        let forget = try await self.plan(of: UserRow.forget)
        #expect(forget.contains { $0.contains("user_deleted") }, "\(forget)")
        #expect(!forget.contains { $0.hasPrefix("SCAN") && !$0.contains("user_deleted") }, "\(forget)")
    }
}

extension QueryPlanTests {
    @Test(
        "what makes room for a login is found among the user's open sessions alone",
        arguments: [
            ConcurrentSessions.WhenFull.evictOldest, .evictLongestIdle,
        ]
    )
    func crowd(_ whenFull: ConcurrentSessions.WhenFull) async throws {
        let plan = try await plan(of: Crowd.evict(whenFull))
        #expect(
            plan.contains { $0.contains("USING INDEX session_open (tenant=? AND user=? AND is_past=?)") },
            "\(plan)"
        )
        #expect(!plan.contains { $0.hasPrefix("SCAN") }, "\(plan)")
    }
}
