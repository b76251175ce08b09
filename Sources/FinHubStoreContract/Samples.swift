import FinHubAPI
import FinHubCore

extension Timestamp {
    static let noon = Timestamp(seconds: 1_767_268_800)

    static func noon(plus seconds: Int64) -> Timestamp {
        noon + .seconds(seconds)
    }
}

/// A tenant with one organization and two users, as the rules use it.
struct Sample {
    static let acme = Sample(number: 1, slug: "acme")
    static let globex = Sample(number: 2, slug: "globex")

    let number: UInt64
    let slug: String

    var tenant: TenantID { TenantID(high: number, low: 1) }
    var organization: OrganizationID { OrganizationID(high: number, low: 2) }
    var ada: UserID { UserID(high: number, low: 3) }
    var bob: UserID { UserID(high: number, low: 4) }

    var installation: TenantInstallation {
        get throws {
            guard let slug = TenantSlug(rawValue: slug) else { throw UnusableSample() }
            return TenantInstallation(
                tenant: Tenant(id: tenant, slug: slug, name: "\(slug) Ltd", complianceLevel: "NON_REGULATED"),
                signingKey: SigningKeyRecord(tenant: tenant, number: 1, createdAt: .noon),
                credential: TenantCredential(
                    tenant: tenant,
                    key: "key",
                    secretDigest: Array(repeating: UInt8(number), count: 32),
                    createdAt: .noon
                ),
                organizations: [Organization(id: organization, tenant: tenant, name: "Head office")],
                users: [user(ada, named: "Ada"), user(bob, named: "Bob")],
                hierarchy: hierarchy(named: "BASIC")
            )
        }
    }

    func user(_ id: UserID, named name: String) -> User {
        User(
            id: id,
            tenant: tenant,
            organization: organization,
            userName: name,
            email: "\(name)@example.com",
            roles: [.admin, .member],
            passwordHash: Secret("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$\(name)"),
            passwordSetAt: .noon
        )
    }

    func hierarchy(named code: String) -> CategorizationBody {
        let category = CategorizationBody.Category(
            code: code,
            databaseID: ID(high: number, low: 5),
            categoryID: "\"\(code)\" \u{1F4B6}",
            categoryName: code,
            availableFeatures: []
        )
        return CategorizationBody(categories: [category], features: [])
    }

    /// The identifier of the tenant's `index`th session; both tenants count alike.
    func sessionID(_ index: UInt64 = 1) -> SessionID {
        SessionID(high: number, low: index)
    }

    /// Ada's `index`th session: an hour long from `createdAt`, twelve hours at most.
    func session(
        _ index: UInt64 = 1,
        of user: UserID? = nil,
        createdAt: Timestamp = .noon,
        userEpoch: Int64 = 0
    ) -> Session {
        Session(
            id: sessionID(index),
            tenant: tenant,
            organization: organization,
            user: user ?? ada,
            salt: Secret(Array(repeating: UInt8(truncatingIfNeeded: index), count: 16)),
            userEpoch: userEpoch,
            tenantEpoch: 0,
            createdAt: createdAt,
            expiresAt: createdAt + .seconds(3_600),
            absoluteEnd: createdAt + .seconds(43_200),
            client: ClientDetails(
                address: "192.0.2.1",
                userAgent: "curl/8 \u{e9}",
                forwardedFrom: "gateway",
                platform: "Linux",
                device: "d-1"
            )
        )
    }

    /// A refresh of the tenant's `index`th session, an hour long from `now`.
    func rotation(
        _ index: UInt64 = 1,
        presenting generation: Int64 = 1,
        at now: Timestamp = .noon(plus: 60),
        isProven: Bool = true
    ) -> Rotation {
        let salt = Secret(Array(repeating: UInt8(truncatingIfNeeded: index), count: 16))
        return Rotation(
            session: sessionID(index),
            tenant: tenant,
            presented: generation,
            now: now,
            expiresAt: now + .seconds(3_600)
        ) { isProven && $0.matches(salt) }
    }

    func query(
        _ status: SessionQuery.Status = .all,
        at now: Timestamp = .noon(plus: 60),
        after: Session? = nil,
        limit: Int = 100
    ) -> SessionQuery {
        SessionQuery(
            user: ada,
            organization: organization,
            status: status,
            now: now,
            after: after.map { SessionPosition(createdAt: $0.createdAt, id: $0.id) },
            limit: limit
        )
    }
}

/// A sample that no store could take.
struct UnusableSample: Error {}

extension Stores {
    /// Installs both tenants and opens the first session of each.
    func installSamples() async throws {
        for sample in [Sample.acme, .globex] {
            guard try await directory.install(sample.installation) else { throw UnusableSample() }
            try await sessions.insert(sample.session())
        }
    }

    /// Ends all of Ada's sessions in one tenant.
    func endAll(
        in sample: Sample,
        sparing spared: SessionID? = nil,
        at now: Timestamp = .noon(plus: 60)
    ) async throws -> CutOffOutcome? {
        try await sessions.endAll(
            of: sample.ada,
            organization: sample.organization,
            in: sample.tenant,
            sparing: spared,
            at: now,
            tokensExpireBy: now + .seconds(3_600)
        )
    }

    /// What the feed says of what came after the installation.
    func changeKinds() async throws -> [Change.Kind] {
        try await changes.changes(after: 0, limit: 1_000).map(\.kind).filter { $0 != .tenantChanged }
    }

    func session(_ index: UInt64 = 1, in sample: Sample) async throws -> Session? {
        try await sessions.session(sample.sessionID(index), in: sample.tenant)
    }
}
