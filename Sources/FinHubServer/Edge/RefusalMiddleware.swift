import FinHubAPI
import FinHubCore
import FinHubTokens
import HTTPTypes
import Hummingbird
import Logging

/// Turns every thrown error into a ``Refusal``; what it does not know, it logs and hides.
struct RefusalMiddleware: RouterMiddleware {
    func handle(
        _ request: Request,
        context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let refusal as Refusal {
            return refusal.response
        } catch let error as InvalidFields {
            return Refusal(error).response
        } catch let error as TokenError {
            return Refusal(error).response
        } catch let error as LoginRefusal {
            return Refusal(error).response
        } catch let error as SessionRefusal {
            return Refusal(error).response
        } catch let error as HierarchyRefusal {
            return Refusal(error).response
        } catch is PasswordHashingRefusal {
            return Refusal.overloaded(retryAfterSeconds: 2).response
        } catch let error as StorageUnavailable {
            context.logger.error("storage_unavailable", metadata: ["error": "\(error)"])
            return Refusal.overloaded(retryAfterSeconds: 1).response
        } catch let error as any HTTPResponseError {
            return Refusal(framework: error).response
        } catch {
            context.logger.error("request_failed", metadata: ["error": "\(String(reflecting: error))"])
            return Refusal.internalError.response
        }
    }
}

extension Refusal {
    /// Reshapes what the framework throws.
    fileprivate init(framework error: any HTTPResponseError) {
        switch error.status {
        case .notFound: self = .notFound
        case .contentTooLarge: self = .bodyTooLarge(limit: BodyLimit.standard)
        default: self = .malformedRequest("The request could not be read.")
        }
    }
}
