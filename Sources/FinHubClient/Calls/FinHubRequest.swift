import FinHubAPI
import Foundation
public import HTTPTypes
public import NIOCore

/// One call of the API, ready to be sent.
public struct FinHubRequest: Sendable {
    /// The method decides whether the call may be repeated (RFC 9110, section 9.2.2).
    public var method: HTTPRequest.Method
    /// Where, below the base path `/api/v2.1` (contract, *Conventions*).
    public var path: APIPath
    /// What follows the path, in this order; percent-encoded by the client.
    public var query: [QueryItem]
    /// The body, which makes the request repeatable; `nil` for none.
    public var body: ByteBuffer?
    /// What this call does differently from the configuration.
    public var options: CallOptions

    /// A request with a body of bytes, sent as `application/json` unless its headers say otherwise.
    public init(
        _ method: HTTPRequest.Method,
        _ path: APIPath,
        query: [QueryItem] = [],
        body: ByteBuffer? = nil,
        options: CallOptions = CallOptions()
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
        self.options = options
    }

    /// A request whose body is `value` as JSON.
    ///
    /// - Throws: ``FinHubClientError`` with ``FinHubAPI/ErrorCode/clientInvalidRequest`` when it
    ///   can't be encoded.
    public init(
        _ method: HTTPRequest.Method,
        _ path: APIPath,
        query: [QueryItem] = [],
        encoding value: some Encodable,
        options: CallOptions = CallOptions()
    ) throws {
        let body: Data
        do {
            body = try JSONEncoder().encode(value)
        } catch {
            // What an encoder says may quote the value.
            throw FinHubClientError(code: .clientInvalidRequest, message: "The body can't be written as JSON.")
        }
        self.init(method, path, query: query, body: ByteBuffer(bytes: body), options: options)
    }

    /// A request whose body is one of the wire's own.
    init(_ method: HTTPRequest.Method, _ path: APIPath, writing body: some JSONWritable, options: CallOptions) {
        self.init(method, path, body: ByteBuffer(bytes: body.jsonBytes), options: options)
    }
}

extension FinHubRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Method and path; a body may hold what must not be seen.
    public var description: String { "\(method.rawValue) \(path.encoded ?? "(malformed path)")" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["method": method, "path": path]) }
}

/// What one call does differently from the configuration.
public struct CallOptions: Hashable, Sendable {
    /// How long the call may take in all, with waiting for tokens and every retry; `nil` for the
    /// configuration's.
    public var deadline: Duration?
    /// Sent as `X-Correlation-ID`: 1 to 128 visible ASCII characters; `nil` for a new UUID.
    ///
    /// A call that names one is never answered by another call's answer.
    public var correlationID: String?
    /// What the server is told of where the call comes from; `nil` for the configuration's.
    public var caller: CallerDetails?
    /// Further headers; those that the client sets itself are refused.
    public var headers: HTTPFields
    /// Whether an answer kept from an earlier call will do.
    public var mayUseCache: Bool

    /// What is not said is as the configuration has it.
    public init(
        deadline: Duration? = nil,
        correlationID: String? = nil,
        caller: CallerDetails? = nil,
        headers: HTTPFields = [:],
        mayUseCache: Bool = true
    ) {
        self.deadline = deadline
        self.correlationID = correlationID
        self.caller = caller
        self.headers = headers
        self.mayUseCache = mayUseCache
    }
}

extension CallOptions: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The names of what is set; a header may hold what must not be seen.
    public var description: String { "CallOptions(headers: \(headers.map(\.name.rawName)))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["headers": headers.map(\.name.rawName)]) }
}

/// What the server keeps on the session and in its audit log about where a call comes from.
public struct CallerDetails: Hashable, Sendable {
    /// Sent as `X-Forwarded-From`: the application in front.
    public var forwardedFrom: String?
    /// Sent as `platform`.
    public var platform: String?
    /// Sent as `deviceId`.
    public var deviceID: String?

    /// Details of which `nil` ones are not sent; each visible ASCII, at most 1,024 bytes.
    public init(forwardedFrom: String? = nil, platform: String? = nil, deviceID: String? = nil) {
        self.forwardedFrom = forwardedFrom
        self.platform = platform
        self.deviceID = deviceID
    }
}
