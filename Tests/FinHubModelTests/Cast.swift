import Crypto
import FinHubAPI
import FinHubCore
import Testing

/// The people of one history; those of other histories are others, in the same two tenants.
struct Cast: Sendable {
    static let beginning = Timestamp(seconds: 1_767_268_800)
    private static let password = "correct horse battery staple"
    private static let secret = "a secret that is long enough"

    /// Which history of those that share the server.
    let number: Int

    func user(_ person: Person) -> UserID {
        UserID(high: 0x10 + UInt64(person.rawValue), low: UInt64(number))
    }

    func tenantName(_ person: Person) -> String { person.isInFirstTenant ? "first" : "second" }

    func tenant(_ person: Person) -> TenantID { TenantID(high: 1, low: person.isInFirstTenant ? 1 : 2) }

    func organization(_ person: Person) -> OrganizationID {
        OrganizationID(high: 2, low: person.isInFirstTenant ? 1 : 2)
    }

    /// A login, whose session can be told by its device: the number that the plan gives it.
    func order(_ person: Person, session: Int) -> LoginOrder {
        LoginOrder(
            tenantName: tenantName(person),
            organization: organization(person),
            user: user(person),
            username: userName(person),
            password: Secret(Self.password),
            tenantKey: "key",
            tenantSecret: Secret(Self.secret),
            address: nil,
            client: ClientDetails(device: "\(session)")
        )
    }

    private static var oneSession: SessionPolicy {
        var body = SessionPolicy.standard.body
        body.concurrentSessions = .init(maximum: 1, whenFull: "EVICT_OLDEST")
        return SessionPolicy(body)
    }

    private func userName(_ person: Person) -> String { "\(person)-\(number)" }

    private func account(_ person: Person) -> User {
        User(
            id: user(person),
            tenant: tenant(person),
            organization: organization(person),
            userName: userName(person),
            email: "\(userName(person))@example.org",
            roles: [.admin],
            passwordHash: Secret(Self.password),
            passwordSetAt: Self.beginning
        )
    }

    /// Both tenants, with the people of that many histories.
    static func installations(_ histories: Int) throws -> [TenantInstallation] {
        let casts = (0..<histories).map(Cast.init)
        return try [[Person.ada, .bob], [.carl]].map { people in
            let (tenant, name) = (casts[0].tenant(people[0]), casts[0].tenantName(people[0]))
            return TenantInstallation(
                tenant: Tenant(
                    id: tenant,
                    slug: try #require(TenantSlug(rawValue: name)),
                    name: name,
                    complianceLevel: "NON_REGULATED",
                    policy: Versioned(1, people[0].hasOneSession ? oneSession : .standard)
                ),
                signingKey: SigningKeyRecord(tenant: tenant, number: 1, createdAt: beginning),
                credential: TenantCredential(
                    tenant: tenant,
                    key: "key",
                    secretDigest: Array(SHA256.hash(data: Array(secret.utf8))),
                    createdAt: beginning
                ),
                organizations: [Organization(id: casts[0].organization(people[0]), tenant: tenant, name: name)],
                users: casts.flatMap { cast in people.map(cast.account) },
                hierarchy: CategorizationBody(categories: [], features: [])
            )
        }
    }
}
