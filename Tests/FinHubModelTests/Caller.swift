import FinHubAPI
import FinHubCore
import FinHubTokens
import HTTPTypes
import Hummingbird
import NIOCore

@testable import FinHubServer

/// Makes the calls of one history, as the routes would, and notes what is answered.
struct Caller: Sendable {
    let number: Int
    let server: Server
    let cast: Cast
    let notebook: Notebook

    private var services: Services { server.services }

    func make(_ calls: [PlannedCall]) async {
        for planned in calls {
            guard let order = order(planned) else { continue }
            let madeAt = notebook.tick()
            let answer: Answer
            do {
                answer = try await order.run()
            } catch {
                answer = Answer(error)
            }
            notebook.note(order.action, by: number, madeAt: madeAt, answer)
        }
    }
}

/// A call whose tokens were looked up.
private struct Order {
    let action: Action
    let run: () async throws -> Answer
}

// MARK: From plan to call

extension Caller {
    private func order(_ planned: PlannedCall) -> Order? {
        switch planned {
        case .create(let person, let session):
            return Order(action: .create(person, session: session)) { try await create(session, of: person) }
        case .check(let bearer):
            return withBearer(bearer) { token, request in
                Order(action: .check(token)) {
                    _ = try services.gate.caller(of: request, from: Peer(nil))
                    return .accepted
                }
            }
        case .refresh(let session, let planned, let bearer):
            return refresh(session, planned, bearer)
        case .read(let session, let bearer):
            return withBearer(bearer, and: session) { token, request, id in
                Order(action: .read(session, bearer: token)) { try await read(id, request) }
            }
        case .list(let person, let bearer):
            return withBearer(bearer) { token, request in
                Order(action: .list(person, bearer: token)) { try await list(person, request) }
            }
        case .end(let session, let bearer):
            return withBearer(bearer, and: session) { token, request, id in
                Order(action: .end(session, bearer: token)) { try await end(id, request) }
            }
        case .endAll(let person, let sparing, let bearer):
            return withBearer(bearer) { token, request in
                Order(action: .endAll(person, sparing: sparing, bearer: token)) {
                    try await endAll(person, sparing: sparing, request)
                }
            }
        }
    }

    private func withBearer(_ planned: PlannedBearer, _ make: (AccessToken, Request) -> Order) -> Order? {
        guard let (token, text) = notebook.accessToken(planned), let owner = notebook.owner(of: token.session) else {
            return nil
        }
        let headers: HTTPFields = [.tenantID: cast.tenantName(owner), .authorization: "Bearer \(text)"]
        let head = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/", headerFields: headers)
        return make(token, Request(head: head, body: RequestBody(buffer: ByteBuffer())))
    }

    private func withBearer(
        _ planned: PlannedBearer,
        and session: Int,
        _ make: (AccessToken, Request, SessionID) -> Order
    ) -> Order? {
        guard let id = notebook.id(of: session) else { return nil }
        return withBearer(planned) { make($0, $1, id) }
    }
}

// MARK: The calls, as the routes make them

extension Caller {
    private func create(_ session: Int, of person: Person) async throws -> Answer {
        let issued = try await services.logins.open(cast.order(person, session: session))
        notebook.open(session, of: person, as: issued.session.id)
        return notebook.answer(issued, generation: 1, of: session, at: server.now)
    }

    private func refresh(_ session: Int, _ planned: PlannedToken, _ bearer: PlannedBearer) -> Order? {
        guard let (token, text) = notebook.refreshToken(planned) else { return nil }
        return withBearer(bearer, and: session) { bearer, request, id in
            Order(action: .refresh(session, with: token, bearer: bearer)) {
                let caller = try services.gate.callerMaybeExpired(of: request, from: Peer(nil))
                let issued = try await services.sessions.refresh(id, with: Secret(text), bearer: caller.claims)
                return notebook.answer(issued, generation: token.generation + 1, of: session, at: server.now)
            }
        }
    }

    private func read(_ id: SessionID, _ request: Request) async throws -> Answer {
        let caller = try services.gate.caller(of: request, from: Peer(nil))
        let session = try await services.sessions.session(id, in: caller.tenant)
        let sight = Sight(
            generation: Int(session.generation),
            refreshedAt: session.refreshedAt.map { $0.seconds - Cast.beginning.seconds },
            expiresAt: session.expiresAt.seconds - Cast.beginning.seconds,
            endReason: session.ending?.reason.rawValue
        )
        return .session(sight)
    }

    private func list(_ person: Person, _ request: Request) async throws -> Answer {
        let caller = try services.gate.caller(of: request, from: Peer(nil))
        let query = SessionQuery(
            user: cast.user(person),
            organization: cast.organization(person),
            status: .active,
            now: services.now(),
            limit: 200
        )
        let page = try await services.sessions.page(query, in: caller.tenant)
        return .active(page.sessions.compactMap { $0.client.device.flatMap { Int($0) } }.sorted())
    }

    private func end(_ id: SessionID, _ request: Request) async throws -> Answer {
        if let caller = try services.gate.ender(of: id, in: request, from: Peer(nil)) {
            try await services.sessions.end(id, in: caller.tenant)
        }
        return .done
    }

    private func endAll(_ person: Person, sparing: Bool, _ request: Request) async throws -> Answer {
        let caller = try services.gate.caller(of: request, from: Peer(nil))
        let ended = try await services.sessions.endAll(
            of: cast.user(person),
            organization: cast.organization(person),
            in: caller.tenant,
            sparing: sparing ? caller.claims.session : nil
        )
        return .ended(ended)
    }
}

extension Answer {
    /// A refusal by its code on the wire; anything else is a failure.
    fileprivate init(_ error: any Error) {
        switch error {
        case let refusal as SessionRefusal: self = .refused(Refusal(refusal).code)
        case let refusal as LoginRefusal: self = .refused(Refusal(refusal).code)
        case let error as TokenError: self = .refused(Refusal(error).code)
        case let refusal as Refusal: self = .refused(refusal.code)
        default: self = .failed(String(reflecting: error))
        }
    }
}
