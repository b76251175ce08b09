import FinHubAPI
import FinHubCore
import Hummingbird

/// What an administrator should see to: secrets and passwords that are too old.
struct ReminderRoutes: Sendable {
    /// How many are told of at once.
    private static let limit = 100

    let services: Services

    func add(to table: RouteTable) {
        table.add("/api/v2.1/admin/tenant/reminders", [.get: list])
    }

    @Sendable
    private func list(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let reminders = try await services.reminders.reminders(
            of: caller.tenant,
            at: services.now(),
            limit: Self.limit
        )
        return Response(ItemsBody(items: reminders.map(ReminderBody.init)))
    }
}

extension ReminderBody {
    fileprivate init(_ reminder: Reminder) {
        let subject: Subject =
            switch reminder.subject {
            case .tenantSecret(let key): .tenantSecret(key: key)
            case .password(let user): .password(user)
            }
        self.init(subject, since: reminder.since, dueSince: reminder.dueSince)
    }
}
