import ArgumentParser
import FinHubAPI
import FinHubCore
import FinHubSQLite
import Foundation

/// Fills the data folder that `finhub init` made with users and live sessions.
struct SeedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed",
        abstract: "Fill a data folder with users and sessions; prints the users that have many."
    )

    @Option var dataDir: String
    @Option(help: "The administrator that init made: the others get the same password.")
    var user: String
    @Option(help: "How many sessions in all.")
    var sessions: Int
    @Option(help: "How many users have --many sessions each; the rest is spread, 100 to a user.")
    var users = 0
    @Option var many = 100_000

    private static let batch = 50_000

    func run() async throws {
        let database = try SQLiteDatabase(path: dataDir + "/finhub.sqlite")
        let tenants = try await database.stores.directory.tenants()
        guard let tenant = tenants.first, let id = UserID(user),
            let administrator = try await database.stores.directory.user(id, in: tenant.id)
        else { throw ValidationError("\(dataDir) has no user \(user)") }
        let busy = (0..<users).map { User(like: administrator, name: "busy\($0)") }
        let others = (0..<max(0, sessions - users * many) / 100).map { User(like: administrator, name: "user\($0)") }
        try await database.seed(users: busy + others)
        let owners = busy.flatMap { repeatElement($0, count: many) } + others.flatMap { repeatElement($0, count: 100) }
        let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
        for start in stride(from: 0, to: owners.count, by: Self.batch) {
            let batch = owners[start..<min(start + Self.batch, owners.count)]
            try await database.seed(sessions: batch.map { Session(of: $0, before: now) })
        }
        try await database.close()
        let named = busy.map { #"{"user":"\#($0.id)","username":"\#($0.userName)"}"# }
        print(#"{"sessions":\#(owners.count),"users":[\#(named.joined(separator: ","))]}"#)
    }
}

extension User {
    fileprivate init(like other: User, name: String) {
        self.init(
            id: .random(),
            tenant: other.tenant,
            organization: other.organization,
            userName: name,
            email: name + "@bench.example",
            roles: other.roles,
            passwordHash: other.passwordHash,
            passwordSetAt: other.passwordSetAt
        )
    }
}

extension Session {
    /// A live session of the last half hour.
    fileprivate init(of user: User, before now: Timestamp) {
        let createdAt = Timestamp(microseconds: now.microseconds - .random(in: 0..<1_800_000_000))
        self.init(
            id: .random(),
            tenant: user.tenant,
            organization: user.organization,
            user: user.id,
            salt: Secret(SessionID.random().bytes),
            userEpoch: user.epoch,
            tenantEpoch: 0,
            createdAt: createdAt,
            expiresAt: createdAt.flooredToSecond + SessionPolicy.standard.tokenLifetime,
            absoluteEnd: createdAt.flooredToSecond + SessionPolicy.standard.absoluteLifetime,
            client: ClientDetails(address: "203.0.113.7", userAgent: "bench/1.0 (a backend of the tenant)")
        )
    }
}
