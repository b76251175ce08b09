import FinHubAPI
import FinHubCore
import FinHubSQLite
import FinHubTestSupport
import Testing

@testable import FinHubServer

/// The real services on the real store in a file; only the clock and the password hash are ours.
struct Server: Sendable {
    let services: Services
    let clock: ManualClock
    private let path: String
    private let fault: Fault?
    private let database: SQLiteDatabase
    private let housekeeping: Housekeeping

    /// Opens a new file with accounts for so many histories, and starts the services.
    static func open(_ path: String, histories: Int, fault: Fault?) async throws -> Server {
        // Half a second past: what is issued lasts to a whole one.
        let clock = ManualClock(Cast.beginning + .milliseconds(500))
        let server = try Server(path: path, clock: clock, fault: fault)
        for installation in try Cast.installations(histories) {
            #expect(try await server.database.stores.directory.install(installation))
        }
        try await server.services.start()
        return server
    }

    private init(path: String, clock: ManualClock, fault: Fault?) throws {
        let database = try SQLiteDatabase(path: path)
        let stores = fault.map { FaultyStore.stores(database.stores, with: $0) } ?? database.stores
        services = Services(
            stores: stores,
            masterKey: try MasterKey(Secret(Array(UInt8(0)..<32))),
            hasher: PlainHasher(),
            now: { clock.now }
        )
        housekeeping = Housekeeping(stores: stores, now: { clock.now })
        (self.path, self.clock, self.fault, self.database) = (path, clock, fault, database)
    }

    /// The history's time, in whole seconds.
    var now: Int64 { clock.now.seconds - Cast.beginning.seconds }

    /// Closes the file, and starts again on what is in it.
    func restarted() async throws -> Server {
        try await database.close()
        let server = try Server(path: path, clock: clock, fault: fault)
        try await server.services.start()
        return server
    }

    /// What the server does by itself from time to time.
    func beat() async throws {
        try await services.feed.catchUp()
        _ = try await housekeeping.step()
    }

    func close() async throws {
        try await database.close()
    }
}

/// Compares passwords as they are: the histories are not about Argon2id, which has its own tests.
private struct PlainHasher: PasswordHashing {
    func hash(_ password: Secret<String>, for _: TenantID) async throws -> String {
        password.reveal()
    }

    func verify(_ password: Secret<String>, against hash: String?, for _: TenantID) async throws -> PasswordVerdict {
        password.reveal() == hash ? .match : .mismatch
    }
}
