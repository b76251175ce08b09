import FinHubAPI
import FinHubCore
import FinHubPasswords
import FinHubSQLite
import FinHubServer
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// Everything a server is started with.
struct ServerPlan: Sendable {
    var settings: Settings
    /// What guards the sessions of the sandbox's tenants, which are put in, and whose curl is printed; `nil` for
    /// a server that is no sandbox.
    var sandbox: SessionPolicy?
    var dataDirectory: String
    var masterKey: Secret<[UInt8]>
}

/// Runs the server until SIGTERM or SIGINT; then it stops accepting, finishes what is in flight,
/// and returns.
func runServer(_ plan: ServerPlan) async throws {
    let settings = plan.settings
    let logger = Logger(label: "finhub")
    let now = systemClock
    let masterKey = try MasterKey(plan.masterKey)
    let (database, hasher) = try await open(plan.dataDirectory, masterKey: masterKey, settings: settings)
    if let policy = plan.sandbox {
        let audit = AuditLog(store: database.stores.audit, masterKey: masterKey, now: now)
        try await Sandbox.install(
            in: database.stores.directory,
            policy: policy,
            hasher: hasher,
            audit: audit,
            at: now()
        )
    }
    let services = Services(
        stores: database.stores,
        masterKey: masterKey,
        hasher: hasher,
        trustedProxies: settings.trustedProxies,
        limits: settings.rateLimits,
        now: now
    )
    try await services.start()
    let metrics = Listeners.metrics(
        host: settings.adminHost,
        port: settings.adminPort,
        logger: logger,
        render: { Observability.metrics.render() },
        onRunning: { say("Metrics on http://\(settings.adminHost):\($0)/metrics") }
    )
    let api = try Listeners.api(services, plan: settings.listener, logger: logger) { port in
        announce(plan, port: port)
    }
    // A reader of our output that goes away must not end the server.
    signal(SIGPIPE, SIG_IGN)
    var configuration = ServiceGroupConfiguration(
        services: [
            FeedService(services, logger: logger),
            HousekeepingService(stores: database.stores, logger: logger, now: now),
            ReminderService(stores: database.stores, logger: logger, now: now),
            CredentialUseService(services, logger: logger),
            metrics, api,
        ].map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
        gracefulShutdownSignals: [.sigterm, .sigint],
        logger: logger
    )
    configuration.maximumGracefulShutdownDuration = .seconds(9)
    let group = ServiceGroup(configuration: configuration)
    try await group.run()
    try await hasher.shutdown()
    try await database.close()
}

/// Opens the data folder's database, which must be of this master key, and starts a hasher.
private func open(
    _ directory: String,
    masterKey: MasterKey,
    settings: Settings
) async throws -> (SQLiteDatabase, Argon2idHasher) {
    let database = try SQLiteDatabase(path: directory + "/finhub.sqlite", onCommit: Observability.commitMetrics())
    guard try await database.keepMasterKeyCheck(masterKey.checkValue) == masterKey.checkValue else {
        throw WrongMasterKey(directory: directory)
    }
    let hasher = try Argon2idHasher(parameters: settings.argon2id)
    return (database, hasher)
}

/// Runs `body` with the services on a data folder and without a listener, then closes the folder.
func withOpenFolder(
    _ directory: String,
    masterKey: MasterKey,
    settings: Settings,
    _ body: (Services) async throws -> Void
) async throws {
    let (database, hasher) = try await open(directory, masterKey: masterKey, settings: settings)
    let services = Services(stores: database.stores, masterKey: masterKey, hasher: hasher, now: systemClock)
    let outcome: Result<Void, any Error>
    do {
        try await services.start()
        outcome = .success(try await body(services))
    } catch {
        outcome = .failure(error)
    }
    try await hasher.shutdown()
    try await database.close()
    try outcome.get()
}

private func announce(_ plan: ServerPlan, port: Int) {
    let scheme = plan.settings.listener.tls == nil ? "http" : "https"
    let url = "\(scheme)://\(plan.settings.listener.host):\(port)"
    say(plan.sandbox != nil ? "FinHub sandbox listens on \(url)" : "FinHub listens on \(url)")
    if plan.sandbox != nil { say(Sandbox.curl(url: url)) }
}

