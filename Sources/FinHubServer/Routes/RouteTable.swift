import HTTPTypes
import Hummingbird

/// Registers routes so that a known path answers a wrong method with 405 and `Allow`.
struct RouteTable {
    typealias Handler = @Sendable (Request, APIContext) async throws -> Response

    private let router: Router<APIContext>

    init(_ router: Router<APIContext>) {
        self.router = router
    }

    /// Registers `handlers` at `path`, and a refusal for every other method.
    ///
    /// A GET answers HEAD too (RFC 9110, section 9.3.2); the edge leaves the body out.
    func add(_ path: RouterPath, _ handlers: [HTTPRequest.Method: Handler]) {
        var handlers = handlers
        if let get = handlers[.get] {
            handlers[.head] = get
        }
        let allowed = handlers.keys.sorted { $0.rawValue < $1.rawValue }
        for method in HTTPRequest.Method.known {
            let handler = handlers[method] ?? { _, _ in throw Refusal.methodNotAllowed(allowed: allowed) }
            router.on(path, method: method, use: handler)
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
