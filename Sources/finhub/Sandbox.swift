import FinHubAPI
import FinHubCore
import FinHubPasswords

/// The tenants of FinHub's public examples, so that every curl of the reference works as printed.
enum Sandbox {
    /// One public example: nothing in it is a secret.
    private struct Example {
        let tenant: TenantID
        let slug: String
        let name: String
        let organization: OrganizationID
        let user: UserID
        let email: String
        let password: String
        let key: String
        let secret: String
    }

    private static let cloudVault = Example(
        tenant: TenantID(high: 0xd1e2_f3a4_b5c6_47d8, low: 0x9e0f_1a2b_3c4d_5e6f),
        slug: "tenant_cloudvault",
        name: "CloudVault",
        organization: OrganizationID(high: 0xf3a4_b5c6_d7e8_49f0, low: 0x1a2b_3c4d_5e6f_7a8b),
        user: UserID(high: 0xe2f3_a4b5_c6d7_48e9, low: 0x0f1a_2b3c_4d5e_6f7a),
        email: "petr.dvorak@cloudvault.io",
        password: "your_secure_password",
        key: "cvK_9XDw5g_Y_8aUtRQgPyX4aTBb",
        secret: "your_tenant_secret"
    )

    private static let finsei = Example(
        tenant: TenantID(high: 0x97e7_ff29_15f3_49ef, low: 0x9681_3bbf_cce4_f6cd),
        slug: "tenant_finsei",
        name: "Finsei Ltd",
        organization: OrganizationID(high: 0xb4c3_d4e7_f8a9_0123, low: 0xb4c5_d6e7_f8a9_012b),
        user: UserID(high: 0x87b3_af37_4ac1_402b, low: 0xa0ea_53cf_dc69_5e02),
        email: "admin@finsei.com",
        password: "Admin@97e7ff29-15f3-49ef-9681-3bbfcce4f6cd",
        key: "z6B8H1XAeYSxZbuIlAT1NIRh6Aga",
        secret: "zb9anCFp2f2UJNWlGhtB8brsgAca"
    )

    /// Puts both tenants in, with `policy`; those that are there already are left as they are.
    static func install(
        in directory: any DirectoryStore,
        policy: SessionPolicy,
        hasher: Argon2idHasher,
        audit: AuditLog,
        at now: Timestamp
    ) async throws {
        for example in [cloudVault, finsei] where try await directory.tenant(example.tenant) == nil {
            let hash = try await hasher.hash(Secret(example.password), for: example.tenant)
            _ = try await directory.install(
                installation(of: example, policy: policy, hash: Secret(hash), at: now),
                noting: audit.noteOfInstallation(of: example.tenant)
            )
        }
    }

    private static func installation(
        of example: Example,
        policy: SessionPolicy,
        hash: Secret<String>,
        at now: Timestamp
    ) throws -> TenantInstallation {
        guard let slug = TenantSlug(rawValue: example.slug) else { throw InvalidSlug(slug: example.slug) }
        let credential = NewCredential(tenant: example.tenant, key: example.key, secret: Secret(example.secret))
        return TenantInstallation(
            tenant: Tenant(
                id: example.tenant,
                slug: slug,
                name: example.name,
                complianceLevel: "NON_REGULATED",
                policy: Versioned(1, policy)
            ),
            signingKey: SigningKeyRecord(tenant: example.tenant, number: 1, createdAt: now),
            credential: credential.stored(at: now),
            organizations: [Organization(id: example.organization, tenant: example.tenant, name: example.name)],
            users: [
                User(
                    id: example.user,
                    tenant: example.tenant,
                    organization: example.organization,
                    userName: example.email,
                    email: example.email,
                    roles: [.admin],
                    passwordHash: hash,
                    passwordSetAt: now
                )
            ],
            hierarchy: hierarchy
        )
    }

    /// The categories and the feature of the reference's example.
    static let hierarchy = CategorizationBody(
        categories: [
            category(1, "INDIVIDUAL_BASIC", "Individual, basic"),
            category(2, "INDIVIDUAL_VERIFIED", "Individual, verified"),
            category(3, "INDIVIDUAL_PREMIUM", "Individual, premium"),
            category(4, "ENTERPRISE", "Enterprise"),
        ],
        features: [
            CategorizationBody.Feature(
                code: "CUSTOMER_PROFILE",
                databaseID: ID(high: 0x5f1d_6c3a_8b2e_4f70, low: 0x9c41_0000_0000_0101),
                featureCode: "CUSTOMER_PROFILE",
                featureName: "Customer profile",
                mandatoryKeys: ["level"],
                allowedValues: [CategorizationBody.AllowedValues(key: "level", values: ["BASIC", "FULL"])]
            )
        ]
    )

    private static func category(_ number: UInt64, _ code: String, _ name: String) -> CategorizationBody.Category {
        CategorizationBody.Category(
            code: code,
            databaseID: ID(high: 0x5f1d_6c3a_8b2e_4f70, low: 0x9c41_0000_0000_0000 | number),
            categoryID: code,
            categoryName: name,
            availableFeatures: ["CUSTOMER_PROFILE"]
        )
    }

    /// The reference's first curl, ready to paste.
    static func curl(url: String) -> String {
        let example = cloudVault
        let path = "/api/v2.1/admin/organization/\(example.organization)/users/\(example.user)/sessions"
        return """

            Paste this to create a session:

            curl -X POST "\(url)\(path)" \\
              -H "X-Tenant-ID: \(example.slug)" \\
              -H "Content-Type: application/json" \\
              -d '{
                "username": "\(example.email)",
                "password": "\(example.password)",
                "tenantKey": "\(example.key)",
                "tenantSecret": "\(example.secret)"
              }'

            """
    }
}

/// Bytes from the system's generator.
func randomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
}
