import Crypto
public import FinHubAPI

/// What somebody tries to prove, and from where.
///
/// It holds what was presented, true or not: the counts of a name that nobody has are kept as any others.
public struct Guess: Sendable {
    let client: CallingClient
    /// `nil` when none there is was named.
    let tenant: TenantID?
    /// The tenant as it was named; `nil` where it is beyond doubt.
    let tenantName: String?
    let user: UserID?
    let name: SignInName?
    /// Told when failures have come so far that somebody has to wait.
    let onLock: @Sendable (GuessLock) -> Void

    /// - Parameters:
    ///   - client: Where it comes from.
    ///   - tenant: The tenant that is named.
    ///   - tenantName: How it is named, so that guesses at one that is not there are counted like others.
    ///   - user: The user that is named; `nil` where only the tenant's credentials are to be proven.
    ///   - name: The name given beside the identifier, if any.
    ///   - onLock: Told when a wait begins, once for each.
    public init(
        from client: CallingClient,
        at tenant: TenantID?,
        named tenantName: String? = nil,
        user: UserID? = nil,
        name: String? = nil,
        onLock: @escaping @Sendable (GuessLock) -> Void = { _ in }
    ) {
        self.client = client
        self.tenant = tenant
        self.tenantName = tenantName
        self.user = user
        self.name = name.map(SignInName.init)
        self.onLock = onLock
    }
}

/// A wait that begins.
public struct GuessLock: Hashable, Sendable {
    /// Whom it keeps out.
    public enum Scope: String, Hashable, Sendable, CaseIterable {
        /// Clients that never signed in as the user, from that user.
        case user = "USER"
        /// The same, by the name given.
        case name = "NAME"
        /// The client, from users that it never signed in as.
        case client = "CLIENT"
        /// A client that signed in before, from that user.
        case knownClient = "KNOWN_CLIENT"
        /// The client, from users that did sign in from it.
        case clientOfMany = "CLIENT_OF_MANY"
        /// The client, from the tenant.
        case tenant = "TENANT"
        /// The client, from every tenant.
        case tenants = "TENANTS"
    }

    public let scope: Scope
    public let tenant: TenantID?
    public let user: UserID?
    /// The client whose attempt was the last; its whole network, where it may choose addresses.
    public let client: NetworkAddress?
    public let wait: Duration
}

// MARK: What is counted

extension GuessLock.Scope {
    /// What a guess at a tenant's key and secret counts in.
    static let ofTenant: [Self] = [.tenant, .tenants]
    /// What a guess at a user's password counts in, the more particular first.
    static func ofUser(fromKnownClient isKnown: Bool) -> [Self] {
        isKnown ? [.knownClient, .clientOfMany] : [.user, .name, .client]
    }

    public var rule: FailureRule {
        switch self {
        case .user, .name, .knownClient: FailureRule(tries: 5, memory: .untilQuietFor(.seconds(86_400)))
        case .client, .tenants: FailureRule(tries: 30, memory: .within(.seconds(3_600)))
        case .tenant: FailureRule(tries: 10, memory: .within(.seconds(3_600)))
        // A whole bank's administrators may come from one address, and mistype.
        case .clientOfMany: FailureRule(tries: 100, memory: .within(.seconds(3_600)))
        }
    }
}

extension Guess {
    /// Where failures of that scope are counted; `nil` when the guess names nothing of the kind.
    func subject(_ scope: GuessLock.Scope) -> FailureSubject? {
        let network = client.network?.bytes ?? []
        switch scope {
        case .tenants: return Self.subject(scope, in: FailureSubject.noTenant, network)
        case .tenant where tenant == nil:
            let name = tenantName.map { TenantID($0)?.description ?? $0 } ?? ""
            return Self.subject(scope, in: FailureSubject.noTenant, Array(name.utf8) + [0] + network)
        case .tenant, .client, .clientOfMany: return tenant.map { Self.subject(scope, in: $0, network) }
        case .user:
            guard let tenant, let user else { return nil }
            return Self.subject(scope, in: tenant, user.bytes)
        case .knownClient:
            return knownClient.map { Self.knownClientSubject($0) }
        case .name:
            guard let tenant, let name else { return nil }
            return Self.subject(scope, in: tenant, name.utf8)
        }
    }

    /// Where the failures of a client that signed in before are counted.
    static func knownClientSubject(_ client: KnownClient) -> FailureSubject {
        subject(.knownClient, in: client.tenant, client.user.bytes + client.digest.bytes)
    }

    /// The client as one that the user may have signed in from.
    var knownClient: KnownClient? {
        guard let tenant, let user else { return nil }
        // An address has 4 bytes or 16, and so can't be taken for one with a device behind it.
        let network = client.network?.bytes ?? []
        let parts = [UInt8(network.count)] + network + Array((client.device ?? "").utf8)
        return KnownClient(tenant: tenant, user: user, digest: ID(digestOf: parts))
    }

    private static func subject(
        _ scope: GuessLock.Scope,
        in tenant: TenantID,
        _ parts: [UInt8]
    ) -> FailureSubject {
        FailureSubject(tenant: tenant, digest: ID(digestOf: Array(scope.rawValue.utf8) + [0] + parts))
    }

    /// What all failures of a user are counted at, from whatever client, by whatever name.
    static func subjects(of user: User, clients: [KnownClient]) -> [FailureSubject] {
        let names = Set([SignInName(user.userName), SignInName(user.email)]).map(\.utf8)
        return [subject(.user, in: user.tenant, user.id.bytes)]
            + names.map { subject(.name, in: user.tenant, $0) }
            + clients.map { knownClientSubject($0) }
    }
}

extension ID {
    /// The first half of the SHA-256 of `bytes`.
    fileprivate init(digestOf bytes: [UInt8]) {
        self =
            SHA256.hash(data: bytes).withUnsafeBytes { digest in
                Self(buffer: UnsafeRawBufferPointer(rebasing: digest[..<16]))
            } ?? Self(high: 0, low: 0)
    }
}
