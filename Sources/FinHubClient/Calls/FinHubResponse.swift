public import HTTPTypes
public import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// A whole answer, as it came.
public struct FinHubResponse: Sendable {
    /// The HTTP status, 200 to 299 or 304 where a call returned the answer.
    public let status: HTTPResponse.Status
    /// The headers as they came; `X-Correlation-ID` finds the call in the server's log.
    ///
    /// They are brought into this form when they are asked for: keep them, if you ask for several.
    public var headers: HTTPFields { HTTPFields(wire, splitCookie: false) }
    let wire: HTTPHeaders
    /// The whole body, the envelope included.
    public let body: ByteBuffer
    /// Whether it was kept from an earlier call, checked with the server or still fresh.
    public let isFromCache: Bool

    /// An answer, for a ``ClientTransport`` of one's own.
    public init(status: HTTPResponse.Status, headers: HTTPFields, body: ByteBuffer, isFromCache: Bool = false) {
        self.init(status: status, wire: HTTPHeaders(headers), body: body, isFromCache: isFromCache)
    }

    init(status: HTTPResponse.Status, wire: HTTPHeaders, body: ByteBuffer, isFromCache: Bool = false) {
        self.status = status
        self.wire = wire
        self.body = body
        self.isFromCache = isFromCache
    }

    /// The entity tag, for the next `If-Match`.
    public var entityTag: String? { wire.first(name: "ETag") }

    /// The envelope's `data`.
    ///
    /// Members that `Body` does not know are ignored.
    ///
    /// - Throws: ``FinHubClientError`` with ``FinHubAPI/ErrorCode/clientUnreadableAnswer`` or
    ///   ``FinHubAPI/ErrorCode/clientContradictoryAnswer``.
    public func decode<Body: Decodable>(_ type: Body.Type = Body.self) throws -> Body {
        try AnswerEnvelope<Body>.data(of: self)
    }
}

extension FinHubResponse: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Status and size; the body may hold what must not be seen.
    public var description: String { "HTTP \(status.code), \(body.readableBytes) bytes" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["status": status.code, "bytes": body.readableBytes]) }
}

/// An answer whose body is still arriving.
public struct StreamedResponse: Sendable {
    /// The HTTP status, 200 to 299 or 304 where a call returned the answer.
    public let status: HTTPResponse.Status
    /// The headers as they came.
    public let headers: HTTPFields
    /// The body's parts in order.
    ///
    /// They can be read once; dropping the body ends the exchange.
    public let body: ResponseBody

    /// An answer, for a ``ClientTransport`` of one's own.
    public init(status: HTTPResponse.Status, headers: HTTPFields, body: ResponseBody) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// The body of an answer, part by part, as it arrives.
public struct ResponseBody: AsyncSequence, Sendable {
    private let start: @Sendable () -> Iterator

    /// The parts of `source`.
    public init<Source: AsyncSequence & Sendable>(_ source: Source) where Source.Element == ByteBuffer {
        start = {
            var iterator = source.makeAsyncIterator()
            return Iterator { try await iterator.next() }
        }
    }

    /// Starts reading; do it once.
    public func makeAsyncIterator() -> Iterator {
        start()
    }

    /// Reads one part after the other.
    public struct Iterator: AsyncIteratorProtocol {
        private let advance: () async throws -> ByteBuffer?

        fileprivate init(_ advance: @escaping () async throws -> ByteBuffer?) {
            self.advance = advance
        }

        /// The next part; `nil` at the end.
        ///
        /// - Throws: What ``ClientTransport/stream(_:)`` says, when the rest can't be had.
        public mutating func next() async throws -> ByteBuffer? {
            try await advance()
        }
    }
}

extension StreamedResponse: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "HTTP \(status.code), streamed" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["status": status.code]) }
}
