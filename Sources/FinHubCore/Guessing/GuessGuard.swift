public import FinHubAPI

/// Limits guessing: of tenants' secrets, of passwords, of codes.
///
/// Failures are counted at what was presented, whether or not it exists, so that answers tell nothing. A client
/// that signed in as a user before has tries of its own; all others share the user's, so that a stranger who
/// hammers a name keeps out strangers alone. What is counted is stored: it outlasts a restart, and is shared by
/// all servers on the database.
public struct GuessGuard: Sendable {
    private let store: any FailureStore
    private let directory: any DirectoryStore
    private let audit: AuditLog
    private let now: @Sendable () -> Timestamp
    private let lanes = GuessLanes()

    public init(stores: Stores, audit: AuditLog, now: @escaping @Sendable () -> Timestamp) {
        store = stores.failures
        directory = stores.directory
        self.audit = audit
        self.now = now
    }

    /// What was counted against a guess so far; one reading of the store.
    public func record(of guess: Guess) async throws -> GuessRecord {
        let edition = lanes.edition
        let subjects = GuessLock.Scope.allCases.compactMap { scope in guess.subject(scope).map { (scope, $0) } }
        let found = try await store.record(of: subjects.map(\.1), signInOf: guess.knownClient)
        var counts: [GuessLock.Scope: FailureCount] = [:]
        for ((scope, _), count) in zip(subjects, found.counts) { counts[scope] = count }
        return GuessRecord(guess: guess, counts: counts, lastSignIn: found.lastSignIn, edition: edition, at: now())
    }

    /// Runs `body`, which proves a tenant's key and secret.
    ///
    /// A client that failed too often is told nothing more than that; the right secret lets it in all the same.
    /// It is random and long, so that a wait would protect nothing, and keep out a backend for its neighbour's
    /// mistake.
    ///
    /// - Throws: ``GuessRefusal/tooManyAttempts(retryAfter:)``; what `body` throws, counted as a failure if it
    ///   is ``LoginRefusal/invalidTenantCredentials``.
    public func provingTenant<Proof>(_ record: GuessRecord, _ body: () async throws -> Proof) async throws -> Proof {
        do {
            return try await body()
        } catch LoginRefusal.invalidTenantCredentials {
            try record.requireNoWait(GuessLock.Scope.ofTenant, at: now())
            try await countFailure(
                of: record.guess,
                GuessLock.Scope.ofTenant,
                as: ErrorCode.invalidTenantCredentials.rawValue
            )
            throw LoginRefusal.invalidTenantCredentials
        }
    }

    /// Runs `body`, which proves a user's password or code.
    ///
    /// Of simultaneous attempts no more are under way than tries are left; those beyond wait for the outcome of
    /// these. So guesses come to no more than if they had come one after the other, on each server, and right
    /// passwords are never refused for their number.
    ///
    /// - Parameters:
    ///   - record: What ``record(of:)`` answered.
    ///   - signsIn: Whether who proves it becomes a client that signed in.
    ///   - isWrong: Whether an error of `body` means that the guess was wrong.
    ///   - body: The proof; it returns when the user is in.
    /// - Returns: What `body` returned.
    /// - Throws: ``GuessRefusal/tooManyAttempts(retryAfter:)`` or ``PasswordHashingRefusal/busy``, and `body` was
    ///   not run; what `body` throws.
    public func provingUser<Proof>(
        _ record: GuessRecord,
        signsIn: Bool = true,
        isWrong: (any Error) -> Bool = { $0 as? LoginRefusal == .invalidCredentials },
        _ body: () async throws -> Proof
    ) async throws -> Proof {
        let record = try await entered(record)
        let claims = record.claims
        do {
            let proof = try await body()
            if signsIn { await recordSignIn(record) }
            lanes.leave(claims, .right)
            return proof
        } catch  where isWrong(error) {
            do {
                try await countFailure(of: record.guess, record.scopes, as: ErrorCode.invalidCredentials.rawValue)
            } catch {
                lanes.leave(claims, .unknown)
                throw error
            }
            lanes.leave(claims, .wrong)
            throw error
        } catch {
            lanes.leave(claims, .unknown)
            throw error
        }
    }

    /// Forgets all failures that keep anybody out from the user, whichever the client.
    public func unlock(_ user: User) async throws {
        let clients = try await store.knownClients(of: user.id, in: user.tenant)
        let note: AuditNote<Void> = audit.note(in: user.tenant) {
            AuditHappening(event: .administered, subject: user.id, object: "user/lock")
        }
        try await store.forget(Guess.subjects(of: user, clients: clients), noting: note)
    }

