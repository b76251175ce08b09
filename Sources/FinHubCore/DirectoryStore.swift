public import FinHubAPI

/// Keeps tenants, their credentials and keys, organizations and users.
///
/// The promises of ``SessionStore`` hold here too.
public protocol DirectoryStore: Sendable {
    /// Adds a tenant with all that makes it usable; all of it or nothing.
    ///
    /// - Returns: `false`, and nothing is changed, when a tenant of that identifier or slug exists.
    func install(_ installation: TenantInstallation, noting note: AuditNote<Bool>) async throws -> Bool

    /// Every tenant.
    func tenants() async throws -> [Tenant]

    /// Finds a tenant.
    func tenant(_ id: TenantID) async throws -> Tenant?

    /// Every signing key of every tenant.
    func signingKeys() async throws -> [SigningKeyRecord]

    /// The signing keys of one tenant.
    func signingKeys(of tenant: TenantID) async throws -> [SigningKeyRecord]

    /// Finds a tenant's credential by its public key, byte for byte.
    func credential(_ key: String, in tenant: TenantID) async throws -> TenantCredential?

    /// Finds a user.
    func user(_ id: UserID, in tenant: TenantID) async throws -> User?

    /// The organizations of a tenant.
    func organizations(of tenant: TenantID) async throws -> [Organization]

    /// Finds an organization.
    func organization(_ id: OrganizationID, in tenant: TenantID) async throws -> Organization?

    /// Puts a stronger hash of the same password in place of `old`; `false` when it changed since.
    func replacePasswordHash(
        of user: UserID,
        in tenant: TenantID,
        from old: Secret<String>,
        to new: Secret<String>
    ) async throws -> Bool

    /// The tenant's categorization hierarchy and its version, counted from 1.
    func hierarchy(of tenant: TenantID) async throws -> Versioned<CategorizationBody>?

    /// Replaces the hierarchy if it still has that version; `false`, and no change, otherwise.
    func replaceHierarchy(
        of tenant: TenantID,
        version: Int64,
        with hierarchy: CategorizationBody,
        noting note: AuditNote<Bool>
    ) async throws -> Bool
}

/// The same, leaving nothing in the audit log.
extension DirectoryStore {
    public func install(_ installation: TenantInstallation) async throws -> Bool {
        try await install(installation, noting: .none)
    }

    public func replaceHierarchy(
        of tenant: TenantID,
        version: Int64,
        with hierarchy: CategorizationBody
    ) async throws -> Bool {
        try await replaceHierarchy(of: tenant, version: version, with: hierarchy, noting: .none)
    }
}

/// A tenant with all that makes it usable.
public struct TenantInstallation: Sendable {
    public let tenant: Tenant
    public let signingKey: SigningKeyRecord
    public let credential: TenantCredential
    public let organizations: [Organization]
    public let users: [User]
    public let hierarchy: CategorizationBody

    public init(
        tenant: Tenant,
        signingKey: SigningKeyRecord,
        credential: TenantCredential,
        organizations: [Organization],
        users: [User],
        hierarchy: CategorizationBody
    ) {
        self.tenant = tenant
        self.signingKey = signingKey
        self.credential = credential
        self.organizations = organizations
        self.users = users
        self.hierarchy = hierarchy
    }
}
