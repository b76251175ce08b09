import ArgumentParser
import FinHubAPI
import FinHubCore
import FinHubSQLite
import Foundation

/// Fills the data folder that `finhub init` made with users and live sessions.
struct SeedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed",
        abstract: "Fill a data folder with tenants, users and sessions; prints the users that have many."
    )

    @Option var dataDir: String
    @Option(help: "The administrator that init made: the others get the same password.")
    var user: String
    @Option(help: "How many sessions in all.")
    var sessions = 0
    @Option(help: "How many users have --many sessions each; the rest is spread, 100 to a user.")
    var users = 0
    @Option var many = 100_000
    @Option(help: "How many users without a session there are beside them.")
    var accounts = 0
    @Option(help: "How many other tenants, each with one user.")
    var tenants = 0

    private static let batch = 50_000

    func run() async throws {
        let database = try SQLiteDatabase(path: dataDir + "/finhub.sqlite")
        guard let tenant = try await database.stores.directory.tenants().first, let id = UserID(user),
            let administrator = try await database.stores.directory.user(id, in: tenant.id)
        else { throw ValidationError("\(dataDir) has no user \(user)") }
        let busy = (0..<users).map { User(like: administrator, name: "busy\($0)") }
        let others = (0..<max(0, sessions - users * many) / 100).map { User(like: administrator, name: "user\($0)") }
        try await database.seed(users: busy + others)
        for start in stride(from: 0, to: accounts, by: Self.batch) {
            let numbers = start..<min(start + Self.batch, accounts)
            try await database.seed(users: numbers.map { User(like: administrator, name: "account\($0)") })
        }
        for number in 0..<tenants {
            let installation = try TenantInstallation(number, like: administrator)
            _ = try await database.stores.directory.install(installation)
        }
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

extension TenantInstallation {
    /// A tenant of one organization and one user.
    fileprivate init(_ number: Int, like administrator: User) throws {
        guard let slug = TenantSlug(rawValue: "tenant_\(number)") else { throw ValidationError("no tenant \(number)") }
        let tenant = Tenant(id: .random(), slug: slug, name: "Tenant \(number)", complianceLevel: "NON_REGULATED")
        let organization = Organization(id: .random(), tenant: tenant.id, name: "Organization \(number)")
        let now = administrator.passwordSetAt
        self.init(
            tenant: tenant,
            signingKey: SigningKeyRecord(tenant: tenant.id, number: 1, createdAt: now),
            credential: TenantCredential(
                tenant: tenant.id,
                key: "key-\(number)",
                secretDigest: SessionID.random().bytes + SessionID.random().bytes,
                createdAt: now
            ),
            organizations: [organization],
            users: [User(like: administrator, name: "admin", in: organization)],
            hierarchy: CategorizationBody(categories: [], features: [])
        )
    }
}

extension User {
    fileprivate init(like other: User, name: String, in organization: Organization? = nil) {
        self.init(
            id: .random(),
            tenant: organization?.tenant ?? other.tenant,
            organization: organization?.id ?? other.organization,
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
