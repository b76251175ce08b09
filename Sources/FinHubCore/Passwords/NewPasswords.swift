public import FinHubAPI

/// Checks new passwords by their tenant's rules, and hashes those that pass.
public struct NewPasswords: Sendable {
    private let store: any UserStore
    private let tenants: TenantDirectory
    private let hasher: any PasswordHashing

    public init(store: any UserStore, tenants: TenantDirectory, hasher: any PasswordHashing) {
        self.store = store
        self.tenants = tenants
        self.hasher = hasher
    }

    /// Passes when a tenant's first administrator may have that password.
    ///
    /// - Throws: ``UserRefusal/passwordRejected(_:)``.
    public static func requireFit(
        _ password: Secret<String>,
        forUserNamed userName: String,
        email: String,
        of tenant: Tenant
    ) throws {
        try requireFit(password, of: PasswordOwner(userName: userName, email: email, tenant: tenant), tenant)
    }

    private static func requireFit(_ password: Secret<String>, of owner: PasswordOwner, _ tenant: Tenant) throws {
        if let objection = tenant.policy.value.passwordRules.objection(to: password, of: owner) {
            throw UserRefusal.passwordRejected(objection)
        }
    }

    /// A password of 144 random bits that pleases the tenant's rules.
    func random() -> Secret<String> {
        while true {
            let text = Base64URL.encode(systemRandomBytes(18))
            if text.contains(where: \.isLetter), text.contains(where: \.isNumber) { return Secret(text) }
        }
    }

    /// The hash of a password that its tenant's rules have nothing against.
    ///
    /// - Throws: ``UserRefusal/passwordRejected(_:)``; ``PasswordHashingRefusal``.
    func hash(
        _ password: Secret<String>,
        forUserNamed userName: String,
        email: String,
        in tenant: TenantID
    ) async throws -> Secret<String> {
        let owner = try tenantOf(tenant)
        try Self.requireFit(password, of: PasswordOwner(userName: userName, email: email, tenant: owner), owner)
        return try await hash(password, in: tenant)
    }

    /// The hash of a password that the user did not have lately, and that the rules have nothing against.
    ///
    /// - Throws: ``UserRefusal/passwordRejected(_:)``; ``PasswordHashingRefusal``.
    func hash(_ password: Secret<String>, for user: User) async throws -> Secret<String> {
        let tenant = try tenantOf(user.tenant)
        let owner = PasswordOwner(
            userName: user.userName,
            email: user.email,
            tenant: tenant,
            hasSecondFactor: user.hasSecondFactor
        )
        try Self.requireFit(password, of: owner, tenant)
        let former = try await store.formerPasswords(of: user.id, in: user.tenant)
        for hash in [user.passwordHash] + former.prefix(PasswordRules.remembered - 1) {
            let form = password.map(\.passwordForm)
            guard try await hasher.verify(form, against: hash.reveal(), for: user.tenant) == .mismatch else {
                throw UserRefusal.passwordRejected(.usedBefore)
            }
        }
        return try await hash(password, in: user.tenant)
    }

    private func hash(_ password: Secret<String>, in tenant: TenantID) async throws -> Secret<String> {
        Secret(try await hasher.hash(password.map(\.passwordForm), for: tenant))
    }

    private func tenantOf(_ id: TenantID) throws -> Tenant {
        guard let tenant = tenants.tenant(id) else { throw UserRefusal.tenantNotFound }
        return tenant
    }
}
