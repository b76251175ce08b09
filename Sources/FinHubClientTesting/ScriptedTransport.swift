import FinHubAPI
public import FinHubClient
public import HTTPTypes
import NIOCore
import Synchronization

/// A transport without a network: it answers by script, and remembers what it was sent.
///
/// ```swift
/// let clock = MovedClock()
/// let transport = ScriptedTransport(clock: clock)
/// transport.script(.post, "/admin/organization/…/sessions", .tokens("a"))
/// transport.script(.get, "/thing", .refusal(503, .overloaded), .success(json: #"{"x":1}"#))
/// let client = try FinHubClient(configuration: configuration, transport: transport, clock: clock)
/// ```
public final class ScriptedTransport: ClientTransport {
    private struct Route: Hashable {
        let method: String
        let path: String
    }

    private struct State {
        var scripts: [Route: [ScriptedAnswer]] = [:]
        var requests: [TransportRequest] = []
        var arrivals: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var isShutDown = false
    }

    private let state = Mutex(State())
    private let clock: any ClientClock
    private let basePath: String

    /// - Parameters:
    ///   - clock: Decides when a request's time is up.
    ///   - basePath: What scripted paths are below.
    public init(clock: any ClientClock, basePath: String = "/api/v2.1") {
        self.clock = clock
        self.basePath = basePath
    }

    /// Answers requests of `method` to `path` with `answers`, one after the other; the last of them
    /// answers all later requests.
    ///
    /// What is not scripted is answered 404 `NOT_FOUND`.
    public func script(_ method: HTTPRequest.Method, _ path: String, _ answers: ScriptedAnswer...) {
        state.withLock { $0.scripts[Route(method: method.rawValue, path: path)] = answers }
    }

    /// Every request so far, in the order of arrival.
    public var requests: [TransportRequest] { state.withLock { $0.requests } }

    /// The requests of `method` to `path` so far.
    public func requests(_ method: HTTPRequest.Method, _ path: String) -> [TransportRequest] {
        requests.filter { $0.method == method && self.path(of: $0) == path }
    }

    /// Whether the client let go of it.
    public var isShutDown: Bool { state.withLock { $0.isShutDown } }

    /// Returns once `count` requests have arrived in all.
    public func waitForRequests(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.requests.count >= count { return true }
                state.arrivals.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    public func exchange(_ request: TransportRequest, limit: Int) async throws -> FinHubResponse {
        let deadline = clock.now + request.timeout
        let (status, headers, parts, end) = try await answer(request, until: deadline)
        let body = parts.reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1) }
        guard body.readableBytes <= limit else { throw TransportFailure(.tooLarge, "The answer is too large.") }
        switch end {
        case .complete: return FinHubResponse(status: HTTPResponse.Status(code: status), headers: headers, body: body)
        case .cut: throw TransportFailure(.connectionLost, "Scripted cut.")
        case .never: throw try await silence(until: deadline)
        }
    }

    public func stream(_ request: TransportRequest) async throws -> StreamedResponse {
        let (status, headers, parts, end) = try await answer(request, until: clock.now + request.timeout)
        return StreamedResponse(
            status: HTTPResponse.Status(code: status),
            headers: headers,
            body: ResponseBody(ScriptedBody(parts: parts, end: end))
        )
    }

    private func answer(
        _ request: TransportRequest,
        until deadline: ContinuousClock.Instant
    ) async throws -> (Int, HTTPFields, [ByteBuffer], ScriptedAnswer.End) {
        try Task.checkCancellation()
        let answer = try receive(request)
        if let gate = answer.gate { try await gate.pass() }
        switch answer.kind {
        case .failure(let failure): throw failure
        case .silence: throw try await silence(until: deadline)
        case .answer(let status, let headers, let parts, let end): return (status, headers, parts, end)
        }
    }

    private func silence(until deadline: ContinuousClock.Instant) async throws -> TransportFailure {
        try await clock.reach(deadline)
        return TransportFailure(.timedOut, "Scripted silence.")
    }

    public func shutdown() async {
        state.withLock { $0.isShutDown = true }
    }

    private func receive(_ request: TransportRequest) throws -> ScriptedAnswer {
        let route = Route(method: request.method.rawValue, path: path(of: request))
        let (answer, arrived) = try state.withLock { state in
            guard !state.isShutDown else { throw TransportFailure(.shutDown, "The transport was shut down.") }
            state.requests.append(request)
            let count = state.requests.count
            let arrived = state.arrivals.filter { $0.count <= count }.map(\.continuation)
            state.arrivals.removeAll { $0.count <= count }
            var script = state.scripts[route] ?? []
            let answer = script.first ?? .refusal(404, .notFound, details: "Nothing is scripted for this.")
            if script.count > 1 {
                script.removeFirst()
                state.scripts[route] = script
            }
            return (answer, arrived)
        }
        for continuation in arrived { continuation.resume() }
        return answer
    }

    /// The request's path below the base path, without query.
    private func path(of request: TransportRequest) -> String {
        var path = request.url[...]
        if let scheme = path.firstRange(of: "://") { path = path[scheme.upperBound...] }
        path = path.firstIndex(of: "/").map { path[$0...] } ?? ""
        path = path.prefix { $0 != "?" }
        return path.hasPrefix(basePath) ? String(path.dropFirst(basePath.count)) : String(path)
    }
}

/// The parts of a scripted body, and then its end.
private struct ScriptedBody: AsyncSequence, Sendable {
    let parts: [ByteBuffer]
    let end: ScriptedAnswer.End

    func makeAsyncIterator() -> Iterator {
        Iterator(rest: parts[...], end: end)
    }

    struct Iterator: AsyncIteratorProtocol {
        var rest: ArraySlice<ByteBuffer>
        let end: ScriptedAnswer.End

        mutating func next() async throws -> ByteBuffer? {
            if let part = rest.popFirst() { return part }
            switch end {
            case .complete: return nil
            case .cut: throw TransportFailure(.connectionLost, "Scripted cut.")
            case .never:
                try await Gate().pass()
                return nil
            }
        }
    }
}
