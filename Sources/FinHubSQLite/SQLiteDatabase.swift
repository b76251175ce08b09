public import FinHubCore
import Foundation
import GRDB

/// One database file, opened once per process: a writer that commits in groups, and readers.
public struct SQLiteDatabase: Sendable {
    /// Through it goes every change.
    let writer: GroupCommitWriter
    private let connections: any DatabaseWriter

    /// Opens `path`, creating and migrating the file as needed; it is its owner's alone (0600).
    ///
    /// - Parameters:
    ///   - path: The file; its folder must exist.
    ///   - onCommit: Told of each commit, on the writer's thread: how many writes it stored, and
    ///     how long it took.
    /// - Throws: the driver's error; ``DatabaseIsNewer``, and the file is left as it is.
    public init(
        path: String,
        onCommit: @escaping @Sendable (_ pieces: Int, _ took: Duration) -> Void = { _, _ in }
    ) throws {
        try claim(path)
        try self.init(DatabasePool(path: path, configuration: Self.configuration), onCommit: onCommit)
    }

    /// Opens a private database that lives as long as the value, for tests.
    public static func inMemory(
        onCommit: @escaping @Sendable (_ pieces: Int, _ took: Duration) -> Void = { _, _ in }
    ) throws -> SQLiteDatabase {
        try SQLiteDatabase(DatabaseQueue(configuration: configuration), onCommit: onCommit)
    }

    private init(
        _ connections: any DatabaseWriter,
        onCommit: @escaping @Sendable (_ pieces: Int, _ took: Duration) -> Void
    ) throws {
        let migrator = Schema.migrator
        guard try !connections.read(migrator.hasBeenSuperseded) else { throw DatabaseIsNewer() }
        try connections.writeWithoutTransaction(Self.setUpWriter)
        try migrator.migrate(connections)
        self.connections = connections
        writer = GroupCommitWriter(connections, onCommit: onCommit)
    }

    /// The stores that keep everything in this database.
    public var stores: Stores {
        Stores(
            sessions: SQLiteSessionStore(self),
            directory: SQLiteDirectoryStore(self),
            changes: SQLiteChangeFeed(self),
            failures: SQLiteFailureStore(self),
            secondFactors: SQLiteSecondFactorStore(self),
            users: SQLiteUserStore(self),
            tenants: SQLiteTenantStore(self),
            credentials: SQLiteCredentialStore(self),
            reminders: SQLiteReminderStore(self),
            audit: SQLiteAuditStore(self)
        )
    }

    /// Refuses further writes, commits those that wait, and closes the file.
    public func close() async throws {
        guard await writer.close() else { return }
        // Leaves all in one file; if this cannot be done, the next start reads the log.
        try? await connections.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        try connections.close()
    }

    /// Runs `change` in the transaction of the next group, and leaves in the audit log what `note` makes of its outcome:
    /// both are on disk when this returns, or neither.
    func write<Outcome: Sendable>(
        noting note: AuditNote<Outcome>,
        _ change: @escaping @Sendable (Database) throws -> Outcome
    ) async throws -> Outcome {
        try await writer.write { db in
            let outcome = try change(db)
            try note.leave(outcome, db)
            return outcome
        }
    }

    /// Runs `query` on a reader: it sees what was committed before, and holds up no write.
    func read<Output: Sendable>(_ query: @escaping @Sendable (Database) throws -> Output) async throws -> Output {
        do {
            return try await connections.read(query)
        } catch {
            throw storageFailure(error)
        }
    }
}

/// The file was written by a later version of this program, which alone understands it.
public struct DatabaseIsNewer: Error, Hashable, Sendable {}

// MARK: Setting up

extension SQLiteDatabase {
    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "finhub"
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        // Savepoints keep what they may have to take back in memory, not in temporary files.
        configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA temp_store = MEMORY") }
        return configuration
    }

    /// Sets what the driver sets otherwise when it opens a pool, `synchronous` above all.
    @Sendable
    private static func setUpWriter(_ db: Database) throws {
        try db.execute(
            sql: """
                PRAGMA synchronous = FULL;
                PRAGMA wal_autocheckpoint = 4000;
                PRAGMA journal_size_limit = 67108864;
                PRAGMA cache_size = -16384;
                """
        )
    }
}

/// Sees to it that nobody else can read the file; SQLite gives its log the same mode.
private func claim(_ path: String) throws {
    let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if file >= 0 {
        close(file)
        return
    }
    let fileManager = FileManager.default
    for part in [path, path + "-wal", path + "-shm"] where fileManager.fileExists(atPath: part) {
        try fileManager.setAttributes([.posixPermissions: 0o600], ofItemAtPath: part)
    }
}

// MARK: The master key's check value

extension SQLiteDatabase {
    /// Keeps `value` if none was kept before, and returns the one that is kept.
    ///
    /// By it a server notices that it was started with another master key.
    public func keepMasterKeyCheck(_ value: [UInt8]) async throws -> [UInt8] {
        try await writer.write { db in
            try db.execute(
                sql: "INSERT INTO meta (name, value) VALUES ('master_key_check', ?) ON CONFLICT DO NOTHING",
                arguments: [Data(value)]
            )
            let kept = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'master_key_check'")
            return kept.map { Array($0) } ?? value
        }
    }
}
