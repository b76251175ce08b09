import FinHubAPI
import FinHubCore
import FinHubTokens
import Hummingbird
import Logging

/// The keys and secrets of the caller's tenant: list, rotate, revoke, and who uses them.
struct TenantCredentialRoutes: Sendable {
    let services: Services

    func add(to table: RouteTable) {
        let credentials: RouterPath = "/api/v2.1/admin/tenant/credentials"
        table.add(credentials, [.get: list, .post: rotate])
        table.add("\(credentials)/{tenantKey}", [.delete: revoke])
        table.add("\(credentials)/{tenantKey}/clients", [.get: clients])
    }

    @Sendable
    private func list(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let listed = try await services.tenantCredentials.credentials(of: caller.tenant)
        let now = services.now()
        return Response(ItemsBody(items: listed.map { CredentialBody($0, now: now) }))
    }

    @Sendable
    private func rotate(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let body = try await RotateCredentialBody(request.jsonObject())
        let overlap = body.overlapSeconds.map { Duration.seconds($0) } ?? CredentialService.standardOverlap
        let rotation = try await services.tenantCredentials.rotate(in: caller.tenant, overlap: overlap)
        context.logger.info("tenant_credential_created", metadata: caller.logMetadata(key: rotation.new.key))
        return Response(
            envelope: Envelope(code: 201, message: "Tenant credential created", data: RotatedCredentialBody(rotation)),
            status: .created
        )
    }

    @Sendable
    private func revoke(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let (key, isForced) = (context.tenantKey, try request.query.isForced)
        try await services.tenantCredentials.revoke(key, of: caller.tenant, evenLast: isForced)
        context.logger.info("tenant_credential_revoked", metadata: caller.logMetadata(key: key))
        return Response(envelope: Envelope<CredentialBody>(message: "Tenant credential revoked", data: nil))
    }

    @Sendable
    private func clients(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let clients = try await services.tenantCredentials.clients(of: context.tenantKey, in: caller.tenant)
        return Response(ItemsBody(items: clients.map(CredentialClientBody.init)))
    }
}

extension Query {
    /// Whether `force=true` is given.
    fileprivate var isForced: Bool {
        get throws {
            switch self["force"] {
            case nil, "false"?: return false
            case "true"?: return true
            default: throw Refusal.invalid("force", "must be true or false")
            }
        }
    }
}

extension APIContext {
    /// The key in the path: any text is one, though only some of them exist.
    fileprivate var tenantKey: String { parameters.get("tenantKey") ?? "" }
}

extension Caller {
    fileprivate func logMetadata(key: String) -> Logger.Metadata {
        ["tenant": "\(tenant)", "key": "\(key)", "by": "\(claims.user)"]
    }
}
