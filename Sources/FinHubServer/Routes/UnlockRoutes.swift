import FinHubAPI
import FinHubCore
import FinHubTokens
import Hummingbird
import Logging

/// Lets a user in again before a wait is over.
struct UnlockRoutes: Sendable {
    let services: Services

    func add(to table: RouteTable) {
        table.add("/api/v2.1/admin/users/{userId}/unlock", [.post: unlock])
    }

    @Sendable
    private func unlock(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let user: UserID = try context.identifier("userId")
        try await services.userAccounts.unlock(user, in: caller.tenant, by: Administrator(caller.claims))
        context.logger.info("user_unlocked", metadata: ["user": "\(user)", "by": "\(caller.claims.user)"])
        return Response(envelope: Envelope<EndedBody>(message: "User unlocked", data: nil))
    }
}
