public import FinHubAPI
import FinHubCore
import Hummingbird
import Logging
import Metrics

extension Services {
    /// An attempt to prove a tenant's key and secret.
    func guess(atTenantNamed name: String, _ request: Request, _ context: APIContext) -> Guess {
        guess(at: tenants.tenant(named: name)?.id, request, context)
    }

    /// An attempt to prove what a user alone knows, in a call of that user.
    func guess(at user: UserID, in tenant: TenantID, _ request: Request, _ context: APIContext) -> Guess {
        guess(at: tenant, user: user, request, context)
    }

    private func guess(
        at tenant: TenantID?,
        user: UserID? = nil,
        _ request: Request,
        _ context: APIContext
    ) -> Guess {
        Guess(
            from: callingClient(of: request, in: context),
            at: tenant,
            user: user,
            onLock: context.lockLog(metrics)
        )
    }

    /// Forgets all failures that keep anybody out from a user.
    ///
    /// - Throws: ``UnlockRefusal/userNotFound``.
    func unlock(_ user: UserID, in tenant: TenantID) async throws {
        guard let identity = try await users.identity(of: user, in: tenant) else { throw UnlockRefusal.userNotFound }
        try await guesses.unlock(identity.user)
    }

    /// The same for a tenant that is named as in `X-Tenant-ID`.
    ///
    /// - Throws: ``UnlockRefusal``.
    public func unlock(_ user: UserID, inTenantNamed name: String) async throws {
        guard let tenant = tenants.tenant(named: name) else { throw UnlockRefusal.tenantNotFound }
        try await unlock(user, in: tenant.id)
    }
}

/// Why nobody was unlocked.
public enum UnlockRefusal: Error, Hashable, Sendable {
    case tenantNotFound
    case userNotFound
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
