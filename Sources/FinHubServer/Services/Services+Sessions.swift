public import FinHubAPI
public import FinHubCore

/// What the operator does with sessions at the data folder; the tenant is named as in `X-Tenant-ID`.
///
/// Every function throws `SessionRefusal`, or `UserRefusal` where the tenant or the user is not there.
extension Services {
    /// A user's sessions, `limit` of them at most, newest first.
    public func sessions(
        of user: UserID,
        _ status: SessionQuery.Status,
        limit: Int,
        ofTenantNamed name: String
    ) async throws -> [SessionBody] {
        let (tenant, now) = (try tenantID(named: name), now())
        let query = SessionQuery(
            user: user,
            organization: try await userAccounts.user(user, in: tenant).organization,
            status: status,
            now: now,
            limit: limit
        )
        return try await sessions.page(query, in: tenant).sessions.map { SessionBody($0, now: now) }
    }

    /// One session.
    public func session(_ id: SessionID, ofTenantNamed name: String) async throws -> SessionBody {
        SessionBody(try await sessions.session(id, in: tenantID(named: name)), now: now())
    }

    /// Ends a session; ending one twice is no error.
    public func endSession(_ id: SessionID, ofTenantNamed name: String) async throws {
        try await sessions.end(id, in: tenantID(named: name))
    }

    /// Ends all of a user's sessions; how many were active.
    public func endSessions(of user: UserID, ofTenantNamed name: String) async throws -> Int {
        let tenant = try tenantID(named: name)
        let organization = try await userAccounts.user(user, in: tenant).organization
        return try await sessions.endAll(of: user, organization: organization, in: tenant, sparing: nil)
    }
}
