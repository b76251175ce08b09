import FinHubAPI
import FinHubCore
import FinHubTestSupport
import Foundation
import GRDB
import Testing

@testable import FinHubSQLite

@Suite("Database file")
struct DatabaseFileTests {
    @Test("the file and its log are their owner's alone, from the beginning", arguments: [true, false])
    func mode(isNew: Bool) async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/finhub.sqlite"
            if !isNew {
                let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o666]
                #expect(FileManager.default.createFile(atPath: path, contents: nil, attributes: attributes))
            }
            let database = try SQLiteDatabase(path: path)
            for part in ["", "-wal", "-shm"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: path + part)
                #expect(attributes[.posixPermissions] as? Int == 0o600, "\(part)")
            }
            try await database.close()
        }
    }

    @Test("the writer waits for the disk, checks references and keeps a log")
    func pragmas() async throws {
        try await withTemporaryFolder { folder in
            let database = try SQLiteDatabase(path: folder + "/finhub.sqlite")
            let (synchronous, foreignKeys, journal) = try await database.writer.write { db in
                (
                    try Int.fetchOne(db, sql: "PRAGMA synchronous"),
                    try Bool.fetchOne(db, sql: "PRAGMA foreign_keys"),
                    try String.fetchOne(db, sql: "PRAGMA journal_mode")
                )
            }
            #expect(synchronous == 2)
            #expect(foreignKeys == true)
            #expect(journal == "wal")
            try await database.close()
        }
    }

    @Test("what was answered is there when the file is opened again, and closing leaves nothing in the log")
    func reopening() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/finhub.sqlite"
            let first = try SQLiteDatabase(path: path)
            #expect(try await first.keepMasterKeyCheck([1, 2, 3]) == [1, 2, 3])
            try await first.close()
            let log = path + "-wal"
            #expect(try !FileManager.default.fileExists(atPath: log) || size(of: log) == 0)
            let second = try SQLiteDatabase(path: path)
            #expect(try await second.keepMasterKeyCheck([4, 5, 6]) == [1, 2, 3])
            try await second.close()
        }
    }

    @Test("a closed database refuses writes, and closing it again does no harm")
    func closing() async throws {
        let database = try SQLiteDatabase.inMemory()
        try await database.close()
        try await database.close()
        await #expect(throws: StorageUnavailable.self) { try await database.keepMasterKeyCheck([1]) }
    }

    @Test("a file of a later version is refused and left as it is")
    func newer() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/finhub.sqlite"
            let database = try SQLiteDatabase(path: path)
            try await database.writer.write { db in
                try db.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('9-later')")
            }
            try await database.close()
            #expect(throws: DatabaseIsNewer.self) { try SQLiteDatabase(path: path) }
        }
    }
}

private func size(of path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
}
