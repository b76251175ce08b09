import FinHubSQLite
import FinHubStoreContract
import FinHubTestSupport
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
