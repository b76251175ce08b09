public import FinHubAPI

/// Keeps second factors and recovery codes.
///
/// The promises of ``SessionStore`` hold here too. Whatever changes whether a user has a confirmed factor changes
/// ``User/hasSecondFactor`` and the user's version with it, and tells the ``ChangeFeed``.
public protocol SecondFactorStore: Sendable {
    /// A user's second factor, whether or not it is confirmed.
    func factor(of user: UserID, in tenant: TenantID) async throws -> SecondFactor?

    /// Keeps a seed that is yet to be confirmed, in place of another such.
    ///
    /// - Returns: `false`, and nothing is changed, when the user has a confirmed factor or does not exist.
    func begin(of user: UserID, in tenant: TenantID, sealedSeed: [UInt8], at now: Timestamp) async throws -> Bool

    /// Uses up a code and does what it was presented for; both or neither.
    ///
    /// This is one conditional update: of any number of callers that present one code exactly one gets `true`.
    ///
    /// - Returns: `false`, and nothing is changed, when the code was used before or is not the user's any more.
    func spend(_ code: CheckedCode, for purpose: CodePurpose, noting note: AuditNote<Bool>) async throws -> Bool

    /// Takes a confirmed factor away and ends all of the user's sessions, for ``EndReason/accessWithdrawn``.
    ///
    /// - Returns: `nil`, and nothing is changed, when the user has none.
    func withdraw(
        from user: UserID,
        in tenant: TenantID,
        at now: Timestamp,
        tokensExpireBy: Timestamp,
        noting note: AuditNote<CutOffOutcome?>
    ) async throws -> CutOffOutcome?
}

/// The same, leaving nothing in the audit log.
extension SecondFactorStore {
    public func spend(_ code: CheckedCode, for purpose: CodePurpose) async throws -> Bool {
        try await spend(code, for: purpose, noting: .none)
    }

    public func withdraw(
        from user: UserID,
        in tenant: TenantID,
        at now: Timestamp,
        tokensExpireBy: Timestamp
    ) async throws -> CutOffOutcome? {
        try await withdraw(from: user, in: tenant, at: now, tokensExpireBy: tokensExpireBy, noting: .none)
    }
}

/// What is stored of a user's second factor.
public struct SecondFactor: Hashable, Sendable {
    /// Encrypted for this user alone.
    public let sealedSeed: [UInt8]
    public let createdAt: Timestamp
    /// When the user showed a first code; `nil` before that, when it does not count yet.
    public let confirmedAt: Timestamp?
    /// The time step of the last code that was used: no code of it, or of one before, is taken again.
    public let lastStep: Int64
    /// How many recovery codes were not used.
    public let recoveryCodesLeft: Int

    public init(
        sealedSeed: [UInt8],
        createdAt: Timestamp,
        confirmedAt: Timestamp? = nil,
        lastStep: Int64 = 0,
        recoveryCodesLeft: Int = 0
    ) {
        self.sealedSeed = sealedSeed
        self.createdAt = createdAt
        self.confirmedAt = confirmedAt
        self.lastStep = lastStep
        self.recoveryCodesLeft = recoveryCodesLeft
    }
}

/// A right code of a user; whether it was used before, the store knows.
public struct CheckedCode: Hashable, Sendable {
    /// What of it can be used once.
    public enum Proof: Hashable, Sendable {
        /// The time step of a code by the clock, and the seed that it was checked with.
        case step(Int64, sealedSeed: [UInt8])
        /// The digest of a recovery code.
        case recoveryCode(digest: [UInt8])
    }

    public let proof: Proof
    public let user: UserID
    public let tenant: TenantID
    public let now: Timestamp

    public init(_ proof: Proof, of user: UserID, in tenant: TenantID, at now: Timestamp) {
        self.proof = proof
        self.user = user
        self.tenant = tenant
        self.now = now
    }
}

/// What a code is presented for.
public enum CodePurpose: Hashable, Sendable {
    /// To be let in; nothing else is changed.
    case signIn
    /// To put a factor in force that is not yet, with these digests of recovery codes.
    case confirmation(recoveryCodes: [[UInt8]])
    /// To have these recovery codes and none from before.
    case renewal(recoveryCodes: [[UInt8]])
    /// To have no second factor any more.
    case removal
}
