public import FinHubAPI
import FinHubCore
import Hummingbird
import Logging
import Metrics

extension Services {
    /// An attempt to prove a tenant's key and secret.
    func guess(atTenantNamed name: String, _ request: Request, _ context: APIContext) -> Guess {
        guess(at: tenants.tenant(named: name)?.id, named: name, request, context)
    }

    /// An attempt to prove what a user alone knows, in a call of that user.
    func guess(at user: UserID, in tenant: TenantID, _ request: Request, _ context: APIContext) -> Guess {
        guess(at: tenant, user: user, request, context)
    }

    private func guess(
        at tenant: TenantID?,
        named name: String? = nil,
        user: UserID? = nil,
        _ request: Request,
        _ context: APIContext
    ) -> Guess {
        Guess(
            from: callingClient(of: request, in: context),
            at: tenant,
            named: name,
            user: user,
            onLock: context.lockLog(metrics)
        )
    }

    /// Forgets all failures that keep anybody out from a user of a tenant that is named as in `X-Tenant-ID`.
    ///
    /// - Throws: `UserRefusal`.
    public func unlock(_ user: UserID, inTenantNamed name: String) async throws {
        try await userAccounts.unlock(user, in: tenantID(named: name), by: .operator)
    }
}

extension APIContext {
    /// Logs that somebody has to wait after too many failures.
    func lockLog(_ metrics: SessionMetrics) -> @Sendable (GuessLock) -> Void {
        { lock in
            metrics.locks.increment()
            var metadata: Logger.Metadata = [
                "scope": "\(lock.scope.rawValue)", "seconds": "\(lock.wait.components.seconds)",
            ]
            if let tenant = lock.tenant { metadata["tenant"] = "\(tenant)" }
            if let user = lock.user { metadata["user"] = "\(user)" }
            if let client = lock.client { metadata["client"] = "\(client)" }
            logger.warning("authn_login_lock", metadata: metadata)
        }
    }
}
