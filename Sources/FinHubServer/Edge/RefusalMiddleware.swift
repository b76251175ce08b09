public import FinHubAPI
import FinHubCore
import FinHubTokens
import HTTPTypes
import Hummingbird
import Logging

/// Turns every thrown error into a ``Refusal``; what it does not know, it logs and hides.
struct RefusalMiddleware: RouterMiddleware {
    /// Where refusals for too much are counted, if anywhere.
    var metrics: SessionMetrics?

    func handle(
        _ request: Request,
        context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch AccessObjection.otherClient {
            context.logger.warning("authn_token_other_client")
            return Refusal(AccessObjection.otherClient).response
        } catch let error as StorageUnavailable {
            context.logger.error("storage_unavailable", metadata: ["error": "\(error)"])
            return Refusal.overloaded(retryAfterSeconds: 1).response
        } catch {
            if let refusal = Refusal(of: error) {
                metrics?.count(refusal)
                // A refused login has a line of its own.
                if refusal.status == .forbidden, !(error is LoginRefusal) {
                    context.logger.warning(
                        "authz_fail",
                        metadata: [
                            "error": "\(refusal.code.rawValue)", "method": "\(request.method)",
                            "path": "\(request.uri.path)",
                        ]
                    )
                }
                return refusal.response
            }
            context.logger.error("request_failed", metadata: ["error": "\(String(reflecting: error))"])
            return Refusal.internalError.response
        }
    }
}

extension Refusal {
    /// The refusal that an error stands for; `nil` for one that is nobody's fault but ours.
    init?(of error: any Error) {
        switch error {
        case let error as Refusal: self = error
        case let error as InvalidFields: self.init(error)
        case let error as TokenError: self.init(error)
        case let error as AccessObjection: self.init(error)
        case let error as LoginRefusal: self.init(error)
        case let error as SessionRefusal: self.init(error)
        case let error as GuessRefusal: self.init(error)
        case let error as RateLimited: self.init(error)
        case let error as UserRefusal: self.init(error)
        case let error as SecondFactorRefusal: self.init(error)
        case let error as TenantRefusal: self.init(error)
        case let error as CredentialRefusal: self.init(error)
        case let error as HierarchyRefusal: self.init(error)
        case is PasswordHashingRefusal: self = .overloaded(retryAfterSeconds: 2)
        case is StorageUnavailable: self = .overloaded(retryAfterSeconds: 1)
        case let error as any HTTPResponseError: self.init(framework: error)
        default: return nil
        }
    }

    /// Reshapes what the framework throws.
    private init(framework error: any HTTPResponseError) {
        switch error.status {
        case .notFound: self = .notFound
        case .contentTooLarge: self = .bodyTooLarge(limit: BodyLimit.standard)
        default: self = .malformedRequest("The request could not be read.")
        }
    }
}

/// What there is to say of an error to whoever works without HTTP, as on the command line.
public struct Explanation: Sendable {
    public let code: ErrorCode
    /// One sentence of what was wrong.
    public let details: String
    /// What to do about it.
    public let suggestions: [String]

    /// `nil` for an error that is nobody's fault but ours.
    public init?(of error: any Error) {
        guard let refusal = Refusal(of: error) else { return nil }
        code = refusal.code
        details = refusal.details
        suggestions = refusal.suggestions
    }
}
