package import FinHubCore

extension SQLiteDatabase {
    /// Adds users and sessions as they are, in one transaction: how benchmarks come by a large database.
    package func seed(users: [User] = [], sessions: [Session] = []) async throws {
        try await writer.write { db in
            for user in users { try UserRecord.insert(user, db) }
            for session in sessions { try SessionRecord.insert(session, db) }
        }
    }
}
