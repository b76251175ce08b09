import FinHubAPI
import FinHubStoreContract
import FinHubTestSupport
import Foundation
import GRDB
import Testing

@testable import FinHubCore
@testable import FinHubSQLite

/// What somebody with the database file, but without the master key, may try.
@Suite("The audit log's chain")
struct AuditChainTests {
    private static let tenant = TenantID(high: 1, low: 1)
    private static let other = TenantID(high: 1, low: 2)
    private static let user = UserID(high: 2, low: 1)

    @Test("an untouched log is sound, of each tenant, and goes on being so")
    func sound() async throws {
        let log = try await TestLog()
        guard case .sound(let end) = try await log.audit.verify(Self.tenant) else {
            Issue.record("not sound")
            return
        }
        #expect(end.sequence == TestLog.length)
        #expect(try await log.audit.verify(Self.tenant, holding: AuditAnchor(end)) == .sound(end))
        try await log.append(1, to: Self.tenant)
        #expect(try await log.audit.verify(Self.tenant, holding: AuditAnchor(end)) != .sound(end))
        guard case .sound = try await log.audit.verify(Self.tenant, holding: AuditAnchor(end)) else {
            Issue.record("an anchor in the middle does not hold")
            return
        }
    }

    @Test("whatever is done to the rows is found, and the first broken entry named", arguments: Tampering.all)
    func tampering(_ tampering: Tampering) async throws {
        let log = try await TestLog()
        let own = try await log.audit.verify(Self.other)
        try await log.database.writer.write { db in
            for statement in tampering.statements { try db.execute(sql: statement) }
        }
        #expect(try await log.audit.verify(Self.tenant) == .broken(at: tampering.entry, tampering.damage))
        #expect(try await log.audit.verify(Self.other) == own)
    }

