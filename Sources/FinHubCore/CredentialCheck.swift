import Crypto
public import FinHubAPI

/// Checks that a backend belongs to the tenant it names.
public struct CredentialCheck: Sendable {
    private let tenants: TenantDirectory
    private let store: any DirectoryStore
    private let uses: CredentialUses
    private let now: @Sendable () -> Timestamp

    public init(
        tenants: TenantDirectory,
        store: any DirectoryStore,
        uses: CredentialUses,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.tenants = tenants
        self.store = store
        self.uses = uses
        self.now = now
    }

    /// The tenant whose key and secret these are; that `client` has them is noted.
    ///
    /// - Throws: ``LoginRefusal/invalidTenantCredentials`` for an unknown tenant, an unknown or
    ///   expired key and a wrong secret alike.
    public func tenant(
        named name: String,
        key: String,
        secret: Secret<String>,
        by client: ClientDetails
    ) async throws -> Tenant {
        let digest = Array(SHA256.hash(data: Array(secret.reveal().utf8)))
        guard let tenant = tenants.tenant(named: name),
            let credential = try await store.credential(key, in: tenant.id),
            credential.isInForce(at: now()),
            Secret(digest).matches(Secret(credential.secretDigest))
        else { throw LoginRefusal.invalidTenantCredentials }
        uses.note(credential.key, of: tenant.id, by: client)
        return tenant
    }
}

/// The stores that the services stand on; the executable chooses which.
public struct Stores: Sendable {
    public let sessions: any SessionStore
    public let directory: any DirectoryStore
    public let changes: any ChangeFeed
    public let failures: any FailureStore
    public let secondFactors: any SecondFactorStore
    public let users: any UserStore
    public let tenants: any TenantStore
    public let credentials: any CredentialStore
    public let reminders: any ReminderStore
    public let audit: any AuditStore

    public init(
        sessions: any SessionStore,
        directory: any DirectoryStore,
        changes: any ChangeFeed,
        failures: any FailureStore,
        secondFactors: any SecondFactorStore,
        users: any UserStore,
        tenants: any TenantStore,
        credentials: any CredentialStore,
        reminders: any ReminderStore,
        audit: any AuditStore
    ) {
        self.sessions = sessions
        self.directory = directory
        self.changes = changes
        self.failures = failures
        self.secondFactors = secondFactors
        self.users = users
        self.tenants = tenants
        self.credentials = credentials
        self.reminders = reminders
        self.audit = audit
    }
}