/// Prints a line for the person who started the command, at once even into a pipe.
func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}

/// The wall clock, in microseconds.
let systemClock: @Sendable () -> Timestamp = {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
}

/// The database was made under another master key.
struct WrongMasterKey: Error, CustomStringConvertible {
    let directory: String

    var description: String {
        """
        The database in \(directory) belongs to another master key. Start with the master key that it was made \
        with; without it no session of it can be continued.
        """
    }
}

// MARK: The first tenant

/// The tenant that `finhub init` makes.
struct FirstTenant: Sendable {
    let slug: String
    let name: String
    let organizationName: String
    let userName: String
    let email: String
    let password: Secret<String>

    /// The tenant, under an identifier of its own each time.
    fileprivate func tenant() throws -> Tenant {
        guard let slug = TenantSlug(rawValue: slug) else { throw InvalidSlug(slug: slug) }
        return Tenant(id: .random(), slug: slug, name: name, complianceLevel: "NON_REGULATED")
    }

    /// Passes when the administrator may have that password.
    func requireFitPassword() throws {
        do {
            try NewPasswords.requireFit(password, forUserNamed: userName, email: email, of: tenant())
        } catch let refusal as UserRefusal {
            throw SettingsError(Explanation(of: refusal)?.details ?? "The password can't be used.")
        }
    }
}

/// What `finhub init` shows, once.
struct IssuedCredential: Sendable {
    let tenantID: String
    let organizationID: String
    let userID: String
    let tenantKey: String
    let tenantSecret: Secret<String>
}

/// Makes the database of a data folder and its first tenant, organization and administrator.
func initialise(
    dataDirectory: String,
    masterKey secret: Secret<[UInt8]>,
    first: FirstTenant,
    settings: Settings
) async throws -> IssuedCredential {
    let tenant = try first.tenant()
    let masterKey = try MasterKey(secret)
    let (database, hasher) = try await open(dataDirectory, masterKey: masterKey, settings: settings)
    let credential = NewCredential.random(for: tenant.id)
    let organization = Organization(id: .random(), tenant: tenant.id, name: first.organizationName)
    let now = systemClock()
    let hash = try await hasher.hash(first.password.map(\.passwordForm), for: tenant.id)
    try await hasher.shutdown()
    let user = User(
        id: .random(),
        tenant: tenant.id,
        organization: organization.id,
        userName: first.userName,
        email: first.email,
        roles: [.admin],
        passwordHash: Secret(hash),
        passwordSetAt: now
    )
    let installation = TenantInstallation(
        tenant: tenant,
        signingKey: SigningKeyRecord(tenant: tenant.id, number: 1, createdAt: now),
        credential: credential.stored(at: now),
        organizations: [organization],
        users: [user],
        hierarchy: Sandbox.hierarchy
    )
    let audit = AuditLog(store: database.stores.audit, masterKey: masterKey) { now }
    let note = AuditOrigin.$current.withValue(AuditOrigin { .operator }) { audit.noteOfInstallation(of: tenant.id) }
    let isNew = try await database.stores.directory.install(installation, noting: note)
    try await database.close()
    guard isNew else { throw TenantExists(slug: first.slug) }
    return IssuedCredential(
        tenantID: tenant.id.description,
        organizationID: organization.id.description,
        userID: user.id.description,
        tenantKey: credential.key,
        tenantSecret: credential.secret
    )
}

/// A slug has a character that it may not have.
struct InvalidSlug: Error, CustomStringConvertible {
    let slug: String
    var description: String { "“\(slug)” is no tenant slug: use 1 to 64 ASCII letters, digits, _ and -, and no UUID." }
}

/// The data folder has a tenant of that slug.
struct TenantExists: Error, CustomStringConvertible {
    let slug: String
    var description: String { "There is a tenant “\(slug)” in this data folder already; nothing was changed." }
}
