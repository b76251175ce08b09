import FinHubAPI
import FinHubCore
import FinHubTokens
import HTTPTypes
import Hummingbird
import Logging
import Metrics

/// Passwords: one's own, somebody else's, one that is too old to sign in with.
struct CredentialsRoutes: Sendable {
    let services: Services

    func add(to table: RouteTable) {
        table.add("/api/v2.1/admin/users/{userId}/credentials", [.put: set, .post: changeExpired])
        table.add("/api/v2.1/admin/users/login/reset", [.post: reset])
    }

    @Sendable
    private func set(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer, allowing: .password)
        let user: UserID = try context.identifier("userId")
        if user == caller.claims.user { return try await changeOwn(caller, request, context) }
        if let restriction = caller.claims.restriction { throw AccessObjection.restricted(restriction) }
        let body = try await SetPasswordBody(request.jsonObject(), isOwn: false)
        let (_, ended) = try await services.passwords.reset(
            to: body.newPassword,
            of: user,
            in: caller.tenant,
            by: Administrator(caller.claims)
        )
        context.logger.info("password_reset", metadata: caller.logMetadata(about: user))
        return answer(ended)
    }

    private func changeOwn(_ caller: Caller, _ request: Request, _ context: APIContext) async throws -> Response {
        let body = try await SetPasswordBody(request.jsonObject(), isOwn: true)
        let guess = services.guess(at: caller.claims.user, in: caller.tenant, request, context)
        let tenant = "\(caller.tenant)"
        let ended = try await services.loggingWrongPassword(of: caller.claims.user, in: tenant, request, context) {
            try await services.passwords.changeOwn(
                guess,
                of: caller.claims,
                from: body.currentPassword ?? Secret(""),
                to: body.newPassword
            )
        }
        context.logger.info("password_changed", metadata: caller.logMetadata(about: caller.claims.user))
        return answer(ended)
    }

    /// For who has no session, as the password is too old: the tenant's key and secret come by HTTP Basic.
    @Sendable
    private func changeExpired(request: Request, context: APIContext) async throws -> Response {
        let tenantName = try request.tenantName
        let user: UserID = try context.identifier("userId")
        let basic = try BasicCredentials(request.authorization)
        let body = try await ExpiredPasswordBody(request.jsonObject())
        let address = services.clientAddress(of: request, in: context)
        let order = LoginOrder(
            tenantName: tenantName,
            organization: nil,
            user: user,
            username: body.username,
            password: body.currentPassword,
            tenantKey: basic.key,
            tenantSecret: basic.secret,
            otp: body.otp,
            address: address,
            client: services.clientDetails(of: request, at: address),
            onLock: context.lockLog(services.metrics),
            onWrongOTP: { context.logWrongOTP(of: user) }
        )
        let ended = try await services.loggingWrongPassword(of: user, in: tenantName, request, context) {
            try await services.passwords.changeSignedOut(order, to: body.newPassword) { tenant in
                try services.limits.admit(tenant, from: context.peer)
            }
        }
        context.logger.info("password_changed", metadata: ["tenant": "\(tenantName)", "user": "\(user)"])
        return answer(ended)
    }

    @Sendable
    private func reset(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let user = try await ResetPasswordBody(request.jsonObject()).user
        let (password, ended) = try await services.passwords.reset(
            of: user,
            in: caller.tenant,
            by: Administrator(caller.claims)
        )
        services.metrics.ends.increment(by: ended)
        context.logger.info("password_reset", metadata: caller.logMetadata(about: user))
        return Response(
            envelope: Envelope(
                message: "Password reset",
                data: password.map { TemporaryPasswordBody(user: user, temporaryPassword: $0, ended: ended) }
            )
        )
    }

    private func answer(_ ended: Int) -> Response {
        services.metrics.ends.increment(by: ended)
        return Response(envelope: Envelope(message: "Password changed", data: EndedBody(ended: ended)))
    }
}

extension Services {
    /// Whoever does not know the present password may be guessing at it.
    func loggingWrongPassword<Output>(
        of user: UserID,
        in tenant: String,
        _ request: Request,
        _ context: APIContext,
        as event: Logger.Message = "authn_password_change_fail",
        _ body: () async throws -> Output
    ) async throws -> Output {
        do {
            return try await body()
        } catch let refusal where refusal is LoginRefusal || refusal is GuessRefusal {
            let address = clientAddress(of: request, in: context)
            context.logger.warning(
                event,
                metadata: [
                    "reason": "\(refusal)", "tenant": "\(tenant)", "user": "\(user)",
                    "client": "\(address.map { "\($0)" } ?? "")",
                ]
            )
            throw refusal
        }
    }
}
