import FinHubAPI
import FinHubCore
import FinHubPasswords
import FinHubTestSupport
import GRDB
import HTTPTypes
import Synchronization
import Testing

@testable import FinHubSQLite

@Suite("Statements")
struct StatementTests {
    @Test("a token check runs no statement")
    func tokenCheck() async throws {
        try await withTracedServer { server, trace in
            let tokens = try await server.session()
            // The first answer after a start looks the user up; from then on memory has it.
            #expect(try await server.current(tokens.token).status == 200)
            let seen = try await trace.during {
                for token in [tokens.token, tokens.token, tokens.token + "x"] {
                    let answer = try await server.current(token)
                    #expect(answer.status == (token == tokens.token ? 200 : 401))
                }
            }
            #expect(seen == Trace.Summary())
        }
    }

    @Test("a refresh is one update of one row, in one commit, and reads nothing beside")
    func refresh() async throws {
        try await withTracedServer { server, trace in
            let first = try await server.session()
            // The first looks the user up, as above.
            var tokens = try Tokens(try await server.refresh(first))
            for _ in 0..<3 {
                let before = tokens
                var after: Tokens?
                let seen = try await trace.during { after = try Tokens(try await server.refresh(before)) }
                #expect(seen == Trace.Summary(statements: ["UPDATE"], commits: 1, rowsChanged: 1))
                tokens = try #require(after)
            }
        }
    }

    @Test("a retried refresh changes no row")
    func retry() async throws {
        try await withTracedServer { server, trace in
            let first = try await server.session()
            _ = try await server.refresh(first)
            let seen = try await trace.during { _ = try Tokens(try await server.refresh(first)) }
            #expect(seen == Trace.Summary(statements: ["UPDATE", "SELECT"], commits: 1, rowsChanged: 0))
        }
    }

    @Test("a login from a client that is known by then writes the session, its audit entry and the log's end")
    func login() async throws {
        try await withTracedServer { server, trace in
            _ = try await server.session()
            let seen = try await trace.during { _ = try await server.session() }
            #expect(seen.rowsChanged == 3)
            // The one connection that this database has guards its reads with a pragma.
            // An insertion settles what was ended meanwhile.
            #expect(
                seen.statements.filter { !["SELECT", "PRAGMA"].contains($0) } == [
                    "INSERT", "UPDATE", "INSERT", "INSERT",
                ]
            )
        }
    }

    @Test(
        "a session is one row, however often it is refreshed; a login adds that row, what is audited and, first, what is the client's"
    )
    func oneRow() async throws {
        try await withTracedServer { server, trace in
            var tokens: Tokens?
            let login = try await trace.during { tokens = try await server.session() }
            // The session, its audit entry and the log's end; the known client, and the salt of the user's key.
            #expect(login.rowsChanged == 5)
            #expect(try await trace.rows() == 1)
            for _ in 0..<20 { tokens = try Tokens(try await server.refresh(try #require(tokens))) }
            #expect(try await trace.rows() == 1)
            _ = try await server.session()
            #expect(try await trace.rows() == 2)
        }
    }
}

/// What SQLite itself says it ran: its trace of the one connection that a database in memory has.
private struct Trace: Sendable {
    /// The statements between two moments; those that frame transactions are counted apart.
    struct Summary: Hashable {
        var statements: [String] = []
        var commits = 0
        var rowsChanged = 0
    }

    private static let frames: Set = ["BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK"]

    private let database: SQLiteDatabase
    private let words = Words()

    init(_ database: SQLiteDatabase) async throws {
        self.database = database
        let words = words
        try await database.writer.write { db in
            db.trace { event in
                guard case .statement(let statement) = event else { return }
                words.add(statement.sql)
            }
        }
    }

    /// What `calls` made SQLite run.
    func during(_ calls: () async throws -> Void) async throws -> Summary {
        let before = try await totalChanges()
        words.take()
        try await calls()
        let seen = words.take()
        return Summary(
            statements: seen.filter { !Self.frames.contains($0) },
            commits: seen.count { $0 == "COMMIT" },
            rowsChanged: try await totalChanges() - before
        )
    }

    /// How many sessions are kept.
    func rows() async throws -> Int? {
        try await database.writer.write { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM session") }
    }

    private func totalChanges() async throws -> Int {
        try await database.writer.write { db in db.totalChangesCount }
    }
}

/// The first word of each statement, in the order they ran.
private final class Words: Sendable {
    private let words = Mutex<[String]>([])

    func add(_ sql: String) {
        let word = sql.prefix { $0.isLetter }.uppercased()
        words.withLock { $0.append(word) }
    }

    /// Those since the last call.
    @discardableResult
    func take() -> [String] {
        words.withLock { words in
            defer { words = [] }
            return words
        }
    }
}

private func withTracedServer(_ body: @Sendable (TestServer, Trace) async throws -> Void) async throws {
    let database = try SQLiteDatabase.inMemory()
    let hasher = try Argon2idHasher()
    let hash = try await hasher.hash(Secret(Account.password), for: Account.ada.tenant)
    _ = try await database.stores.directory.install(Account.ada.installation(hash: hash))
    try await withServer(on: database.stores, clock: ManualClock(), hasher: hasher) { server in
        try await body(server, try await Trace(database))
    }
    try await hasher.shutdown()
}
