import Foundation
import GRDB
import Testing

/// Looks for damage in the database of a data folder.
enum SoundDatabase {
    /// Checks the files as they lie there, on a copy: nobody may be writing to them.
    static func expectSoundCopy(of folder: String) async throws {
        try await offPool {
            let copy = try TemporaryFolder()
            for part in ["finhub.sqlite", "finhub.sqlite-wal"] {
                guard let bytes = FileManager.default.contents(atPath: folder + "/" + part) else { continue }
                try bytes.write(to: copy.url.appending(path: part))
            }
            try expectSound(copy.path("finhub.sqlite"), Configuration())
        }
    }

    /// Checks the database beside the server that uses it.
    static func expectSound(in folder: String) async throws {
        try await offPool {
            var configuration = Configuration()
            configuration.readonly = true
            try expectSound(folder + "/finhub.sqlite", configuration)
        }
    }

    private static func expectSound(_ path: String, _ configuration: Configuration) throws {
        let database = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? database.close() }
        try database.read { db in
            let integrity = try String.fetchAll(db, sql: "PRAGMA integrity_check")
            guard integrity == ["ok"] else { throw Violation("integrity_check: \(integrity)") }
            let orphans = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check")
            guard orphans.isEmpty else { throw Violation("foreign_key_check: \(orphans)") }
            // The row and what other servers are told of it come together or not at all.
            let untold = try Int.fetchOne(db, sql: untold)
            guard untold == 0 else { throw Violation("\(untold ?? -1) sessions ended and no change tells of it") }
        }
    }

    private static let untold = """
        SELECT count(*) FROM session WHERE end_reason <> 'ALL_SESSIONS_ENDED'
        AND expires_at > (SELECT max(ended_at) FROM session)
        AND NOT EXISTS (SELECT 1 FROM change WHERE change.session = session.id AND change.kind = 'session_ended')
        """
}
