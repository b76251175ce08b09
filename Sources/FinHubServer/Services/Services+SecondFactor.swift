public import FinHubAPI
import FinHubCore

extension Services {
    /// Takes the second factor from a user of a tenant that is named as in `X-Tenant-ID`.
    ///
    /// - Returns: How many active sessions that ended.
    /// - Throws: `SecondFactorRefusal`.
    public func withdrawSecondFactor(from user: UserID, inTenantNamed name: String) async throws -> Int {
        guard let tenant = tenants.tenant(named: name) else { throw SecondFactorRefusal.tenantNotFound }
        return try await secondFactors.withdraw(from: user, in: tenant.id, by: .operator)
    }
}
