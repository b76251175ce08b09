import FinHubAPI
import FinHubCore
import FinHubTokens
import HTTPTypes

/// The one place where the domain's errors get a status, a code and a sentence; the suggestions
/// are the *Solution* lines of the reference's troubleshooting list.
extension Refusal {
    init(_ error: LoginRefusal) {
        switch error {
        case .invalidTenantCredentials:
            self.init(
                .forbidden,
                .invalidTenantCredentials,
                "Tenant, tenant key and tenant secret do not belong together.",
                suggestions: ["Regenerate tenant keys in Admin Portal", "Check the X-Tenant-ID header"]
            )
        case .ipNotAllowed:
            self.init(AccessObjection.ipNotAllowed)
        case .tenantSuspended:
            self.init(AccessObjection.tenantSuspended)
        case .invalidCredentials:
            self.init(
                .unauthorized,
                .invalidCredentials,
                "User name, password, organization and user do not belong together.",
                suggestions: ["Verify credentials in Admin Portal"]
            )
        case .accountDisabled:
            self.init(
                .unauthorized,
                .accountDisabled,
                "The user account is disabled.",
                suggestions: ["Check if account is active"]
            )
        case .passwordExpired:
            self.init(expiredPassword: ())
        case .adminRoleRequired:
            self.init(
                .forbidden,
                .adminRoleRequired,
                "The user does not have admin privileges.",
                suggestions: ["Ensure user has ADMIN role"]
            )
        case .sessionLimitReached:
            self.init(
                .conflict,
                .sessionLimitReached,
                "The user has as many sessions as the tenant's policy allows.",
                suggestions: [
                    "End another session of the user, with DELETE /api/v2.1/admin/sessions/{sessionId}",
                    "Implement single session per user", "Check session management policies",
                ]
            )
        case .otpRequired:
            self.init(
                .unauthorized,
                .otpRequired,
                "The user has a second factor, and the request has no code of it.",
                suggestions: ["Send the six digits that the authenticator app shows, or a recovery code, as otp"]
            )
        }
    }

    init(_ error: SessionRefusal) {
        let reauthenticate = ["Create new session"]
        switch error {
        case .notFound:
            self.init(.notFound, .sessionNotFound, "There is no such session or user in this tenant.")
        case .invalidRefreshToken:
            self.init(
                .unauthorized,
                .invalidRefreshToken,
                "The refresh token is not one of this session.",
                suggestions: ["Send the refresh token of the last answer, with the session and token it came with"]
            )
        case .refreshTokenReused:
            self.init(
                .unauthorized,
                .refreshTokenReused,
                "A replaced refresh token was used, so somebody else may hold it. The session was ended.",
                suggestions: reauthenticate + ["Find out where the token leaked"]
            )
        case .expired:
            self.init(
                .unauthorized,
                .sessionExpired,
                "The session's time is over.",
                suggestions: ["Re-authenticate if refresh fails", "Implement automatic refresh before expiry"]
            )
        case .tokenExpired:
            self.init(expiredToken: ())
        case .revoked:
            self.init(revokedSession: ())
        case .superseded:
            self.init(supersededSession: ())
        case .passwordExpired:
            self.init(expiredPassword: ())
        }
    }

    init(_ error: GuessRefusal) {
        switch error {
        case .tooManyAttempts(let wait):
            self.init(
                .tooManyRequests,
                .tooManyAttempts,
                "Too many attempts failed; this one was not looked at.",
                suggestions: [
                    "Wait as many seconds as Retry-After says, then try again",
                    "Verify credentials in Admin Portal",
                    "Ask another administrator to unlock the user",
                ]
            )
            headers[.retryAfter] = String(max(wait.roundedUpToSeconds, 1))
        }
    }

    init(_ error: RateLimited) {
        self.init(
            .tooManyRequests,
            .rateLimited,
            "Too many calls in too short a time; this one was not carried out.",
            suggestions: ["Wait as many seconds as Retry-After says, then try again"]
        )
        headers[.retryAfter] = String(error.standing.retryAfterSeconds)
    }

