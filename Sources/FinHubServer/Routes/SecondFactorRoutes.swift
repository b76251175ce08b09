import FinHubAPI
import FinHubCore
import FinHubTokens
import Hummingbird
import Logging
import Metrics

/// A user's second factor: look, enrol, confirm, renew the recovery codes, remove.
struct SecondFactorRoutes: Sendable {
    let services: Services

    func add(to table: RouteTable) {
        let factor: RouterPath = "/api/v2.1/admin/users/{userId}/second-factor"
        table.add(factor, [.get: show, .post: begin, .put: confirm, .delete: remove])
        table.add("\(factor)/recovery-codes", [.post: renewRecoveryCodes])
    }

    @Sendable
    private func show(request: Request, context: APIContext) async throws -> Response {
        let (caller, user) = try enroller(of: request, context)
        let factor = try await services.secondFactors.factor(of: user, in: caller.tenant)
        return Response(SecondFactorBody(factor))
    }

    @Sendable
    private func begin(request: Request, context: APIContext) async throws -> Response {
        let (caller, user) = try enroller(of: request, context)
        let enrolment = try await services.secondFactors.begin(
            for: user,
            by: caller.claims,
            proving: { try await provePassword(caller, request, context) }
        )
        context.logger.info("second_factor_begun", metadata: caller.logMetadata(about: user))
        return Response(EnrolmentBody(secret: enrolment.secret, otpauthURI: enrolment.uri))
    }

    private func provePassword(_ caller: Caller, _ request: Request, _ context: APIContext) async throws {
        let password = try await BeginSecondFactorBody(request.jsonObject()).currentPassword
        let guess = services.guess(at: caller.claims.user, in: caller.tenant, request, context)
        try await services.loggingWrongPassword(
            of: caller.claims.user,
            in: "\(caller.tenant)",
            request,
            context,
            as: "authn_otp_begin_fail"
        ) {
            try await services.passwords.prove(password, of: caller.claims, as: guess)
        }
    }

    @Sendable
    private func confirm(request: Request, context: APIContext) async throws -> Response {
        let (caller, user) = try enroller(of: request, context)
        let otp = try await OTPBody(request.jsonObject()).otp
        let codes = try await checkingCode(of: user, caller, request, context) {
            try await services.secondFactors.confirm(otp, of: user, in: caller.tenant, by: caller.claims.user)
        }
        context.logger.info("second_factor_enrolled", metadata: caller.logMetadata(about: user))
        return Response(RecoveryCodesBody(recoveryCodes: codes))
    }

    @Sendable
    private func renewRecoveryCodes(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let user: UserID = try context.identifier("userId")
        let otp = try await OTPBody(request.jsonObject()).otp
        let codes = try await checkingCode(of: user, caller, request, context) {
            try await services.secondFactors.renewRecoveryCodes(
                otp,
                of: user,
                in: caller.tenant,
                by: caller.claims.user
            )
        }
        context.logger.info("recovery_codes_renewed", metadata: caller.logMetadata(about: user))
        return Response(RecoveryCodesBody(recoveryCodes: codes))
    }

    /// One's own factor goes with a code; somebody else's goes without, and takes that user's sessions with it.
    @Sendable
    private func remove(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let user: UserID = try context.identifier("userId")
        if user == caller.claims.user {
            let otp = try await OTPBody(request.jsonObject()).otp
            try await checkingCode(of: user, caller, request, context) {
                try await services.secondFactors.remove(otp, of: user, in: caller.tenant)
            }
        } else {
            let ended = try await services.secondFactors.withdraw(
                from: user,
                in: caller.tenant,
                by: Administrator(caller.claims)
            )
            services.metrics.ends.increment(by: ended)
        }
        context.logger.info("second_factor_removed", metadata: caller.logMetadata(about: user))
        return Response(envelope: Envelope<SecondFactorBody>(message: "Second factor removed", data: nil))
    }

    /// The caller and the user in the path; for the own one, a token will do that is good for enrolling alone.
    private func enroller(of request: Request, _ context: APIContext) throws -> (Caller, UserID) {
        let caller = try services.gate.caller(of: request, from: context.peer, allowing: .secondFactor)
        let user: UserID = try context.identifier("userId")
        if let restriction = caller.claims.restriction, user != caller.claims.user {
            throw AccessObjection.restricted(restriction)
        }
        return (caller, user)
    }

    /// Runs `body`, which checks a code of the user's; a wrong one is a failed guess.
    private func checkingCode<Output>(
        of user: UserID,
        _ caller: Caller,
        _ request: Request,
        _ context: APIContext,
        _ body: () async throws -> Output
    ) async throws -> Output {
        let guess = services.guess(at: user, in: caller.tenant, request, context)
        do {
            return try await services.guesses.provingUser(
                services.guesses.record(of: guess),
                signsIn: false,
                isWrong: { $0 as? SecondFactorRefusal == .wrongCode },
                body
            )
        } catch SecondFactorRefusal.wrongCode {
            context.logWrongOTP(of: user)
            throw SecondFactorRefusal.wrongCode
        }
    }
}

extension SecondFactorBody {
    fileprivate init(_ factor: SecondFactor?) {
        self.init(
            isEnrolled: factor != nil,
            confirmedAt: factor?.confirmedAt,
            recoveryCodesLeft: factor?.recoveryCodesLeft ?? 0
        )
    }
}

extension Caller {
    func logMetadata(about user: UserID) -> Logger.Metadata {
        ["tenant": "\(tenant)", "user": "\(user)", "by": "\(claims.user)"]
    }
}

extension APIContext {
    /// Logs that a second factor's code was wrong or used before; never the code.
    func logWrongOTP(of user: UserID) {
        logger.warning("authn_otp_fail", metadata: ["user": "\(user)"])
    }
}
