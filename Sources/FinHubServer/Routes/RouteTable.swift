import FinHubCore
import HTTPTypes
import Hummingbird

/// Registers routes so that a known path answers a wrong method with 405 and `Allow`.
struct RouteTable {
    typealias Handler = @Sendable (Request, APIContext) async throws -> Response

    private let router: Router<APIContext>
    private let limits: CallLimits?

    init(_ router: Router<APIContext>, limits: CallLimits? = nil) {
        self.router = router
        self.limits = limits
    }

    /// Registers `handlers` at `path`, and a refusal for every other method.
    ///
    /// Those of the API are limited; a GET answers HEAD too (RFC 9110, section 9.3.2); the edge leaves the body out.
    func add(_ path: RouterPath, _ handlers: [HTTPRequest.Method: Handler]) {
        var handlers = handlers
        if let limits, path.description.hasPrefix(Self.api) { limit(&handlers, at: path.description, limits) }
        if let get = handlers[.get] {
            handlers[.head] = get
        }
        let allowed = handlers.keys.sorted { $0.rawValue < $1.rawValue }
        for method in HTTPRequest.Method.known {
            let handler = handlers[method] ?? { _, _ in throw Refusal.methodNotAllowed(allowed: allowed) }
            router.on(path, method: method, use: handler)
        }
    }

    private static let api = "/api/"

    /// Puts the limits of the client's address in front of each handler.
    private func limit(_ handlers: inout [HTTPRequest.Method: Handler], at path: String, _ limits: CallLimits) {
        for (method, handler) in handlers {
            let rateClass = RateClass(method, path)
            let changes = method != .get
            handlers[method] = { request, context in
                try limits.admit(request, from: context.peer, for: rateClass)
                guard changes else { return try await handler(request, context) }
                return try await AuditOrigin.$current.withValue(AuditOrigin(request, context, limits.addresses)) {
                    try await handler(request, context)
                }
            }
        }
    }
}

extension AuditOrigin {
    /// The request, and whoever it proves to come from by the time that an entry is written.
    fileprivate init(_ request: Request, _ context: APIContext, _ addresses: ClientAddressRule) {
        let peer = context.peer
        self.init(correlationID: context.correlationID) {
            peer.user.map { .user($0) } ?? .stranger
        } client: {
            ClientDetails(request.headers, address: peer.clientAddress(by: addresses, request.headers))
        }
    }
}

extension RateClass {
    /// What a route is for.
    fileprivate init(_ method: HTTPRequest.Method, _ path: String) {
        switch (method, path.split(separator: "/").last) {
        // Each of these hashes a password.
        case (.post, "sessions"), (.post, "users"), (.post, "reset"), (.post, "second-factor"):
            self = .login
        case (_, "credentials") where path.contains("{userId}"): self = .login
        case (.post, "refresh"): self = .refresh
        default: self = .rest
        }
    }
}

extension HTTPRequest.Method {
    /// Every method that the HTTP parser lets through.
    fileprivate static let known: [HTTPRequest.Method] =
        [.get, .head, .post, .put, .delete, .connect, .options, .trace, .patch]
        + [
            "ACL", "BIND", "CHECKOUT", "COPY", "LINK", "LOCK", "M-SEARCH", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL",
            "MOVE", "NOTIFY", "PROPFIND", "PROPPATCH", "PURGE", "QUERY", "REBIND", "REPORT", "SEARCH", "SOURCE",
            "SUBSCRIBE", "UNBIND", "UNLINK", "UNLOCK", "UNSUBSCRIBE",
        ].compactMap { HTTPRequest.Method($0) }
}
