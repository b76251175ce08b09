import FinHubSQLite
import FinHubStoreContract
import Foundation
import Testing

@Suite("SQLite stores")
struct StoreContractTests {
    @Test("keep the store contract in memory", arguments: StoreRule.all)
    func memory(_ rule: StoreRule) async throws {
        try await rule.check(SQLiteDatabase.inMemory().stores)
    }

    @Test("keep the store contract on a file, where reads run beside writes", arguments: StoreRule.all)
    func file(_ rule: StoreRule) async throws {
        try await withTemporaryFolder { folder in
            let database = try SQLiteDatabase(path: folder + "/finhub.sqlite")
            try await rule.check(database.stores)
            try await database.close()
        }
    }
}

/// Gives `body` a new folder, and removes it afterwards.
func withTemporaryFolder(_ body: (_ path: String) async throws -> Void) async throws {
    let folder = URL.temporaryDirectory.appending(path: "finhub-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder.path())
}
