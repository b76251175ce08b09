import FinHubAPI
import FinHubCore
import FinHubTokens
import HTTPTypes
import Hummingbird
import Logging
import Metrics

/// An organization's users: list, create, look, change, delete.
struct UserRoutes: Sendable {
    let services: Services

    func add(to table: RouteTable) {
        table.add("/api/v2.1/admin/organization/{organizationId}/users", [.get: list, .post: create])
        table.add("/api/v2.1/admin/users/{userId}", [.get: show, .put: change, .delete: delete])
    }

    @Sendable
    private func list(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let organization: OrganizationID = try context.identifier("organizationId")
        let query = try UserListQuery(request.query)
        let page = try await services.userAccounts.page(
            UserQuery(organization: organization, prefix: query.prefix, after: query.after, limit: query.limit),
            in: caller.tenant
        )
        return Response(PageBody(page))
    }

    @Sendable
    private func create(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let organization: OrganizationID = try context.identifier("organizationId")
        let body = try await CreateUserBody(request.jsonObject())
        let order = NewUser(organization: organization, body)
        let (user, password) = try await services.userAccounts.create(
            order,
            in: caller.tenant,
            by: Administrator(caller.claims)
        )
        context.logger.info("user_created", metadata: caller.logMetadata(about: user.id))
        var response = Response(
            envelope: Envelope(
                code: 201,
                message: "User created",
                data: NewUserBody(user: UserBody(user), temporaryPassword: password)
            ),
            status: .created
        )
        response.headers[.location] = "/api/v2.1/admin/users/\(user.id)"
        response.headers[.eTag] = user.entityTag
        return response
    }

    @Sendable
    private func show(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let user = try await services.userAccounts.user(context.identifier("userId"), in: caller.tenant)
        return response(user)
    }

    @Sendable
    private func change(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let id: UserID = try context.identifier("userId")
        guard let expected = EntityTags(request.headers[values: .ifMatch]) else { throw Refusal.preconditionRequired }
        let body = try await ChangeUserBody(request.jsonObject())
        let (user, ended) = try await services.userAccounts.change(
            id,
            in: caller.tenant,
            to: UserState(body),
            by: Administrator(caller.claims)
        ) { expected.contains($0.entityTag, weakly: false) }
        services.metrics.ends.increment(by: ended)
        context.logger.info("user_updated", metadata: caller.logMetadata(about: id))
        return response(user)
    }

    @Sendable
    private func delete(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let id: UserID = try context.identifier("userId")
        let expected = EntityTags(request.headers[values: .ifMatch])
        let ended = try await services.userAccounts.delete(
            id,
            in: caller.tenant,
            by: Administrator(caller.claims)
        ) { expected?.contains($0.entityTag, weakly: false) ?? true }
        services.metrics.ends.increment(by: ended)
        context.logger.info("user_deleted", metadata: caller.logMetadata(about: id))
        return Response(envelope: Envelope(message: "User deleted", data: EndedBody(ended: ended)))
    }

    private func response(_ user: User) -> Response {
        var response = Response(UserBody(user))
        response.headers[.eTag] = user.entityTag
        return response
    }
}

extension User {
    /// With its quotes (RFC 9110, section 8.8.3).
    fileprivate var entityTag: String { "\"\(version)\"" }
}
