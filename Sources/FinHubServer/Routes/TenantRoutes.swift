import FinHubAPI
import FinHubCore
import FinHubTokens
import HTTPTypes
import Hummingbird
import Logging

/// The caller's tenant: its session policy and its IP allowlist.
struct TenantRoutes: Sendable {
    let services: Services

    func add(to table: RouteTable) {
        table.add("/api/v2.1/admin/tenant/policy", [.get: showPolicy, .put: replacePolicy])
        let allowlist: RouterPath = "/api/v2.1/admin/tenant/ip-allowlist"
        table.add(allowlist, [.get: showAllowlist, .put: replaceAllowlist])
        table.add("\(allowlist)/dry-run", [.post: tryAllowlist])
    }

    @Sendable
    private func showPolicy(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        return Response(policy: try await services.tenantAdministration.tenant(caller.tenant).policy)
    }

    @Sendable
    private func replacePolicy(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let expected = try request.expectedVersions
        let policy = SessionPolicy(try await PolicyBody(request.jsonObject()))
        let new = try await services.tenantAdministration.replacePolicy(
            of: caller.tenant,
            with: policy,
            ifMatching: expected
        )
        context.logger.info("tenant_policy_changed", metadata: caller.logMetadata(ofEdition: new.version))
        return Response(policy: new)
    }

    @Sendable
    private func showAllowlist(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        return Response(allowlist: try await services.tenantAdministration.tenant(caller.tenant).allowlist)
    }

    @Sendable
    private func replaceAllowlist(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let expected = try request.expectedVersions
        let body = try await ReplaceAllowlistBody(request.jsonObject(limit: BodyLimit.allowlist))
        let address = services.clientAddress(of: request, in: context)
        let new = try await services.tenantAdministration.replaceAllowlist(
            of: caller.tenant,
            with: [NetworkRange](allowlist: body.ranges),
            keepingIn: body.isForced ? nil : ClientAt(address),
            ifMatching: expected
        )
        context.logger.info("tenant_allowlist_changed", metadata: caller.logMetadata(ofEdition: new.version))
        return Response(allowlist: new)
    }

    @Sendable
    private func tryAllowlist(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let body = try await AllowlistBody(request.jsonObject(limit: BodyLimit.allowlist))
        let ranges = try [NetworkRange](allowlist: body.ranges)
        let trial = try await services.tenantAdministration.trial(of: ranges, in: caller.tenant)
        let address = services.clientAddress(of: request, in: context)
        return Response(AllowlistTrialBody(trial, admitsCaller: AddressAllowlist(ranges).admits(address)))
    }
}

extension Request {
    /// Which editions the caller knows, by `If-Match`, which must be there.
    fileprivate var expectedVersions: (Int64) -> Bool {
        get throws {
            guard let tags = EntityTags(headers[values: .ifMatch]) else { throw Refusal.preconditionRequired }
            return { tags.contains($0.entityTag, weakly: false) }
        }
    }
}

extension Int64 {
    /// The strong entity tag of the edition with that number.
    fileprivate var entityTag: String { "\"\(self)\"" }
}

extension Response {
    fileprivate init(policy: Versioned<SessionPolicy>) {
        self.init(policy.value.body)
        headers[.eTag] = policy.version.entityTag
    }

    fileprivate init(allowlist: Versioned<[NetworkRange]>) {
        self.init(AllowlistBody(allowlist.value))
        headers[.eTag] = allowlist.version.entityTag
    }
}

extension Caller {
    fileprivate func logMetadata(ofEdition version: Int64) -> Logger.Metadata {
        ["tenant": "\(tenant)", "version": "\(version)", "by": "\(claims.user)"]
    }
}