    @Test("what was cut off is not made good by what comes after", arguments: [true, false])
    func laundering(keepsSome: Bool) async throws {
        let log = try await TestLog()
        try await log.database.writer.write { db in
            let cut = "tenant = x'\(Data(Self.tenant.bytes).map { String(format: "%02x", $0) }.joined())'"
            if keepsSome {
                try db.execute(sql: "DELETE FROM audit_entry WHERE \(cut) AND sequence > 3")
                try db.execute(
                    sql: """
                        UPDATE audit_head SET sequence = 3, hash = (
                            SELECT hash FROM audit_entry WHERE \(cut) AND sequence = 3) WHERE \(cut)
                        """
                )
            } else {
                try db.execute(sql: "DELETE FROM audit_entry WHERE \(cut)")
                try db.execute(sql: "DELETE FROM audit_head WHERE \(cut)")
                #expect(try AuditRecord.head(of: Self.tenant, db) == nil)
            }
        }
        if !keepsSome { #expect(try await log.audit.verify(Self.tenant) == .broken(at: 1, .missing)) }
        try await log.append(2, to: Self.tenant)
        let expected = AuditVerdict.broken(at: keepsSome ? 6 : 3, .endForged)
        #expect(try await log.audit.verify(Self.tenant) == expected)
    }

    @Test("an end without a next number stops nothing but what would follow it")
    func lastNumber() async throws {
        let log = try await TestLog()
        try await log.database.writer.write { db in
            try db.execute(sql: "UPDATE audit_head SET sequence = 9223372036854775807")
        }
        await #expect(throws: (any Error).self) { try await log.append(1, to: Self.tenant) }
    }

    @Test("a log put back as it once was is found by whoever noted its end")
    func rolledBack() async throws {
        let log = try await TestLog()
        let (hash, seal) = try await log.database.read { db in
            let head = try AuditRecord.head(of: Self.tenant, db)
            return (head?.hash ?? [], head?.seal ?? [])
        }
        try await log.append(2, to: Self.tenant)
        guard case .sound(let end) = try await log.audit.verify(Self.tenant) else {
            Issue.record("not sound")
            return
        }
        try await log.database.writer.write { db in
            try db.execute(
                sql: "DELETE FROM audit_entry WHERE tenant = ? AND sequence > ?",
                arguments: [Self.tenant.data, TestLog.length]
            )
            try db.execute(
                sql: "UPDATE audit_head SET sequence = ?, hash = ?, seal = ? WHERE tenant = ?",
                arguments: [TestLog.length, Data(hash), Data(seal), Self.tenant.data]
            )
        }
        guard case .sound = try await log.audit.verify(Self.tenant) else {
            Issue.record("without an anchor nobody can tell")
            return
        }
        let expected = AuditVerdict.broken(at: TestLog.length + 1, .missing)
        #expect(try await log.audit.verify(Self.tenant, holding: AuditAnchor(end)) == expected)
    }

    @Test("an anchor survives being written down")
    func anchor() throws {
        let anchor = AuditAnchor(AuditHead(sequence: 7, hash: Array(0..<32), seal: []))
        #expect(AuditAnchor(anchor.description) == anchor)
        for text in ["", "7", "7:", "0:\(Base64URL.encode(Array(0..<32)))", "x:y", "7:AAAA"] {
            #expect(AuditAnchor(text) == nil)
        }
    }

    @Test("erasing a user takes the personal data out of reach, and breaks nothing")
    func erasure() async throws {
        let log = try await TestLog()
        let before = try await log.audit.page(AuditQuery(limit: 50), from: "192.0.2.1", in: Self.tenant)
        #expect(before.entries.count == Int(TestLog.length) - 1)
        #expect(before.entries[0].entry.client?.address == "192.0.2.1")
        #expect(before.entries[0].entry.changes.map(\.after) == ["open", "ada@example.org"])
        #expect(try await log.audit.erase(Self.user, in: Self.tenant))
        #expect(try await !log.audit.erase(Self.user, in: Self.tenant))
        guard case .sound = try await log.audit.verify(Self.tenant) else {
            Issue.record("erasing broke the chain")
            return
        }
        let all = try await log.audit.page(AuditQuery(limit: 50), in: Self.tenant).entries
        #expect(all.map(\.entry.object) == ["audit/personal-data"] + Array(repeating: nil, count: Int(TestLog.length)))
        let after = all.filter { $0.entry.event == .loginFailed }
        #expect(after.count == Int(TestLog.length) - 1)
        #expect(after.allSatisfy { $0.entry.client == nil && $0.entry.changes.map(\.after) == ["open"] })
        #expect(try await log.audit.page(AuditQuery(limit: 50), from: "192.0.2.1", in: Self.tenant).entries == [])
        let other = try await log.audit.page(AuditQuery(limit: 50), from: "192.0.2.1", in: Self.other).entries
        #expect(other.count == Int(TestLog.length) - 1)
    }

    @Test("the file holds no personal data that can be read without the master key")
    func sealed() async throws {
        let log = try await TestLog()
        let text = try await log.database.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM audit_entry").map { row in
                row.map { column in
                    switch column.1.storage {
                    case .blob(let data): String(decoding: data, as: UTF8.self)
                    default: "\(column.1)"
                    }
                }.joined(separator: "|")
            }.joined()
        }
        #expect(text.contains("open"))
        for secret in ["192.0.2.1", "ada@example.org", "canary-agent"] { #expect(!text.contains(secret)) }
    }

    @Test("another master key finds the log broken from its first entry on")
    func otherKey() async throws {
        let log = try await TestLog()
        let key = try MasterKey(Secret(Array(1..<33)))
        let audit = AuditLog(store: log.database.stores.audit, masterKey: key) { Timestamp(seconds: 0) }
        #expect(try await audit.verify(Self.tenant) == .broken(at: 1, .altered))
    }

    /// The logs of two tenants, each with some entries.
    struct TestLog {
        static let length: Int64 = 6

        let database: SQLiteDatabase
        let audit: AuditLog

        init() async throws {
            database = try SQLiteDatabase.inMemory()
            let key = try MasterKey(Secret(Array(UInt8(0)..<32)))
            audit = AuditLog(store: database.stores.audit, masterKey: key) { Timestamp(seconds: 1_767_268_800) }
            try await database.writer.write { db in
                for tenant in [tenant, other] {
                    try db.execute(
                        sql: """
                            INSERT INTO tenant VALUES (?, ?, 'T', 'L', 'active', 0, '{}', 1, '', 1)
                            """,
                        arguments: [tenant.data, "t\(tenant.low)"]
                    )
                }
            }
            for tenant in [tenant, other] {
                try await audit.append(AuditHappening(event: .tenantCreated), in: tenant)
                try await append(Self.length - 1, to: tenant)
            }
        }

        func append(_ count: Int64, to tenant: TenantID) async throws {
            let client = ClientDetails(address: "192.0.2.1", userAgent: "canary-agent")
            try await AuditOrigin.$current.withValue(
                AuditOrigin {
                    .stranger
                } client: {
                    client
                }
            ) {
                for _ in 0..<count {
                    try await audit.append(
                        AuditHappening(
                            event: .loginFailed,
                            subject: user,
                            reason: "INVALID_CREDENTIALS",
                            changes: [
                                AuditChange("door", after: "open"),
                                AuditChange("email", after: "ada@example.org", isPersonal: true),
                            ]
                        ),
                        in: tenant
                    )
                }
            }
        }
    }

