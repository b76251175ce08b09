public import HTTPTypes
public import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// What carries one request to the server and its answer back: no retry, no redirect, no cache.
public protocol ClientTransport: Sendable {
    /// Sends `request` and returns the whole answer.
    ///
    /// - Parameters:
    ///   - request: Its timeout is for all of the answer.
    ///   - limit: How large the body may be, in bytes.
    /// - Returns: The answer, whatever its status.
    /// - Throws: ``TransportFailure``, or `CancellationError`.
    func exchange(_ request: TransportRequest, limit: Int) async throws -> FinHubResponse

    /// Sends `request` and returns as soon as the answer's head is there.
    ///
    /// - Parameter request: Its timeout is for the head.
    /// - Returns: The answer, whatever its status.
    /// - Throws: ``TransportFailure``, or `CancellationError`. Reading the body throws the same.
    func stream(_ request: TransportRequest) async throws -> StreamedResponse

    /// Lets go of every connection; called once.
    func shutdown() async
}

/// One request, complete.
public struct TransportRequest: Sendable {
    /// The method, such as `.get`.
    public var method: HTTPRequest.Method
    /// Absolute, percent-encoded.
    public var url: String
    /// Every header but those of the connection itself; `Authorization` among them is a secret.
    public var headers: HTTPFields {
        get { HTTPFields(wire, splitCookie: false) }
        set { wire = HTTPHeaders(newValue) }
    }
    /// The same as they go over the wire: to bring them into the other form and back would cost as much as all
    /// else that is done with a call.
    var wire: HTTPHeaders
    /// The body; `nil` for none.
    public var body: ByteBuffer?
    /// How long the answer may take.
    public var timeout: Duration

    /// A request that is ready to go.
    public init(
        method: HTTPRequest.Method,
        url: String,
        headers: HTTPFields,
        body: ByteBuffer?,
        timeout: Duration
    ) {
        self.init(method: method, url: url, wire: HTTPHeaders(headers), body: body, timeout: timeout)
    }

    init(method: HTTPRequest.Method, url: String, wire: HTTPHeaders, body: ByteBuffer?, timeout: Duration) {
        self.method = method
        self.url = url
        self.wire = wire
        self.body = body
        self.timeout = timeout
    }
}

/// No answer came, or not all of it.
public struct TransportFailure: Error, Hashable, Sendable {
    /// What is known of where it failed.
    public enum Reason: Hashable, Sendable {
        /// No connection: the server has seen nothing of the request.
        case unreachable
        /// The connection was cut: the request may have been carried out.
        case connectionLost
        /// Time was up: the request may have been carried out.
        case timedOut
        /// TLS could not be agreed on, or the certificate is not to be believed.
        case tls
        /// The answer is larger than it may be.
        case tooLarge
        /// The request can't be sent.
        case invalidRequest
        /// The transport was shut down.
        case shutDown
    }

    /// How it failed, which decides whether the call may be repeated.
    public let reason: Reason
    /// One sentence, without anything of the request's contents.
    public let message: String

    /// A failure, for a transport of one's own.
    public init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }
}

extension TransportRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Method and address; headers and body hold secrets.
    public var description: String { "\(method.rawValue) \(url)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["method": method.rawValue, "url": url]) }
}
