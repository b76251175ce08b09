import FinHubAPI
import FinHubCore
import Foundation
import HTTPTypes
public import Hummingbird
import Logging
import Metrics

/// What surrounds every request, whatever becomes of it: its correlation id, a path of the one
/// canonical form, the headers that every answer carries, one log line and the metrics.
public struct EdgeResponder<Inner: HTTPResponder>: HTTPResponder where Inner.Context == APIContext {
    private let inner: Inner
    private let metrics: RequestMetrics

    init(_ inner: Inner, metrics: RequestMetrics) {
        self.inner = inner
        self.metrics = metrics
    }

    public func respond(to request: Request, context: APIContext) async throws -> Response {
        let begun = ContinuousClock.now
        let traits = HeaderTraits(request.headers)
        var context = context
        context.correlationID = traits.correlationID ?? CorrelationIDs.shared.next()
        var response = try await answer(request, context, headerBytes: traits.byteCount)
        // A refusal too has no body then (RFC 9112, section 6.3): it would be read as the next answer.
        if request.method == .head { response = response.createHeadResponse() }
        response.headers = EdgeHeaders.around(
            response.headers,
            correlationID: context.correlationID,
            standing: context.peer.standing
        )
        let took = ContinuousClock.now - begun
        metrics.record(status: response.status.code, took: took)
        context.debugLogger?.debug(
            "request",
            metadata: [
                "method": "\(request.method.rawValue)",
                "route": "\(context.endpointPath ?? "none")",
                "status": "\(response.status.code)",
            ]
        )
        return response
    }

    private func answer(_ request: Request, _ context: APIContext, headerBytes: Int) async throws -> Response {
        let target = request.head.path ?? ""
        guard target.utf8.count <= 8_192 else { return Refusal.targetTooLong.response }
        guard headerBytes <= 16_384 else { return Refusal.headersTooLarge.response }
        guard request.uri.path.isCanonicalPath, target.utf8.first == UInt8(ascii: "/") else {
            return Refusal.notFound.response
        }
        return try await inner.respond(to: request, context: context)
    }
}

/// The headers of every answer (contract, *Conventions*).
enum EdgeHeaders {
    static let all: HTTPFields = [
        .xContentTypeOptions: "nosniff",
        .referrerPolicy: "no-referrer",
        .contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
    ]

    /// A response's own headers and what every answer has beside them.
    static func around(_ own: HTTPFields, correlationID: String, standing: RateStanding?) -> HTTPFields {
        var headers = HTTPFields()
        // Room for the framework's own two as well, so that the list never grows.
        headers.reserveCapacity(own.count + all.count + 6)
        headers.append(contentsOf: own)
        headers.append(HTTPField(name: .correlationID, value: correlationID))
        headers.append(contentsOf: all)
        if let standing {
            // Numbers of up to 15 digits are strings that need no memory.
            headers.append(HTTPField(name: .rateLimitLimit, value: String(standing.limit)))
            headers.append(HTTPField(name: .rateLimitRemaining, value: String(standing.remaining)))
            headers.append(HTTPField(name: .rateLimitReset, value: String(standing.resetSeconds)))
        }
        return headers
    }
}

/// What the edge needs to know of a request's headers, read in one pass.
private struct HeaderTraits {
    /// What names and values come to.
    private(set) var byteCount = 0
    private var correlationIDs = Single<String>()

    init(_ headers: HTTPFields) {
        for field in headers {
            byteCount += field.name.rawName.utf8.count + field.value.utf8.count
            if field.name == .correlationID { correlationIDs.add(field.value) }
        }
    }

    /// The caller's `X-Correlation-ID` when it is 1 to 128 visible ASCII characters.
    var correlationID: String? {
        guard let value = correlationIDs.value, (1...128).contains(value.utf8.count),
            value.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return nil }
        return value
    }
}

extension String {
    /// Whether the path is spelled in the one way that the router and everybody behind it read
    /// alike: no empty, dot or escaped segment, no trailing slash, ASCII only.
    fileprivate var isCanonicalPath: Bool {
        guard self != "/" else { return true }
        var previous = UInt8(ascii: " ")
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "/") where previous == UInt8(ascii: "/"): return false
            case UInt8(ascii: "%"), UInt8(ascii: ";"), UInt8(ascii: "\\"), 0...0x20, 0x7f...0xff: return false
            default: previous = byte
            }
        }
        return previous != UInt8(ascii: "/")
    }
}
