import FinHubAPI
import FinHubCore
import FinHubTokens
import HTTPTypes
import Hummingbird
import Logging
import Metrics

/// The routes of sessions (contract, *Sessions*).
///
/// Each handler decodes, calls one service method and encodes; no rule lives here.
struct SessionRoutes: Sendable {
    let services: Services

    func add(to table: RouteTable) {
        let sessions: RouterPath = "/api/v2.1/admin/sessions"
        let ofUser: RouterPath = "/api/v2.1/admin/organization/{organizationId}/users/{userId}/sessions"
        table.add(ofUser, [.post: create, .get: list, .delete: endAll])
        table.add("\(sessions)/current", [.get: current])
        table.add("\(sessions)/introspect", [.post: introspect])
        table.add("\(sessions)/{sessionId}", [.get: show, .delete: end])
        table.add("\(sessions)/{sessionId}/refresh", [.post: refresh])
    }

    @Sendable
    private func create(request: Request, context: APIContext) async throws -> Response {
        let tenantName = try request.tenantName
        let (organization, user) = try context.organizationAndUser
        let body = try await CreateSessionBody(request.jsonObject())
        let address = services.clientAddress(of: request, in: context)
        let order = LoginOrder(
            tenantName: tenantName,
            organization: organization,
            user: user,
            username: body.username,
            password: body.password,
            tenantKey: body.tenantKey,
            tenantSecret: body.tenantSecret,
            otp: body.otp,
            address: address,
            client: services.clientDetails(of: request, at: address),
            onLock: context.lockLog(services.metrics),
            onWrongOTP: { context.logWrongOTP(of: user) }
        )
        let issued: IssuedTokens
        do {
            issued = try await services.logins.open(order) { tenant in
                try services.limits.admit(tenant, from: context.peer)
            }
        } catch let refusal where refusal is LoginRefusal || refusal is GuessRefusal {
            services.metrics.refusedLogins.increment()
            context.logger.warning(
                "authn_login_fail",
                metadata: [
                    "reason": "\(refusal)", "tenant": "\(tenantName)", "user": "\(user)",
                    "client": "\(order.client.address ?? "")", "agent": "\(order.client.userAgent ?? "")",
                ]
            )
            throw refusal
        }
        services.metrics.logins.increment()
        services.metrics.ends.increment(by: issued.superseded.count)
        context.logger.info("authn_login_success", metadata: issued.session.logMetadata)
        for session in issued.superseded {
            context.logger.info(
                "session_superseded",
                metadata: ["session": "\(session)", "by": "\(issued.session.id)"]
            )
        }
        return Response(TokensBody(issued, message: "Session created successfully"))
    }

    @Sendable
    private func refresh(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.callerMaybeExpired(of: request, from: context.peer)
        let session = try context.sessionID
        let body = try await RefreshSessionBody(request.jsonObject())
        do {
            let issued = try await services.sessions.refresh(
                session,
                with: body.refreshToken,
                from: services.callingClient(of: request, in: context),
                bearer: caller.claims
            )
            services.metrics.refreshes.increment()
            context.debugLogger?.debug("session_renewed", metadata: issued.session.logMetadata)
            return Response(TokensBody(issued, message: "Session refreshed successfully"))
        } catch SessionRefusal.refreshTokenReused(let session) {
            services.metrics.reuses.increment()
            context.logger.warning(
                "authn_token_reuse",
                metadata: ["session": "\(session)", "tenant": "\(caller.tenant)"]
            )
            throw SessionRefusal.refreshTokenReused(session)
        }
    }

    @Sendable
    private func current(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let claims = caller.claims
        guard let identity = try await services.users.identity(of: claims.user, in: claims.tenant),
            let tenant = services.tenants.tenant(claims.tenant)
        else { throw SessionRefusal.revoked }
        return Response(CurrentSessionBody(claims, identity: identity, tenant: tenant, now: services.now()))
    }

    @Sendable
    private func show(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let session = try await services.sessions.session(context.sessionID, in: caller.tenant)
        return Response(SessionBody(session, now: services.now()))
    }

    @Sendable
    private func list(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let (organization, user) = try context.organizationAndUser
        let query = try SessionListQuery(request.query)
        let page = try await services.sessions.page(
            SessionQuery(
                user: user,
                organization: organization,
                status: query.status,
                now: services.now(),
                after: query.after,
                limit: query.limit
            ),
            in: caller.tenant
        )
        return Response(PageBody(page, now: services.now()))
    }

    @Sendable
    private func end(request: Request, context: APIContext) async throws -> Response {
        let session = try context.sessionID
        if let caller = try services.gate.ender(of: session, in: request, from: context.peer) {
            try await services.sessions.end(session, in: caller.tenant)
            services.metrics.ends.increment()
            context.logger.info("session_ended", metadata: ["session": "\(session)", "by": "\(caller.claims.user)"])
        }
        return Response(envelope: Envelope<EndedBody>(message: "Session ended", data: nil))
    }

    @Sendable
    private func endAll(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let (organization, user) = try context.organizationAndUser
        let sparesCurrent = try request.query.sparesCurrent
        let ended = try await services.sessions.endAll(
            of: user,
            organization: organization,
            in: caller.tenant,
            sparing: sparesCurrent ? caller.claims.session : nil
        )
        services.metrics.ends.increment(by: ended)
        context.logger.info("user_sessions_ended", metadata: ["user": "\(user)", "by": "\(caller.claims.user)"])
        return Response(EndedBody(ended: ended))
    }

    @Sendable
    private func introspect(request: Request, context: APIContext) async throws -> Response {
        let tenantName = try request.tenantName
        let basic = try BasicCredentials(request.authorization)
        let body = try await IntrospectBody(request.jsonObject())
        let guess = services.guess(atTenantNamed: tenantName, request, context)
        let tenant = try await services.guesses.provingTenant(services.guesses.record(of: guess)) {
            try await services.credentials.tenant(
                named: tenantName,
                key: basic.key,
                secret: basic.secret,
                by: services.clientDetails(of: request, at: services.clientAddress(of: request, in: context))
            )
        }
        try services.gate.admit(backendOf: tenant.id, in: request, from: context.peer)
        return Response(services.introspection(of: body.token, in: tenant.id))
    }
}

extension APIContext {
    /// The identifier in the path.
    fileprivate var sessionID: SessionID {
        get throws { try identifier("sessionId") }
    }

    fileprivate var organizationAndUser: (OrganizationID, UserID) {
        get throws { (try identifier("organizationId"), try identifier("userId")) }
    }

    /// A path parameter that must be a UUID.
    func identifier<Named>(_ name: String) throws -> ID<Named> {
        guard let id = parameters.get(name).flatMap({ ID<Named>($0) }) else {
            throw Refusal.invalid(name, "must be a UUID")
        }
        return id
    }
}

extension Session {
    fileprivate var logMetadata: Logger.Metadata {
        ["session": "\(id)", "tenant": "\(tenant)", "user": "\(user)", "client": "\(client.address ?? "")"]
    }
}
