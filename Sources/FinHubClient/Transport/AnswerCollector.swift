import AsyncHTTPClient
import HTTPTypes
import NIOCore
import NIOHTTP1
import Synchronization

/// Gathers one answer of async-http-client, and gives it to the one caller who waits for it.
///
/// The library's own way to a caller's task leads over a future of its event loop, which costs as much as all
/// else that the SDK does with a call.
final class AnswerCollector: HTTPClientResponseDelegate, Sendable {
    typealias Response = Void

    private struct State {
        var continuation: CheckedContinuation<FinHubResponse, any Error>?
        /// Set once, by whoever comes first: the answer, the deadline, the caller who gave up.
        var outcome: Result<FinHubResponse, any Error>?
        var task: HTTPClient.Task<Void>?
        var head: HTTPResponseHead?
        var body = ByteBuffer()
    }

    /// When the whole answer must have come.
    let deadline: NIODeadline
    private let method: HTTPRequest.Method
    private let limit: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - method: What it is the answer to.
    ///   - limit: How large the body may be, in bytes.
    ///   - deadline: When the whole answer must have come; who watches it calls ``fail(_:)``.
    init(to method: HTTPRequest.Method, limit: Int, deadline: NIODeadline) {
        self.method = method
        self.limit = limit
        self.deadline = deadline
    }

    /// Takes who waits; resumed at once if the outcome is there already.
    func wait(_ continuation: CheckedContinuation<FinHubResponse, any Error>) {
        let outcome = state.withLock { state in
            if state.outcome == nil { state.continuation = continuation }
            return state.outcome
        }
        if let outcome { continuation.resume(with: outcome) }
    }

    /// Whether there is an outcome, so that asking the server would be of no use.
    var isSettled: Bool { state.withLock { $0.outcome != nil } }

    /// Takes what the library works at, to cancel it when nobody wants the answer any more.
    func work(_ task: HTTPClient.Task<Void>) {
        let isTooLate = state.withLock { state in
            state.task = task
            return state.outcome != nil
        }
        if isTooLate { task.cancel() }
    }

    /// Ends the call without an answer, unless there is one.
    func fail(_ error: any Error) {
        settle(.failure(error))?.cancel()
    }

    /// - Returns: What the library works at; `nil` when there was an outcome before.
    @discardableResult
    private func settle(_ outcome: Result<FinHubResponse, any Error>) -> HTTPClient.Task<Void>? {
        let (continuation, task) = state.withLock { state in
            guard state.outcome == nil else {
                return (CheckedContinuation<FinHubResponse, any Error>?.none, HTTPClient.Task<Void>?.none)
            }
            state.outcome = outcome
            defer { state.continuation = nil }
            return (state.continuation, state.task)
        }
        continuation?.resume(with: outcome)
        return task
    }

    // MARK: What async-http-client tells, on one event loop

    func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        // The answer to HEAD, and a 304, announce what they don't carry (RFC 9110, section 8.6).
        if method != .head, head.status != .notModified, let length = head.headers.first(name: "Content-Length"),
            Int(length) ?? 0 > limit
        {
            return refuse(task)
        }
        state.withLock { $0.head = head }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ part: ByteBuffer) -> EventLoopFuture<Void> {
        let fits = state.withLock { state in
            guard state.body.readableBytes + part.readableBytes <= limit else { return false }
            if state.body.readableBytes == 0 { state.body = part } else { state.body.writeImmutableBuffer(part) }
            return true
        }
        return fits ? task.eventLoop.makeSucceededVoidFuture() : refuse(task)
    }

    func didFinishRequest(task: HTTPClient.Task<Void>) {
        let (head, body) = state.withLock { ($0.head, $0.body) }
        guard let head else { return fail(TransportFailure(.connectionLost, "The connection was cut.")) }
        settle(.success(FinHubResponse(head, body: body)))
    }

    func didReceiveError(task: HTTPClient.Task<Void>, _ error: any Error) {
        settle(.failure(HTTPClientTransport.failure(error)))
    }

    private func refuse(_ task: HTTPClient.Task<Void>) -> EventLoopFuture<Void> {
        let failure = TransportFailure(.tooLarge, "The answer is too large.")
        settle(.failure(failure))
        return task.eventLoop.makeFailedFuture(failure)
    }
}

extension FinHubResponse {
    fileprivate init(_ head: HTTPResponseHead, body: ByteBuffer) {
        self.init(status: HTTPResponse.Status(code: Int(head.status.code)), wire: head.headers, body: body)
    }
}
