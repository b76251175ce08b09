import Crypto
import FinHubAPI
import FinHubCore
import FinHubPasswords
import FinHubSQLite
import FinHubTestSupport
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Synchronization
import Testing

@testable import FinHubServer

/// A whole server in this process: real routes, real SQLite, real Argon2id, a clock we hold.
struct TestServer: Sendable {
    let client: any TestClientProtocol
    let clock: ManualClock
    let stores: Stores
    let services: Services
    let limits: RateLimits
    let trustedProxies: [NetworkRange]
    fileprivate let hasher: Argon2idHasher

    /// What the server does by itself, from time to time: it reads the feed and clears up.
    func beat() async throws {
        try await services.feed.catchUp()
        while try await Housekeeping(stores: stores, now: { clock.now }).step() {}
    }

    /// Runs `body` against another server on the same stores: this one restarted, or beside it.
    func another(_ body: @Sendable (TestServer) async throws -> Void) async throws {
        try await withServer(
            on: stores,
            clock: clock,
            hasher: hasher,
            limits: limits,
            trustedProxies: trustedProxies,
            body
        )
    }
}

/// Who logs in, in one of two tenants that have the same shape.
struct Account: Sendable {
    let slug: String
    let tenant: TenantID
    let organization: OrganizationID
    let user: UserID
    let username: String
    let key: String

    static let ada = Account(number: 1)
    static let grace = Account(number: 2)
    static let password = "correct horse battery staple"
    static let secret = "a secret that is long enough"

    init(number: UInt64, user: UInt64? = nil) {
        slug = "tenant_\(number)"
        tenant = TenantID(high: 0x4000, low: number)
        organization = OrganizationID(high: 0x4001, low: number)
        self.user = UserID(high: 0x4002, low: user ?? number)
        username = "admin\(user ?? number)@example.org"
        key = "key-\(number)"
    }

    var sessionsPath: String { "/api/v2.1/admin/organization/\(organization)/users/\(user)/sessions" }

    func installation(
        hash: String,
        status: Tenant.Status = .active,
        userStatus: User.Status = .active,
        roles: [Role] = [.admin]
    ) throws -> TenantInstallation {
        let now = Timestamp(seconds: 1_767_268_800)
        return TenantInstallation(
            tenant: Tenant(
                id: tenant,
                slug: try #require(TenantSlug(rawValue: slug)),
                name: "Tenant \(slug)",
                complianceLevel: "NON_REGULATED",
                status: status
            ),
            signingKey: SigningKeyRecord(tenant: tenant, number: 1, createdAt: now),
            credential: TenantCredential(
                tenant: tenant,
                key: key,
                secretDigest: Array(SHA256.hash(data: Array(Self.secret.utf8))),
                createdAt: now
            ),
            organizations: [Organization(id: organization, tenant: tenant, name: "Organization")],
            users: [
                User(
                    id: user,
                    tenant: tenant,
                    organization: organization,
                    userName: username,
                    email: "e." + username,
                    roles: roles,
                    status: userStatus,
                    passwordHash: Secret(hash),
                    passwordSetAt: now
                )
            ],
            hierarchy: CategorizationBody(categories: [], features: [])
        )
    }
}

/// How the first tenant differs from the ordinary.
struct Oddity: Sendable {
    var tenantStatus = Tenant.Status.active
    var userStatus = User.Status.active
    var roles: [Role] = [.admin]
}

private let masterKeyBytes = Secret(Array(UInt8(0)..<32))
private let hash = Mutex<String?>(nil)

/// Runs `body` against a server that has two tenants, each with one administrator.
///
/// With trusted proxies it is asked over TCP, and believes the test's `X-Forwarded-For` if they hold
/// this host.
func withServer(
    _ oddity: Oddity = Oddity(),
    limits: RateLimits = RateLimits(),
    trustedProxies: [NetworkRange] = [],
    _ body: @Sendable (TestServer) async throws -> Void
) async throws {
    let clock = ManualClock()
    let hasher = try Argon2idHasher()
    let stores = try SQLiteDatabase.inMemory().stores
    let known = hash.withLock { $0 }
    let hashed: String
    if let known {
        hashed = known
    } else {
        hashed = try await hasher.hash(Secret(Account.password), for: Account.ada.tenant)
    }
    hash.withLock { $0 = hashed }
    let ada = try Account.ada.installation(
        hash: hashed,
        status: oddity.tenantStatus,
        userStatus: oddity.userStatus,
        roles: oddity.roles
    )
    _ = try await stores.directory.install(ada)
    _ = try await stores.directory.install(Account.grace.installation(hash: hashed))
    try await withServer(
        on: stores,
        clock: clock,
        hasher: hasher,
        limits: limits,
        trustedProxies: trustedProxies,
        body
    )
    try await hasher.shutdown()
}

/// Runs `body` against a server started on what `stores` hold.
func withServer(
    on stores: Stores,
    clock: ManualClock,
    hasher: Argon2idHasher,
    limits: RateLimits = RateLimits(),
    trustedProxies: [NetworkRange] = [],
    _ body: @Sendable (TestServer) async throws -> Void
) async throws {
    let services = Services(
        stores: stores,
        masterKey: try MasterKey(masterKeyBytes),
        hasher: hasher,
        trustedProxies: trustedProxies,
        limits: limits,
        now: { clock.now }
    )
    try await services.start()
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let app = Application(responder: apiResponder(services), logger: logger)
    try await app.test(trustedProxies.isEmpty ? .router : .live) { client in
        let server = TestServer(
            client: client,
            clock: clock,
            stores: stores,
            services: services,
            limits: limits,
            trustedProxies: trustedProxies,
            hasher: hasher
        )
        try await body(server)
    }
}