    /// How many subjects are being guessed at.
    var laneCount: Int { lanes.count }

    /// Waits until the attempt may be under way; the record as of then.
    private func entered(_ first: GuessRecord) async throws -> GuessRecord {
        var record = first
        var woken: FailureSubject?
        while true {
            do {
                try record.requireNoWait(record.scopes, at: now())
                switch try await lanes.enter(record.claims, edition: record.edition, wokenIn: woken) {
                case .entered: return record
                case .stale: break
                case .woken(let lane): woken = lane
                }
                record = try await self.record(of: record.guess)
            } catch {
                if let woken { lanes.passOn(woken) }
                throw error
            }
        }
    }

    /// Counts and notes a failure, in one change: a tenant that is there costs no more than one that is not.
    private func countFailure(of guess: Guess, _ scopes: [GuessLock.Scope], as reason: String) async throws {
        let failures = scopes.compactMap { scope in
            guess.subject(scope).map { subject in
                let user = scope == .user || scope == .knownClient ? guess.user : nil
                return (scope, CountedFailure(subject: subject, rule: scope.rule, user: user))
            }
        }
        // Whoever is named and is nobody is not kept: a name costs a guesser nothing.
        var named: User?
        if let user = guess.user { named = try await directory.user(user, in: guess.tenant ?? FailureSubject.noTenant) }
        let subject = named?.id
        let note = guess.tenant.map { tenant in
            audit.note(in: tenant) { (_: [FailureCount]) in
                AuditHappening(event: .loginFailed, subject: subject, reason: reason)
            }
        }
        let counts = try await store.countFailure(failures.map(\.1), at: now(), noting: note ?? .none)
        let locks = zip(failures.map(\.0), counts).map { scope, count in
            GuessLock(
                scope: scope,
                tenant: guess.tenant,
                user: guess.user,
                client: guess.client.network,
                wait: scope.rule.wait(after: count.failures)
            )
        }
        // One wait is told of once, though it may be of the user and of the name.
        guard let longest = locks.max(by: { $0.wait < $1.wait }), longest.wait > .zero else { return }
        if let tenant = guess.tenant {
            let lock = AuditHappening(event: .loginLocked, subject: subject, reason: longest.scope.rawValue)
            try await audit.append(lock, in: tenant)
        }
        guess.onLock(longest)
    }

    /// Keeps what a sign-in proves, where there is something to keep.
    private func recordSignIn(_ record: GuessRecord) async {
        guard record.isSignInNews, let client = record.guess.knownClient else { return }
        // Who is in stays in if this can't be stored: the next sign-in stores it.
        try? await store.recordSignIn(of: client, forgetting: Guess.knownClientSubject(client), at: now())
    }
}

/// What was counted against a guess so far.
public struct GuessRecord: Sendable {
    let guess: Guess
    fileprivate let counts: [GuessLock.Scope: FailureCount]
    fileprivate let lastSignIn: Timestamp?
    /// Of the ``GuessLanes``, from before it was read.
    fileprivate let edition: Int
    fileprivate let at: Timestamp

    private var isKnownClient: Bool {
        lastSignIn.map { at - $0 < KnownClient.keeps } ?? false
    }

    /// What the attempt is counted in.
    fileprivate var scopes: [GuessLock.Scope] {
        GuessLock.Scope.ofUser(fromKnownClient: isKnownClient).filter { guess.subject($0) != nil }
    }

    /// The lanes of the attempt; a name that is given beside a user's identifier has none: by itself it opens
    /// nothing.
    fileprivate var claims: [GuessLanes.Claim] {
        scopes.filter { $0 != .name }.compactMap { scope in
            guess.subject(scope).map { subject in
                GuessLanes.Claim(subject: subject, allowance: scope.rule.allowance(after: counts[scope], at: at))
            }
        }
    }

    fileprivate var isSignInNews: Bool {
        guard isKnownClient, counts[.knownClient] == nil, let lastSignIn else { return true }
        return at - lastSignIn >= KnownClient.precision
    }

    fileprivate func requireNoWait(_ scopes: [GuessLock.Scope], at now: Timestamp) throws {
        let ends = scopes.compactMap { scope in counts[scope].flatMap { scope.rule.waitEnd(of: $0, at: now) } }
        if let end = ends.max() { throw GuessRefusal.tooManyAttempts(retryAfter: end - now) }
    }
}

/// Why a guess was not even looked at.
public enum GuessRefusal: Error, Hashable, Sendable {
    /// Too many failures: it can be tried again after a wait. Nothing was counted.
    case tooManyAttempts(retryAfter: Duration)
}
