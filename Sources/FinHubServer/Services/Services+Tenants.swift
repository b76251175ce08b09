public import FinHubAPI
import FinHubCore

/// What the operator does with tenants at the data folder; a tenant is named as in `X-Tenant-ID`.
///
/// Every function throws `TenantRefusal`. Nobody is locked out here: the data folder stays within reach.
extension Services {
    /// Every tenant, in the order of their slugs.
    public func allTenants() async throws -> [TenantBody] {
        try await tenantAdministration.tenants().map(TenantBody.init)
    }

    /// One tenant.
    public func tenant(named name: String) async throws -> TenantBody {
        TenantBody(try await tenantAdministration.tenant(id(ofTenantNamed: name)))
    }

    /// Suspends a tenant, or lets it in again.
    public func setActive(_ isActive: Bool, tenantNamed name: String) async throws {
        let status: Tenant.Status = isActive ? .active : .suspended
        try await tenantAdministration.setStatus(of: id(ofTenantNamed: name), to: status)
    }

    /// A tenant's session policy.
    public func policy(ofTenantNamed name: String) async throws -> PolicyBody {
        try await tenantAdministration.tenant(id(ofTenantNamed: name)).policy.value.body
    }

    /// Replaces a tenant's session policy by what `change` makes of it.
    ///
    /// - Throws: `InvalidFields` as well.
    public func changePolicy(
        ofTenantNamed name: String,
        _ change: (PolicyBody) throws -> PolicyBody
    ) async throws -> PolicyBody {
        let tenant = try id(ofTenantNamed: name)
        let current = try await tenantAdministration.tenant(tenant).policy
        let wanted = try change(current.value.body)
        guard let object = try JSON(wanted.jsonBytes).object else { return wanted }
        let policy = SessionPolicy(try PolicyBody(object))
        return try await tenantAdministration.replacePolicy(of: tenant, with: policy) { $0 == current.version }
            .value.body
    }

    /// A tenant's allowlist.
    public func allowlist(ofTenantNamed name: String) async throws -> AllowlistBody {
        AllowlistBody(try await tenantAdministration.tenant(id(ofTenantNamed: name)).allowlist.value)
    }

    /// Replaces a tenant's allowlist, whatever it is.
    ///
    /// - Throws: `InvalidFields` as well.
    public func replaceAllowlist(ofTenantNamed name: String, with body: AllowlistBody) async throws -> AllowlistBody {
        let ranges = try [NetworkRange](allowlist: body.ranges)
        let new = try await tenantAdministration.replaceAllowlist(
            of: id(ofTenantNamed: name),
            with: ranges,
            keepingIn: nil
        ) { _ in true }
        return AllowlistBody(new.value)
    }

    /// Which logins an allowlist would have refused.
    ///
    /// - Throws: `InvalidFields` as well.
    public func tryAllowlist(ofTenantNamed name: String, _ body: AllowlistBody) async throws -> AllowlistTrialBody {
        let ranges = try [NetworkRange](allowlist: body.ranges)
        return AllowlistTrialBody(try await tenantAdministration.trial(of: ranges, in: id(ofTenantNamed: name)))
    }

    private func id(ofTenantNamed name: String) throws -> TenantID {
        guard let tenant = tenants.tenant(named: name) else { throw TenantRefusal.notFound }
        return tenant.id
    }
}

// MARK: Credentials

/// Every function throws `CredentialRefusal` as well.
extension Services {
    /// A tenant's credentials, in the order of their creation.
    public func credentials(ofTenantNamed name: String) async throws -> [CredentialBody] {
        let now = now()
        return try await tenantCredentials.credentials(of: id(ofTenantNamed: name)).map { CredentialBody($0, now: now) }
    }

    /// Makes a new credential, beside which the old one is good for so many seconds, a day by default.
    public func rotateCredential(
        ofTenantNamed name: String,
        overlapSeconds: Int?
    ) async throws -> RotatedCredentialBody {
        let overlap = overlapSeconds.map { Duration.seconds($0) } ?? CredentialService.standardOverlap
        return RotatedCredentialBody(
            try await tenantCredentials.rotate(in: id(ofTenantNamed: name), overlap: overlap)
        )
    }

    /// Ends a credential now.
    public func revokeCredential(_ key: String, ofTenantNamed name: String, evenLast: Bool) async throws {
        try await tenantCredentials.revoke(key, of: id(ofTenantNamed: name), evenLast: evenLast)
    }

    /// Which clients used a credential, the latest first.
    public func clients(ofCredential key: String, ofTenantNamed name: String) async throws -> [CredentialClientBody] {
        try await tenantCredentials.clients(of: key, in: id(ofTenantNamed: name)).map(CredentialClientBody.init)
    }
}

extension TenantBody {
    fileprivate init(_ tenant: Tenant) {
        self.init(
            tenantID: tenant.id,
            slug: tenant.slug.rawValue,
            name: tenant.name,
            complianceLevel: tenant.complianceLevel,
            isActive: tenant.status == .active,
            allowlistRanges: tenant.allowlist.value.count
        )
    }
}
