import FinHubAPI
import FinHubCore
import HTTPTypes
import Hummingbird

/// The protected resource of the reference (contract, *Protected resource*).
struct HierarchyRoutes: Sendable {
    let services: Services

    func add(to table: RouteTable) {
        table.add("/api/v2.1/customer/individual/categorization/hierarchy/{tenantId}", [.get: show, .put: replace])
    }

    @Sendable
    private func show(request: Request, context: APIContext) async throws -> Response {
        let tenant = try tenant(request, context)
        let tagged = try await services.hierarchies.hierarchy(of: tenant)
        let isKnown =
            EntityTags(request.headers[values: .ifNoneMatch])?.contains(tagged.entityTag, weakly: true) ?? false
        return response(tagged, isKnown: isKnown)
    }

    @Sendable
    private func replace(request: Request, context: APIContext) async throws -> Response {
        let tenant = try tenant(request, context)
        guard let expected = EntityTags(request.headers[values: .ifMatch]) else { throw Refusal.preconditionRequired }
        let body = try await CategorizationBody(request.jsonObject(limit: BodyLimit.hierarchy))
        let tagged = try await services.hierarchies.replace(of: tenant, with: body) {
            expected.contains($0, weakly: false)
        }
        return response(tagged, isKnown: false)
    }

    /// The tenant of the path, which must be the caller's.
    private func tenant(_ request: Request, _ context: APIContext) throws -> TenantID {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let tenant: TenantID = try context.identifier("tenantId")
        guard tenant == caller.tenant else { throw Refusal.tenantMismatch }
        return tenant
    }

    private func response(_ tagged: TaggedHierarchy, isKnown: Bool) -> Response {
        var response = isKnown ? Response(status: .notModified) : Response(HierarchyBody(tagged))
        response.headers[.eTag] = tagged.entityTag
        response.headers[.cacheControl] = "private, max-age=60"
        return response
    }
}

/// The entity tags of an `If-Match` or `If-None-Match` (RFC 9110, section 13.1).
struct EntityTags {
    private let tags: [String]

    /// `nil` when the header is missing.
    init?(_ values: [String]) {
        guard !values.isEmpty else { return nil }
        tags = values.flatMap { $0.split(separator: ",") }
            .map { $0.filter { $0 != " " && $0 != "\t" } }
    }

    /// Whether `tag` is among them; an asterisk stands for any.
    ///
    /// A weak tag matches only where that is enough.
    func contains(_ tag: String, weakly: Bool) -> Bool {
        tags.contains { $0 == "*" || $0 == tag || weakly && $0 == "W/" + tag }
    }
}
