public import FinHubAPI

/// Keeps what was guessed wrong, and which clients signed in as whom.
///
/// The promises of ``SessionStore`` hold here too. What it keeps is bounded for each tenant, whoever floods it.
public protocol FailureStore: Sendable {
    /// What is known of an attempt: the counts of its subjects in their order, and when its client last signed in
    /// as its user.
    func record(of subjects: [FailureSubject], signInOf client: KnownClient?) async throws -> FailureRecord

    /// Counts a failure of each subject, all of them or none; the counts after it, in their order.
    ///
    /// Where a tenant has as many counts as it may, the one that is oldest makes room; those of a user that the
    /// tenant has make room for nobody.
    func countFailure(
        _ failures: [CountedFailure],
        at now: Timestamp,
        noting note: AuditNote<[FailureCount]>
    ) async throws -> [FailureCount]

    /// Remembers that a client signed in, and forgets the count of `subject`.
    ///
    /// Of one user's clients the newest ``KnownClient/mostOfUser`` are kept. Nothing is remembered of a user
    /// that the tenant does not have.
    func recordSignIn(of client: KnownClient, forgetting subject: FailureSubject, at now: Timestamp) async throws

    /// The clients that signed in as the user.
    func knownClients(of user: UserID, in tenant: TenantID) async throws -> [KnownClient]

    /// Forgets the counts of those subjects.
    func forget(_ subjects: [FailureSubject], noting note: AuditNote<Void>) async throws

    /// Removes at most `limit` counts whose last failure was before `moment`; returns how many it did.
    func removeFailures(before moment: Timestamp, limit: Int) async throws -> Int

    /// Removes at most `limit` clients that last signed in before `moment`; returns how many it did.
    func removeClients(before moment: Timestamp, limit: Int) async throws -> Int
}

/// The same, leaving nothing in the audit log.
extension FailureStore {
    public func countFailure(_ failures: [CountedFailure], at now: Timestamp) async throws -> [FailureCount] {
        try await countFailure(failures, at: now, noting: .none)
    }

    public func forget(_ subjects: [FailureSubject]) async throws {
        try await forget(subjects, noting: .none)
    }
}

/// At what failures are counted: a digest, of one tenant.
public struct FailureSubject: Hashable, Sendable {
    /// How many counts a tenant may have, but for those of its own users.
    public static let mostOfTenant = 10_000
    /// Stands for the tenant of what concerns none in particular: guesses at tenants themselves.
    public static let noTenant = TenantID(high: 0, low: 0)

    public let tenant: TenantID
    public let digest: ID<FailureSubject>

    public init(tenant: TenantID, digest: ID<FailureSubject>) {
        self.tenant = tenant
        self.digest = digest
    }
}

/// A failure that is to be counted.
public struct CountedFailure: Sendable {
    public let subject: FailureSubject
    public let rule: FailureRule
    /// Whose count it is: if the tenant has that user, it makes room for nobody.
    public let user: UserID?

    public init(subject: FailureSubject, rule: FailureRule, user: UserID? = nil) {
        self.subject = subject
        self.rule = rule
        self.user = user
    }
}

/// A client as one that a user may have signed in from.
public struct KnownClient: Hashable, Sendable {
    /// How many clients of one user are remembered.
    public static let mostOfUser = 64
    /// How long a client is remembered after its last sign-in.
    static let keeps: Duration = .seconds(90 * 86_400)
    /// How exactly its last sign-in is kept.
    static let precision: Duration = .seconds(86_400)

    public let tenant: TenantID
    public let user: UserID
    public let digest: ID<KnownClient>

    public init(tenant: TenantID, user: UserID, digest: ID<KnownClient>) {
        self.tenant = tenant
        self.user = user
        self.digest = digest
    }
}

/// What the store knows of an attempt.
public struct FailureRecord: Hashable, Sendable {
    /// The subjects' counts; `nil` of one that never failed, or was forgotten.
    public let counts: [FailureCount?]
    /// When the client last signed in as the user; `nil` when it never did.
    public let lastSignIn: Timestamp?

    public init(counts: [FailureCount?], lastSignIn: Timestamp?) {
        self.counts = counts
        self.lastSignIn = lastSignIn
    }
}
