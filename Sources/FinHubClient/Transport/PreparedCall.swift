import FinHubAPI
import HTTPTypes
import NIOCore
import NIOHTTP1

/// A call that can be sent: everything is checked and in place but the token.
struct PreparedCall: Sendable {
    let method: HTTPRequest.Method
    let url: String
    var headers: HTTPHeaders
    let body: ByteBuffer?
    let correlationID: String
    let deadline: ContinuousClock.Instant
    /// Whether it does no harm to carry it out twice.
    let isRepeatable: Bool
    /// Under which its answer may be kept and shared; `nil` when it may not.
    let cacheKey: ResponseCache.Key?
    let mayUseCache: Bool
    /// Calls with the same key may have one answer; `nil` for none but its own.
    let shareKey: ShareKey?

    /// What makes two calls the same.
    struct ShareKey: Hashable, Sendable {
        let key: ResponseCache.Key
        let deadline: Duration?
        let mayUseCache: Bool
    }

    func request(authorization: Secret<String>?, timeout: Duration) -> TransportRequest {
        var headers = headers
        if let authorization {
            headers.add(name: "Authorization", value: authorization.reveal())
        }
        return TransportRequest(method: method, url: url, wire: headers, body: body, timeout: timeout)
    }
}

/// Makes calls ready to be sent to one server as one tenant.
struct CallPreparation: Sendable {
    private let base: String
    private let deadline: Duration
    private let caller: CallerDetails
    private let fields: HTTPHeaders

    /// - Throws: ``FinHubClientError`` with ``FinHubAPI/ErrorCode/clientInvalidConfiguration`` when the
    ///   tenant or the caller's details can't stand in a header.
    init(_ configuration: FinHubClient.Configuration) throws {
        base = configuration.server.url + "/api/v2.1"
        deadline = configuration.deadline
        caller = configuration.caller
        guard configuration.identity.tenant.isHeaderText, caller.isValid else {
            throw FinHubClientError(
                code: .clientInvalidConfiguration,
                message: "The tenant and the caller's details must be visible ASCII, at most 1,024 bytes each."
            )
        }
        fields = [
            "User-Agent": "finhub-sdk-swift/\(FinHubClient.version)",
            "Accept": "application/json",
            "X-Tenant-ID": configuration.identity.tenant,
        ]
    }

    /// Checks `request` and completes it.
    ///
    /// - Throws: ``FinHubClientError`` with ``FinHubAPI/ErrorCode/clientInvalidRequest``.
    func prepare(_ request: FinHubRequest, at now: ContinuousClock.Instant) throws -> PreparedCall {
        let options = request.options
        guard let path = request.path.encoded else { throw Self.invalid("The path is malformed.") }
        let caller = options.caller ?? caller
        guard caller.isValid else { throw Self.invalid("The caller's details must be visible ASCII.") }
        guard !options.headers.contains(where: { Self.reserved.contains($0.name) }) else {
            let names = Self.reserved.map(\.rawName).sorted().joined(separator: ", ")
            throw Self.invalid("The client itself sets \(names).")
        }
        if let id = options.correlationID, id.utf8.count > 128 || !id.isHeaderText || id.contains(" ") {
            throw Self.invalid("A correlation id has 1 to 128 visible ASCII characters.")
        }
        let url = base + path + Self.query(request.query)
        let correlationID = options.correlationID ?? CorrelationIDs.shared.next()
        let key = Self.cacheKey(request, url: url, caller: caller)
        return PreparedCall(
            method: request.method,
            url: url,
            headers: headers(request, caller: caller, correlationID: correlationID),
            body: request.body,
            correlationID: correlationID,
            deadline: now + (options.deadline ?? deadline),
            isRepeatable: Self.isRepeatable(request),
            cacheKey: key,
            mayUseCache: options.mayUseCache,
            shareKey: options.correlationID == nil
                ? key.map { .init(key: $0, deadline: options.deadline, mayUseCache: options.mayUseCache) } : nil
        )
    }

    private func headers(_ request: FinHubRequest, caller: CallerDetails, correlationID: String) -> HTTPHeaders {
        var headers = fields
        headers.reserveCapacity(fields.count + 6)
        headers.add(name: "X-Correlation-ID", value: correlationID)
        if let value = caller.forwardedFrom { headers.add(name: "X-Forwarded-From", value: value) }
        if let value = caller.platform { headers.add(name: "platform", value: value) }
        if let value = caller.deviceID { headers.add(name: "deviceId", value: value) }
        if request.body != nil, request.options.headers[.contentType] == nil {
            headers.add(name: "Content-Type", value: "application/json")
        }
        for field in request.options.headers {
            if field.name == .accept || field.name == .userAgent { headers.remove(name: field.name.rawName) }
            headers.add(name: field.name.rawName, value: field.value)
        }
        return headers
    }

    private static func query(_ items: [QueryItem]) -> String {
        var text = ""
        for item in items {
            text += text.isEmpty ? "?" : "&"
            text += item.name.percentEncoded
            text += "="
            text += item.value.percentEncoded
        }
        return text
    }

    /// RFC 9110, section 9.2.2; but what depends on a state that its first execution changes would
    /// be refused the second time.
    private static func isRepeatable(_ request: FinHubRequest) -> Bool {
        switch request.method {
        case .get, .head, .options: true
        case .put, .delete:
            request.options.headers[.ifMatch] == nil && request.options.headers[.ifUnmodifiedSince] == nil
        default: false
        }
    }

    private static func cacheKey(
        _ request: FinHubRequest,
        url: String,
        caller: CallerDetails
    ) -> ResponseCache.Key? {
        let headers = request.options.headers
        guard request.method == .get, request.body == nil,
            !headers.contains(where: { conditional.contains($0.name) })
        else { return nil }
        var variant = headers.isEmpty ? [] : headers.map { "\($0.name.canonicalName):\($0.value)" }.sorted()
        if caller != CallerDetails() {
            variant += [caller.forwardedFrom, caller.platform, caller.deviceID].map { $0 ?? "" }
        }
        return ResponseCache.Key(url: url, variant: variant)
    }

    private static let reserved: Set<HTTPField.Name> = [
        .authorization, .tenantID, .correlationID, .host, .contentLength, .transferEncoding, .connection,
    ]

    /// Who sets these wants to see the server's own answer to them.
    private static let conditional: Set<HTTPField.Name> = [
        .ifMatch, .ifNoneMatch, .ifModifiedSince, .ifUnmodifiedSince, .ifRange, .range, .cacheControl,
    ]

    private static func invalid(_ message: String) -> FinHubClientError {
        FinHubClientError(code: .clientInvalidRequest, message: message)
    }
}

extension CallerDetails {
    fileprivate var isValid: Bool {
        [forwardedFrom, platform, deviceID].allSatisfy { $0?.isHeaderText ?? true }
    }
}

extension String {
    /// Whether it may stand in a header as it is: 1 to 1,024 bytes of visible ASCII and inner spaces.
    fileprivate var isHeaderText: Bool {
        (1...1_024).contains(utf8.count) && utf8.allSatisfy { (0x20...0x7e).contains($0) }
            && first != " " && last != " "
    }
}