    init(_ objection: AccessObjection) {
        switch objection {
        case .otherTenant:
            self = .tenantMismatch
        case .ipNotAllowed:
            self.init(
                .forbidden,
                .ipNotAllowed,
                "The client's address is not on the tenant's allowlist.",
                suggestions: ["Check IP whitelist settings"]
            )
        case .tenantSuspended:
            self.init(
                .forbidden,
                .tenantSuspended,
                "The tenant account is suspended.",
                suggestions: ["Contact support if account is suspended"]
            )
        case .otherClient:
            self.init(
                .unauthorized,
                .tokenInvalid,
                "The session is bound to the client that it was opened from.",
                suggestions: ["Create new session", "Check session management policies"]
            )
            headers[.wwwAuthenticate] = #"Bearer realm="finhub", error="invalid_token""#
        case .revocationsUnknown:
            self = .overloaded(retryAfterSeconds: 1)
        case .restricted(.password):
            self.init(
                .forbidden,
                .passwordChangeRequired,
                "The password was set by somebody else: until it is changed, the session can do nothing else.",
                suggestions: [
                    "Set a new one with PUT /api/v2.1/admin/users/{userId}/credentials, then refresh the session"
                ]
            )
        case .restricted(.secondFactor):
            self.init(
                .forbidden,
                .secondFactorRequired,
                "The tenant asks for a second factor: until one is enrolled, the session can do nothing else.",
                suggestions: [
                    "Enrol one at /api/v2.1/admin/users/{userId}/second-factor, then refresh the session"
                ]
            )
        }
    }

    init(_ error: TokenError) {
        switch error {
        case .malformed:
            self.init(
                .unauthorized,
                .tokenRequired,
                "A bearer token is required.",
                suggestions: ["Send the session's access token as Authorization: Bearer <token>"]
            )
        case .invalid:
            self.init(
                .unauthorized,
                .tokenInvalid,
                "The access token is not valid.",
                suggestions: ["Create new session"]
            )
            headers[.wwwAuthenticate] = #"Bearer realm="finhub", error="invalid_token""#
        case .expired:
            self.init(expiredToken: ())
        case .revoked:
            self.init(revokedSession: ())
        case .superseded:
            self.init(supersededSession: ())
        }
    }

    init(_ error: SecondFactorRefusal) {
        switch error {
        case .tenantNotFound:
            self.init(.notFound, .notFound, "There is no such tenant in this data folder.")
        case .userNotFound:
            self.init(.notFound, .userNotFound, "There is no such user in this tenant.")
        case .notOwn:
            self.init(
                .forbidden,
                .ownAccountOnly,
                "Only the user can do that.",
                suggestions: ["Sign in as the user", "Remove the second factor of a user who lost the device"]
            )
        case .alreadyEnrolled:
            self.init(
                .conflict,
                .secondFactorExists,
                "The user has a second factor in force.",
                suggestions: ["Remove it first, with DELETE /api/v2.1/admin/users/{userId}/second-factor"]
            )
        case .notEnrolled:
            self.init(
                .notFound,
                .secondFactorNotFound,
                "The user has no such second factor.",
                suggestions: ["Enrol one, with POST /api/v2.1/admin/users/{userId}/second-factor"]
            )
        case .wrongCode:
            self.init(
                .unauthorized,
                .invalidCredentials,
                "The code is not the right one, or was used before.",
                suggestions: ["Wait for the next code and send that one", "Sync server time with NTP"]
            )
        }
    }

    init(_ error: HierarchyRefusal) {
        switch error {
        case .notFound:
            self.init(.notFound, .notFound, "The tenant has no categorization hierarchy.")
        case .changedMeanwhile:
            self.init(
                .preconditionFailed,
                .preconditionFailed,
                "The hierarchy is no longer the one that If-Match names.",
                suggestions: ["Read the hierarchy again, apply the change to it, and send its new ETag"]
            )
        case .unknownFeature(let feature):
            self.init(
                .unprocessableContent,
                .unknownFeature,
                "A category names a feature that does not exist: \(feature).",
                suggestions: ["Add the feature to features, or take it out of availableFeatures"]
            )
        }
    }

    private init(expiredToken: Void) {
        self.init(
            .unauthorized,
            .tokenExpired,
            "The access token's time is over.",
            suggestions: ["Implement automatic refresh before expiry", "Sync server time with NTP"]
        )
        headers[.wwwAuthenticate] = #"Bearer realm="finhub", error="invalid_token""#
    }

    private init(revokedSession: Void) {
        self.init(
            .unauthorized,
            .sessionRevoked,
            "The session was ended.",
            suggestions: ["Create new session", "Check session management policies"]
        )
        headers[.wwwAuthenticate] = #"Bearer realm="finhub", error="invalid_token""#
    }

    private init(supersededSession: Void) {
        self.init(
            .unauthorized,
            .sessionSuperseded,
            "A newer session took this one's place.",
            suggestions: ["Create new session", "Check session management policies"]
        )
        headers[.wwwAuthenticate] = #"Bearer realm="finhub", error="invalid_token""#
    }

    private init(expiredPassword: Void) {
        self.init(
            .unauthorized,
            .passwordExpired,
            "The password is past its maximum age.",
            suggestions: [
                "Set a new one with PUT /api/v2.1/admin/users/{userId}/credentials",
                "Without a session, POST it there with tenant key and secret as HTTP Basic",
            ]
        )
    }
}

extension Duration {
    fileprivate var roundedUpToSeconds: Int64 {
        components.attoseconds > 0 ? components.seconds + 1 : components.seconds
    }
}
