public import FinHubAPI
import FinHubCore

/// What the operator does with users at the data folder; the tenant is named as in `X-Tenant-ID`.
///
/// Every function throws `UserRefusal`.
extension Services {
    /// An organization's users, `limit` of them at most, in the order of their names.
    public func users(
        in organization: OrganizationID?,
        beginning prefix: String?,
        limit: Int,
        ofTenantNamed name: String
    ) async throws -> [UserBody] {
        let tenant = try tenantID(named: name)
        let query = UserQuery(
            organization: try await userAccounts.organization(organization, in: tenant),
            prefix: prefix.map { SignInName($0) },
            limit: limit
        )
        return try await userAccounts.page(query, in: tenant).users.map(UserBody.init)
    }

    /// One user.
    public func user(_ id: UserID, ofTenantNamed name: String) async throws -> UserBody {
        UserBody(try await userAccounts.user(id, in: tenantID(named: name)))
    }

    /// Adds a user; the password is temporary, and made up unless given.
    ///
    /// - Throws: `PasswordHashingRefusal` as well.
    public func createUser(
        _ body: CreateUserBody,
        in organization: OrganizationID?,
        ofTenantNamed name: String
    ) async throws -> NewUserBody {
        let tenant = try tenantID(named: name)
        let organization = try await userAccounts.organization(organization, in: tenant)
        let order = NewUser(organization: organization, body)
        let (user, password) = try await userAccounts.create(order, in: tenant, by: .operator)
        return NewUserBody(user: UserBody(user), temporaryPassword: password)
    }

    /// Changes a user; what is `nil` stays as it is.
    ///
    /// - Returns: The user as of now, and how many active sessions ended.
    /// - Throws: `InvalidFields` as well.
    public func updateUser(
        _ id: UserID,
        ofTenantNamed name: String,
        email: String?,
        roles: [String]?,
        isActive: Bool?
    ) async throws -> (user: UserBody, ended: Int) {
        let tenant = try tenantID(named: name)
        let user = try await userAccounts.user(id, in: tenant)
        let body = try ChangeUserBody(
            email: email ?? user.email,
            roles: roles ?? user.roles.map(\.rawValue),
            isActive: isActive ?? (user.status == .active)
        )
        let (changed, ended) = try await userAccounts.change(id, in: tenant, to: UserState(body), by: .operator) {
            $0.version == user.version
        }
        return (UserBody(changed), ended)
    }

    /// Resets a user's password to a temporary one, which is made up unless given.
    ///
    /// - Throws: `PasswordHashingRefusal` as well.
    public func resetPassword(
        to password: Secret<String>?,
        of id: UserID,
        ofTenantNamed name: String
    ) async throws -> (password: Secret<String>?, ended: Int) {
        try await passwords.reset(to: password, of: id, in: tenantID(named: name), by: .operator)
    }

    /// Removes a user; how many active sessions ended.
    public func deleteUser(_ id: UserID, ofTenantNamed name: String) async throws -> Int {
        try await userAccounts.delete(id, in: tenantID(named: name), by: .operator)
    }

    func tenantID(named name: String) throws -> TenantID {
        guard let tenant = tenants.tenant(named: name) else { throw UserRefusal.tenantNotFound }
        return tenant.id
    }
}
