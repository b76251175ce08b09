import FinHubAPI
import FinHubCore
import GRDB
import Testing

@testable import FinHubSQLite

@Suite("Schema")
struct SchemaTests {
    @Test("a sound row is stored, and each of these alterations is refused", arguments: Alteration.all)
    func constraints(_ alteration: Alteration) async throws {
        let database = try SQLiteDatabase.inMemory()
        try await database.writer.write { db in
            for row in Alteration.soundRows { try db.execute(sql: row) }
        }
        let error = await #expect(throws: DatabaseError.self) {
            try await database.writer.write { db in try db.execute(sql: alteration.sql) }
        }
        #expect(error?.resultCode == .SQLITE_CONSTRAINT)
    }

    @Test("every table is strict")
    func strict() async throws {
        let database = try SQLiteDatabase.inMemory()
        let loose = try await database.read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT name FROM pragma_table_list
                    WHERE schema = 'main' AND NOT strict AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'grdb_%'
                    """
            )
        }
        #expect(loose == [])
    }

    @Test("a refresh touches no index", arguments: ["generation", "refreshed_at", "expires_at"])
    func indexes(column: String) async throws {
        let database = try SQLiteDatabase.inMemory()
        let indexed = try await database.read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT info.name FROM pragma_index_list('session') AS list, pragma_index_info(list.name) AS info
                    """
            )
        }
        #expect(indexed.contains("review_at"))
        #expect(!indexed.contains(column))
    }

    @Test("the index of open sessions tells whether one is active, but for its expiry")
    func openSessions() async throws {
        let database = try SQLiteDatabase.inMemory()
        let columns = try await database.read { db in
            try String.fetchAll(db, sql: "SELECT name FROM pragma_index_info('session_open') ORDER BY seqno")
        }
        #expect(
            columns == ["tenant", "user", "is_past", "created_at", "id", "user_epoch", "tenant_epoch", "review_at"]
        )
    }
}

/// A statement that some constraint must refuse.
struct Alteration: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let sql: String

    private static let id = "zeroblob(16)"

    static let soundRows = [
        "INSERT INTO tenant VALUES (\(id), 'acme', 'Acme', 'NON_REGULATED', 'active', 0, '{}', 1, '', 1)",
        "INSERT INTO organization VALUES (\(id), \(id), 'Head office')",
        """
        INSERT INTO user VALUES (\(id), \(id), \(id), 'ada', x'61', 'ada@x', x'62', 'ADMIN', 'active',
            'hash', 0, 0, 0, 0, 1, 0)
        """,
        """
        INSERT INTO session (id, tenant, organization, user, salt, generation, user_epoch, tenant_epoch,
            created_at, expires_at, absolute_end, review_at)
        VALUES (\(id), \(id), \(id), \(id), \(id), 1, 0, 0, 0, 10, 20, 10)
        """,
        "INSERT INTO change (tenant, kind, relevant_until) VALUES (\(id), 'tenant_changed', 0)",
    ]

    static let all = [
        set("id = zeroblob(15)", in: "session", "a short identifier"),
        set("id = 'text'", in: "session", "an identifier that is text"),
        set("salt = zeroblob(8)", in: "session", "a short salt"),
        set("generation = 0", in: "session", "generation zero"),
        set("generation = 4294967296", in: "session", "a generation beyond 32 bits"),
        set("expires_at = absolute_end + 1", in: "session", "an expiry after the absolute end"),
        set("ended_at = 5", in: "session", "an end without a reason"),
        set("end_reason = 'ALL_SESSIONS_ENDED'", in: "session", "a reason without an end"),
        set("ended_at = 5, end_reason = 'BOREDOM'", in: "session", "an unknown reason"),
        set("user = randomblob(16)", in: "session", "a session of no user"),
        set("organization = randomblob(16)", in: "session", "a session in another organization than its user"),
        set("tenant = randomblob(16)", in: "session", "a session in another tenant than its user"),
        set("epoch = -1", in: "user", "a negative epoch"),
        set("status = 'asleep'", in: "user", "an unknown status"),
        set("organization = randomblob(16)", in: "user", "a user of no organization"),
        set("version = 0", in: "user", "a user without an edition"),
        set("policy = 'x'", in: "tenant", "a policy that is not JSON"),
        set("slug = 'a b'", in: "tenant", "a slug with a space"),
        set("slug = ''", in: "tenant", "an empty slug"),
        set("status = ''", in: "tenant", "a tenant without status"),
        set("kind = 'rumour'", in: "change", "an unknown change"),
        set("kind = 'session_ended'", in: "change", "an ended session that is not named"),
        Alteration(testDescription: "a tenant removed before its users", sql: "DELETE FROM tenant"),
        Alteration(testDescription: "a user removed before the sessions", sql: "DELETE FROM user"),
        Alteration(
            testDescription: "a user name used twice in a tenant",
            sql: """
                INSERT INTO user VALUES (\(id), randomblob(16), \(id), 'ADA', x'61', 'b', x'63', '', 'active',
                    'h', 0, 0, 0, 0, 1, 0)
                """
        ),
        Alteration(
            testDescription: "an e-mail used twice in a tenant",
            sql: """
                INSERT INTO user VALUES (\(id), randomblob(16), \(id), 'b', x'63', 'ADA@X', x'62', '', 'active',
                    'h', 0, 0, 0, 0, 1, 0)
                """
        ),
        Alteration(
            testDescription: "a count of no failure",
            sql: "INSERT INTO failure_count VALUES (\(id), \(id), 0, 0, 0, 1)"
        ),
        Alteration(
            testDescription: "a count of a short subject",
            sql: "INSERT INTO failure_count VALUES (\(id), zeroblob(15), 1, 0, 0, 1)"
        ),
        Alteration(
            testDescription: "a known client of nobody",
            sql: "INSERT INTO known_client VALUES (\(id), randomblob(16), \(id), 0)"
        ),
        Alteration(
            testDescription: "a short secret digest",
            sql: "INSERT INTO credential VALUES (\(id), x'61', zeroblob(31), 0, NULL)"
        ),
        Alteration(
            testDescription: "a hierarchy that is not JSON",
            sql: "INSERT INTO hierarchy VALUES (\(id), 1, '{')"
        ),
    ]

    private static func set(_ assignment: String, in table: String, _ description: String) -> Alteration {
        Alteration(testDescription: description, sql: "UPDATE \(table) SET \(assignment)")
    }
}
