import FinHubAPI
import FinHubCore
import Hummingbird

/// A tenant's audit log, to be read.
struct AuditRoutes: Sendable {
    let services: Services

    func add(to table: RouteTable) {
        table.add("/api/v2.1/admin/tenant/audit", [.get: list])
    }

    @Sendable
    private func list(request: Request, context: APIContext) async throws -> Response {
        let caller = try services.gate.caller(of: request, from: context.peer)
        let query = try AuditListQuery(request.query)
        let page = try await services.audit.page(query.entries, from: query.address, in: caller.tenant)
        return Response(
            PageBody(
                items: page.entries.map(AuditEntryBody.init),
                nextCursor: page.next.map(Cursor.encode(sequence:))
            )
        )
    }
}

extension AuditEntryBody {
    init(_ listed: ListedAuditEntry) {
        let entry = listed.entry
        self.init(
            sequence: listed.sequence,
            at: entry.at,
            event: entry.event.rawValue,
            actorKind: entry.actor.kind,
            changes: entry.changes.map { Change(name: $0.name, before: $0.before, after: $0.after) }
        )
        actorID = entry.actor.user
        subjectID = entry.subject
        sessionID = entry.session
        object = entry.object
        reason = entry.reason
        correlationID = entry.correlationID.isEmpty ? nil : entry.correlationID
        clientAddress = entry.client?.address
        userAgent = entry.client?.userAgent
        deviceID = entry.client?.device
    }
}
