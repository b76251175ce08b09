public import FinHubAPI
import Synchronization

/// What was ended and could still hold a token that has not expired: no database needed.
///
/// It holds single sessions and cut-offs. A cut-off is a number, not a time, for `iat` counts
/// whole seconds: "nothing of user U below epoch 7, save session S" is one entry, however many
/// sessions that ends.
public final class RevocationList: Sendable {
    /// How long an entry outlives the last token it concerns: a wall clock may be set two hours
    /// forward, entries be dropped, and the clock be set back; nothing ended may revive.
    public static let clockMargin: Duration = .seconds(2 * 3_600 + 300)

    private let entries = Mutex(Entries())

    public init() {}

    /// When the last token that was issued before `now` has expired, whichever that was.
    ///
    /// The clock may have been two hours ahead then, and set back since.
    public static func expiryOfTokensIssued(before now: Timestamp) -> Timestamp {
        now + .seconds(TokenFormat.longestLifetimeSeconds) + clockMargin
    }

    /// Lists a session that was ended.
    public func end(_ session: SessionID, superseded: Bool, tokensExpireBy moment: Timestamp) {
        entries.withLock { $0.end(session, superseded: superseded, until: moment) }
    }

    /// Refuses a user's tokens below `epoch`, but for those of the session spared.
    public func cutOff(user: UserID, below epoch: Int64, sparing spared: SessionID?, tokensExpireBy moment: Timestamp) {
        entries.withLock { $0.cutOff(user: user, CutOff(epoch: epoch, spared: spared, until: moment)) }
    }

    /// Refuses a tenant's tokens below `epoch`.
    public func cutOff(tenant: TenantID, below epoch: Int64, tokensExpireBy moment: Timestamp) {
        entries.withLock { $0.cutOff(tenant: tenant, CutOff(epoch: epoch, spared: nil, until: moment)) }
    }

    /// Throws when what `claims` stand for was ended.
    func requireNotEnded(_ claims: AccessClaims) throws(TokenError) {
        switch entries.withLock({ $0.verdict(on: claims) }) {
        case nil: return
        case .revoked?: throw .revoked(claims)
        case .superseded?: throw .superseded(claims)
        }
    }

    /// Drops the entries that no token can concern any more, at most a minute late.
    public func prune(now: Timestamp) {
        entries.withLock { $0.prune(before: now - Self.clockMargin) }
    }

    /// How many entries there are.
    public var count: Int {
        entries.withLock { $0.count }
    }
}

private struct CutOff {
    private(set) var epoch: Int64
    private(set) var spared: SessionID?
    /// From which epoch on the session is spared: what an earlier cut-off ended stays ended.
    private var sparedFrom: Int64 = .min
    private(set) var until: Timestamp

    init(epoch: Int64, spared: SessionID?, until: Timestamp) {
        self.epoch = epoch
        self.spared = spared
        self.until = until
    }

    func ends(_ session: SessionID, epoch other: Int64) -> Bool {
        other < epoch && (session != spared || other < sparedFrom)
    }

    /// Adds another cut-off, whichever of the two was made first.
    ///
    /// The higher epoch counts, and neither lets in what the other ends. The same one twice
    /// changes nothing.
    mutating func add(_ other: CutOff) {
        let until = max(until, other.until)
        defer { self.until = until }
        let lower = other.epoch < epoch ? other : self
        if other.epoch > epoch { self = other }
        sparedFrom = max(sparedFrom, lower.spared == spared ? lower.sparedFrom : lower.epoch)
    }
}

private struct Entries {
    enum Verdict {
        case revoked
        case superseded
    }

    private var sessions: [SessionID: (verdict: Verdict, until: Timestamp)] = [:]
    private var users: [UserID: CutOff] = [:]
    private var tenants: [TenantID: CutOff] = [:]
    /// The entries by the minute in which they may go, so that clearing up looks at those alone: it
    /// happens four times a second, and every token check waits for it.
    private var due: [Int64: Set<Subject>] = [:]

    var count: Int { sessions.count + users.count + tenants.count }

    mutating func end(_ session: SessionID, superseded: Bool, until moment: Timestamp) {
        let known = sessions[session]
        let verdict = known?.verdict ?? (superseded ? .superseded : .revoked)
        sessions[session] = (verdict, max(moment, known?.until ?? moment))
        file(.session(session))
    }

    mutating func cutOff(user: UserID, _ cutOff: CutOff) {
        users[user, default: cutOff].add(cutOff)
        file(.user(user))
    }

    mutating func cutOff(tenant: TenantID, _ cutOff: CutOff) {
        tenants[tenant, default: cutOff].add(cutOff)
        file(.tenant(tenant))
    }

    func verdict(on claims: AccessClaims) -> Verdict? {
        if let entry = sessions[claims.session] { return entry.verdict }
        if let cutOff = users[claims.user], cutOff.ends(claims.session, epoch: claims.userEpoch) { return .revoked }
        if let cutOff = tenants[claims.tenant], cutOff.ends(claims.session, epoch: claims.tenantEpoch) {
            return .revoked
        }
        return nil
    }

    /// Drops what may go by `moment`; an entry prolonged since it was filed stands in two places.
    mutating func prune(before moment: Timestamp) {
        for minute in due.keys where minute < Self.minute(of: moment) {
            for subject in due.removeValue(forKey: minute) ?? [] {
                guard let until = until(of: subject) else { continue }
                if until > moment { file(subject) } else { drop(subject) }
            }
        }
    }

    private mutating func file(_ subject: Subject) {
        guard let until = until(of: subject) else { return }
        due[Self.minute(of: until), default: []].insert(subject)
    }

    private func until(of subject: Subject) -> Timestamp? {
        switch subject {
        case .session(let session): sessions[session]?.until
        case .user(let user): users[user]?.until
        case .tenant(let tenant): tenants[tenant]?.until
        }
    }

    private mutating func drop(_ subject: Subject) {
        switch subject {
        case .session(let session): sessions[session] = nil
        case .user(let user): users[user] = nil
        case .tenant(let tenant): tenants[tenant] = nil
        }
    }

    private static func minute(of moment: Timestamp) -> Int64 {
        moment.seconds / 60
    }
}

/// What an entry is of.
private enum Subject: Hashable {
    case session(SessionID)
    case user(UserID)
    case tenant(TenantID)
}
