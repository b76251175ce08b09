import FinHubAPI
import FinHubCore
import FinHubServer
import FinHubTestSupport
import HTTPTypes
import Testing

extension Account {
    /// Two administrators of a third tenant.
    static let lin = Account(number: 3)
    static let kai = Account(number: 3, user: 4)

    var factorPath: String { "/api/v2.1/admin/users/\(user)/second-factor" }
}

extension Phone {
    /// Takes the seed that an enrolment shows.
    init(_ enrolment: Answer) throws {
        let secret = try enrolment.text("secret")
        self = try #require(Phone(secret: secret))
    }
}

/// Runs `body` against a server that has the third tenant too.
func withOffice(
    requiresSecondFactor: Bool = false,
    passwordMaximumAgeDays: Int? = nil,
    _ body: @Sendable (TestServer) async throws -> Void
) async throws {
    try await withServer { server in
        let ada = try #require(try await server.stores.directory.user(Account.ada.user, in: Account.ada.tenant))
        let whole = try Account.lin.installation(hash: ada.passwordHash.reveal())
        let kai = try Account.kai.installation(hash: ada.passwordHash.reveal())
        var policy = SessionPolicy.standard.body
        policy.secondFactorRequired = requiresSecondFactor
        policy.passwordMaximumAgeDays = passwordMaximumAgeDays
        let tenant = Tenant(
            id: whole.tenant.id,
            slug: whole.tenant.slug,
            name: "Ünit: 3",
            complianceLevel: whole.tenant.complianceLevel,
            policy: Versioned(1, SessionPolicy(policy))
        )
        let installation = TenantInstallation(
            tenant: tenant,
            signingKey: whole.signingKey,
            credential: whole.credential,
            organizations: whole.organizations,
            users: whole.users + kai.users,
            hierarchy: whole.hierarchy
        )
        try #require(try await server.stores.directory.install(installation))
        try await server.beat()
        try await body(server)
    }
}

extension TestServer {
    /// Tries to log in with a second factor's code.
    func login(_ account: Account, otp: String, password: String = Account.password) async throws -> Answer {
        let body = CreateSessionBody(
            username: account.username,
            password: Secret(password),
            tenantKey: account.key,
            tenantSecret: Secret(Account.secret),
            otp: Secret(otp)
        )
        return try await call(
            .post,
            account.sessionsPath,
            tenant: account.slug,
            body: String(decoding: body.jsonBytes, as: UTF8.self)
        )
    }

    /// Calls one of a user's second-factor routes.
    func factor(
        _ method: HTTPRequest.Method,
        _ account: Account = .lin,
        _ subpath: String = "",
        by token: String,
        otp: String? = nil,
        password: String? = Account.password
    ) async throws -> Answer {
        var body = otp.map { String(decoding: OTPBody(otp: Secret($0)).jsonBytes, as: UTF8.self) }
        if method == .post, subpath.isEmpty { body = password.map { #"{"currentPassword":"\#($0)"}"# } }
        return try await call(method, account.factorPath + subpath, tenant: Account.lin.slug, token: token, body: body)
    }

    /// Enrols a second factor and confirms it, with the code of the step before this.
    func enrol(_ account: Account = .lin, by token: String) async throws -> (phone: Phone, recoveryCodes: [String]) {
        let begun = try await factor(.post, account, by: token)
        try #require(begun.status == 200)
        let phone = try Phone(begun)
        let confirmed = try await factor(.put, account, by: token, otp: phone.code(at: clock.now, steps: -1))
        let codes = try #require(confirmed.recoveryCodes)
        return (phone, codes)
    }
}

extension Answer {
    var recoveryCodes: [String]? {
        data?["recoveryCodes"]?.array?.compactMap(\.string)
    }
}

extension TestServer {
    /// Forgets the failed attempts at an account, so that the next one is looked at.
    func unlock(_ account: Account) async throws {
        try await services.unlock(account.user, inTenantNamed: account.slug)
    }
}