    struct Tampering: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let entry: Int64
        let damage: AuditVerdict.Damage
        let statements: [String]

        init(_ description: String, _ entry: Int64, _ damage: AuditVerdict.Damage, _ statements: String...) {
            testDescription = description
            self.entry = entry
            self.damage = damage
            self.statements = statements
        }

        private static let mine = "tenant = x'00000000000000010000000000000001'"

        private static func row(_ sequence: Int64) -> String { "\(mine) AND sequence = \(sequence)" }

        private static let columns = """
            at, event, actor_kind, actor, subject, session, object, reason, correlation_id, changes, client, personal, \
            address_tag, hash
            """

        static let all =
            [
                ("at", "at + 1"), ("event", "'authn_login_success'"), ("actor_kind", "'OPERATOR'"),
                ("actor", "zeroblob(16)"), ("subject", "NULL"), ("session", "zeroblob(16)"), ("object", "'policy'"),
                ("reason", "NULL"), ("reason", "''"), ("correlation_id", "'x'"), ("changes", "NULL"),
                ("client", "NULL"), ("client", "x'00'"), ("personal", "NULL"), ("hash", "zeroblob(32)"),
                ("hash", "(SELECT hash FROM audit_entry WHERE \(row(3)))"),
            ].map { column, value in
                Tampering(
                    "\(column) becomes \(value)",
                    4,
                    .altered,
                    "UPDATE audit_entry SET \(column) = \(value) WHERE \(row(4))"
                )
            } + [
                Tampering("the first is dropped", 1, .missing, "DELETE FROM audit_entry WHERE \(row(1))"),
                Tampering("one is dropped", 4, .missing, "DELETE FROM audit_entry WHERE \(row(4))"),
                Tampering(
                    "one is dropped, and those after it move up",
                    4,
                    .altered,
                    "DELETE FROM audit_entry WHERE \(row(4))",
                    "UPDATE audit_entry SET sequence = sequence - 1 WHERE \(mine) AND sequence > 4",
                    "UPDATE audit_head SET sequence = sequence - 1 WHERE \(mine)"
                ),
                Tampering("the last is cut off", 6, .missing, "DELETE FROM audit_entry WHERE \(row(6))"),
                Tampering(
                    "the last is cut off, and the end moved",
                    6,
                    .endForged,
                    "DELETE FROM audit_entry WHERE \(row(6))",
                    """
                    UPDATE audit_head SET sequence = 5, hash = (SELECT hash FROM audit_entry WHERE \(row(5)))
                    WHERE \(mine)
                    """
                ),
                Tampering("the end is forgotten", 1, .unsealed, "DELETE FROM audit_head WHERE \(mine)"),
                Tampering("all are dropped", 1, .missing, "DELETE FROM audit_entry WHERE \(mine)"),
                Tampering(
                    "one is appended",
                    7,
                    .unsealed,
                    """
                    INSERT INTO audit_entry SELECT tenant, 7, \(columns) FROM audit_entry WHERE \(row(6))
                    """
                ),
                Tampering(
                    "one is inserted",
                    4,
                    .altered,
                    "UPDATE audit_entry SET sequence = sequence + 100 WHERE \(mine) AND sequence > 3",
                    "INSERT INTO audit_entry SELECT tenant, 4, \(columns) FROM audit_entry WHERE \(row(3))",
                    "UPDATE audit_entry SET sequence = sequence - 99 WHERE \(mine) AND sequence > 100",
                    "UPDATE audit_head SET sequence = 7 WHERE \(mine)"
                ),
                Tampering(
                    "two change places",
                    3,
                    .altered,
                    "UPDATE audit_entry SET sequence = 1003 WHERE \(row(3))",
                    "UPDATE audit_entry SET sequence = 3 WHERE \(row(4))",
                    "UPDATE audit_entry SET sequence = 4 WHERE \(row(1003))"
                ),
                Tampering(
                    "another tenant's log is put in its place",
                    1,
                    .altered,
                    "DELETE FROM audit_entry WHERE \(mine)",
                    """
                    INSERT INTO audit_entry SELECT x'00000000000000010000000000000001', sequence, \(columns)
                    FROM audit_entry WHERE NOT (\(mine))
                    """
                ),
            ]
    }
}
