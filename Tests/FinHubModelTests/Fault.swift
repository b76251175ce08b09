import FinHubAPI
import FinHubCore

/// A way for a store to break the rules, which the histories must find out.
enum Fault: CaseIterable, Sendable {
    /// A refresh moves on whatever generation is presented: the update has lost its condition.
    case unconditionalRotation
    /// The token before the one just replaced may be retried too: the rule is off by one.
    case reuseOffByOne
    /// A retry is good for ever.
    case endlessRetry
    /// Ending all of a user's sessions ends the one to be spared.
    case nobodySpared
    /// Ending all of a user's sessions counts the expired ones as well.
    case expiredCounted
    /// A login of a user who may have one session alone leaves the other as it is.
    case nobodyEvicted
    /// The feed does not tell which sessions were ended, so a restarted server lets them in.
    case forgetfulFeed
}

/// The real stores, but for one fault.
struct FaultyStore {
    private let fault: Fault
    private let sessions: any SessionStore
    private let changes: any ChangeFeed

    /// `stores` with the fault in them.
    static func stores(_ stores: Stores, with fault: Fault) -> Stores {
        let faulty = FaultyStore(fault: fault, sessions: stores.sessions, changes: stores.changes)
        return Stores(
            sessions: faulty,
            directory: stores.directory,
            changes: faulty,
            failures: stores.failures,
            secondFactors: stores.secondFactors,
            users: stores.users,
            tenants: stores.tenants,
            credentials: stores.credentials,
            reminders: stores.reminders,
            audit: stores.audit
        )
    }
}

extension FaultyStore: SessionStore {
    func insert(
        _ session: Session,
        within limit: ConcurrentSessions?,
        noting note: AuditNote<InsertOutcome>
    ) async throws -> InsertOutcome {
        try await sessions.insert(session, within: fault == .nobodyEvicted ? nil : limit, noting: note)
    }

    func session(_ id: SessionID, in tenant: TenantID) async throws -> Session? {
        try await sessions.session(id, in: tenant)
    }

    func rotate(_ rotation: Rotation) async throws -> RotationOutcome {
        let outcome = try await sessions.rotate(rotation)
        guard case .stale(var session) = outcome, session.ending == nil else { return outcome }
        switch fault {
        case .unconditionalRotation where rotation.presented < session.generation:
            return try await rotate(rotation.presenting(session.generation))
        case .reuseOffByOne where rotation.presented < session.generation - 1:
            session.generation -= 1
        case .endlessRetry:
            session.refreshedAt = rotation.now
        default:
            break
        }
        return .stale(session)
    }

    func end(
        _ id: SessionID,
        in tenant: TenantID,
        for reason: EndReason,
        at now: Timestamp,
        noting note: AuditNote<EndOutcome>
    ) async throws -> EndOutcome {
        try await sessions.end(id, in: tenant, for: reason, at: now, noting: note)
    }

    func endAll(
        of user: UserID,
        organization: OrganizationID,
        in tenant: TenantID,
        sparing spared: SessionID?,
        at now: Timestamp,
        tokensExpireBy: Timestamp,
        noting note: AuditNote<CutOffOutcome>
    ) async throws -> CutOffOutcome? {
        try await sessions.endAll(
            of: user,
            organization: organization,
            in: tenant,
            sparing: fault == .nobodySpared ? nil : spared,
            at: fault == .expiredCounted ? now - .seconds(86_400) : now,
            tokensExpireBy: tokensExpireBy,
            noting: note
        )
    }

    func sessions(matching query: SessionQuery, in tenant: TenantID) async throws -> [Session]? {
        try await sessions.sessions(matching: query, in: tenant)
    }

    func settleCutOffs(limit: Int, at now: Timestamp) async throws -> Int {
        try await sessions.settleCutOffs(limit: limit, at: now)
    }

    func retireSessions(over moment: Timestamp, limit: Int) async throws -> Int {
        try await sessions.retireSessions(over: moment, limit: limit)
    }

    func removeSessions(over moment: Timestamp, limit: Int) async throws -> Int {
        try await sessions.removeSessions(over: moment, limit: limit)
    }
}

extension FaultyStore: ChangeFeed {
    func changes(after sequence: Int64, limit: Int) async throws -> [Change] {
        let all = try await changes.changes(after: sequence, limit: limit)
        guard fault == .forgetfulFeed else { return all }
        return all.filter { change in
            if case .sessionEnded = change.kind { return false }
            return true
        }
    }

    func removeChanges(over moment: Timestamp, limit: Int) async throws -> Int {
        try await changes.removeChanges(over: moment, limit: limit)
    }
}

extension Rotation {
    /// The same with another generation; the token itself is still proven as the one it is.
    fileprivate func presenting(_ generation: Int64) -> Rotation {
        Rotation(
            session: session,
            tenant: tenant,
            presented: generation,
            now: now,
            expiresAt: expiresAt,
            isProven: isProven
        )
    }
}
