import FinHubCore
import GRDB
import Testing

@testable import FinHubSQLite

@Suite("Query plans")
struct QueryPlanTests {
    @Test("a page of a list comes from an index, in its order", arguments: SessionQuery.Status.allCases)
    func lists(_ status: SessionQuery.Status) async throws {
        let plan = try await plan(of: SQLiteSessionStore.list(status))
        let index =
            status == .active
            ? "session_open (tenant=? AND user=? AND is_past=? AND " : "session_of_user (tenant=? AND user=? AND "
        #expect(plan.contains { $0.contains("USING INDEX \(index)(created_at,id)<(?,?))") }, "\(plan)")
        #expect(!plan.contains { $0.contains("SCAN") || $0.contains("TEMP B-TREE") }, "\(plan)")
    }

    @Test("the count of active sessions looks at the user's open ones alone")
    func count() async throws {
        let plan = try await plan(of: Account.countActive)
        #expect(
            plan.contains { $0.contains("USING INDEX session_open (tenant=? AND user=? AND is_past=?)") },
            "\(plan)"
        )
        #expect(!plan.contains { $0.contains("SCAN session") }, "\(plan)")
    }

    @Test(
        "a session is found, refreshed and ended by its identifier",
        arguments: [
            "SELECT \(SessionRecord.columnsAsOfCutOffs) FROM session WHERE id = ? AND tenant = ?",
            SQLiteSessionStore.rotate,
            SQLiteSessionStore.end,
        ]
    )
    func identifier(_ sql: String) async throws {
        let plan = try await plan(of: sql)
        #expect(plan.contains { $0.contains("session USING INDEX sqlite_autoindex_session_1 (id=?)") }, "\(plan)")
        #expect(!plan.contains { $0.contains("SCAN") }, "\(plan)")
    }

    @Test("housekeeping reads no more than is due", arguments: [false, true])
    func housekeeping(_ isPast: Bool) async throws {
        let plan = try await plan(of: SQLiteSessionStore.dueForReview(past: isPast))
        #expect(plan == ["SEARCH session USING INDEX session_review (is_past=? AND review_at<?)"])
    }

    @Test("a tenant's latest logins come from an index, in its order")
    func logins() async throws {
        let plan = try await plan(of: SQLiteTenantStore.recentLogins)
        #expect(plan.contains { $0.contains("USING INDEX session_of_tenant (tenant=? AND created_at>?)") }, "\(plan)")
    }

    @Test("a tenant's old passwords come from an index, in its order, and so do credentials that ended")
    func ages() async throws {
        let passwords = try await plan(of: SQLiteReminderStore.passwordsOfTenant)
        #expect(
            passwords == [
                "SEARCH user USING COVERING INDEX user_password_age (tenant=? AND status=? AND password_set_at<?)"
            ]
        )
        let all = try await plan(of: SQLiteReminderStore.passwords)
        #expect(all.contains { $0.contains("USING COVERING INDEX user_password_age") }, "\(all)")
        let ended = try await plan(of: SQLiteCredentialStore.removal)
        #expect(ended.contains { $0.contains("INDEX credential_end (expires_at<?)") }, "\(ended)")
        #expect(!ended.contains { $0.hasPrefix("SCAN") }, "\(ended)")
    }

    @Test("counts and known clients are found by their keys", arguments: [FailureRow.find, KnownClientRow.find])
    func guesses(_ sql: String) async throws {
        let plan = try await plan(of: sql)
        #expect(plan.count == 1)
        #expect(plan.allSatisfy { $0.contains("USING PRIMARY KEY (tenant=? AND ") }, "\(plan)")
    }

    @Test(
        "what makes room and what is old is found by an index, in its order",
        arguments: zip(
            [FailureRow.room, FailureRow.removal, KnownClientRow.removal],
            ["failure_count_room", "failure_count_age", "known_client_age"]
        )
    )
    func removal(_ sql: String, index: String) async throws {
        let plan = try await plan(of: sql)
        #expect(plan.contains { $0.contains("INDEX \(index)") }, "\(plan)")
        #expect(!plan.contains { $0.hasPrefix("SCAN") || $0.contains("TEMP B-TREE") }, "\(plan)")
    }

    func plan(of sql: String) async throws -> [String] {
        let database = try SQLiteDatabase.inMemory()
        return try await database.writer.write { db in
            // Unbound parameters are null, and a plan does not depend on them.
            let statement = try db.makeStatement(sql: "EXPLAIN QUERY PLAN \(sql)")
            statement.setUncheckedArguments([])
            return try Row.fetchAll(statement).map { $0["detail"] as String }
        }
    }
}
