import FinHubAPI
public import FinHubCore
import Foundation
import GRDB

/// One database file, opened once per process: a writer that commits in groups, and readers.
public struct SQLiteDatabase: Sendable {
    let reader: any DatabaseReader
    /// Through it goes every change.
    public let writer: GroupCommitWriter
    private let pool: any DatabaseWriter

    /// Opens `path`, creating and migrating the file as needed; it is its owner's alone (0600).
    public init(
        path: String,
        onCommit: @escaping @Sendable (_ pieces: Int, _ took: Duration) -> Void = { _, _ in }
    ) throws {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        try self.init(DatabasePool(path: path, configuration: Self.configuration), onCommit: onCommit)
    }

    /// Opens a private database that lives as long as the value, for tests.
    public static func inMemory() throws -> SQLiteDatabase {
        try SQLiteDatabase(DatabaseQueue(configuration: configuration)) { _, _ in }
    }

    private init(
        _ pool: any DatabaseWriter,
        onCommit: @escaping @Sendable (_ pieces: Int, _ took: Duration) -> Void
    ) throws {
        try Schema.migrator.migrate(pool)
        self.pool = pool
        reader = pool
        writer = GroupCommitWriter(pool, onCommit: onCommit)
    }

    /// The stores that keep everything in this database.
    public var stores: Stores {
        Stores(
            sessions: SQLiteSessionStore(self),
            directory: SQLiteDirectoryStore(self),
            changes: SQLiteChangeFeed(self)
        )
    }

    /// Keeps `value` if nothing was kept yet, and returns what is kept: the check value by which
    /// a database notices another master key.
    public func keepMasterKeyCheck(_ value: [UInt8]) async throws -> [UInt8] {
        try await writer.write { db in
            let sql = "INSERT INTO meta (name, value) VALUES ('master_key_check', ?) ON CONFLICT DO NOTHING"
            try db.execute(sql: sql, arguments: [Data(value)])
            let kept = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'master_key_check'")
            return kept.map { Array($0) } ?? []
        }
    }

    /// Runs a query on a reader; a driver's failure to answer becomes ``StorageUnavailable``.
    func read<Result: Sendable>(_ query: @escaping @Sendable (Database) throws -> Result) async throws -> Result {
        do {
            return try await reader.read(query)
        } catch let error as DatabaseError {
            throw StorageUnavailable(cause: error)
        }
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
        }
        return configuration
    }
}
