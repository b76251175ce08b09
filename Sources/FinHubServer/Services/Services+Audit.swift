public import FinHubAPI
public import FinHubCore

/// What the operator does with audit logs at the data folder; the tenant is named as in `X-Tenant-ID`.
///
/// Every function throws `UserRefusal/tenantNotFound` where there is no such tenant.
extension Services {
    /// The log's newest entries, `limit` of them at most, newest first.
    public func auditEntries(limit: Int, ofTenantNamed name: String) async throws -> [AuditEntryBody] {
        let tenant = try tenantID(named: name)
        return try await audit.page(AuditQuery(limit: limit), in: tenant).entries.map(AuditEntryBody.init)
    }

    /// Checks every entry of the log.
    public func verifyAudit(
        ofTenantNamed name: String,
        holding anchor: AuditAnchor?,
        progress: (_ checked: Int64, _ of: Int64) -> Void
    ) async throws -> AuditVerdict {
        try await audit.verify(tenantID(named: name), holding: anchor, progress: progress)
    }

    /// Destroys the key of a user's personal data in the log; whether there was one.
    public func eraseFromAudit(_ user: UserID, ofTenantNamed name: String) async throws -> Bool {
        try await audit.erase(user, in: tenantID(named: name))
    }
}
