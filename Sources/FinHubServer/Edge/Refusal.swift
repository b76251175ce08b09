import FinHubAPI
import FinHubCore
import FinHubTokens
import HTTPTypes
import Hummingbird

/// A refusal as HTTP knows it: the one shape of every answer that is not a success.
struct Refusal: Error, Sendable {
    let status: HTTPResponse.Status
    let code: ErrorCode
    /// The envelope's `message`.
    let message: String
    /// One sentence of what was wrong.
    let details: String
    var problems: [FieldProblem] = []
    var suggestions: [String] = []
    var headers: HTTPFields = [:]
    /// Whether the connection can't be used any further.
    var closesConnection = false

    init(
        _ status: HTTPResponse.Status,
        _ code: ErrorCode,
        _ details: String,
        suggestions: [String] = []
    ) {
        self.status = status
        self.code = code
        self.message = status.reasonPhrase
        self.details = details
        self.suggestions = suggestions
        if status == .unauthorized { headers[.wwwAuthenticate] = "Bearer realm=\"finhub\"" }
    }

    /// The whole answer.
    var response: Response {
        var response = Response(
            envelope: Envelope(
                code: status.code,
                message: message,
                data: RefusalBody(error: code, details: details, problems: problems, suggestions: suggestions)
            ),
            status: status
        )
        response.headers.append(contentsOf: headers)
        if closesConnection { response.headers[.connection] = "close" }
        return response
    }
}

// MARK: The request itself

extension Refusal {
    static let notFound = Refusal(
        .notFound,
        .notFound,
        "There is nothing at this path.",
        suggestions: ["Compare the path with /openapi.yaml: it is case-sensitive and takes no trailing slash."]
    )

    static func methodNotAllowed(allowed: [HTTPRequest.Method]) -> Refusal {
        let list = allowed.map(\.rawValue).joined(separator: ", ")
        var refusal = Refusal(.methodNotAllowed, .methodNotAllowed, "This path answers \(list) only.")
        refusal.headers[.allow] = list
        return refusal
    }

    static let malformedJSON = Refusal(
        .badRequest,
        .malformedJSON,
        "The body is not JSON as RFC 8259 defines it.",
        suggestions: [
            "Send UTF-8 without a byte order mark, no name twice, no trailing comma, no lone surrogate, at most 32 levels."
        ]
    )

    static func malformedRequest(_ details: String) -> Refusal {
        var refusal = Refusal(.badRequest, .malformedRequest, details)
        refusal.closesConnection = true
        return refusal
    }

    static func bodyTooLarge(limit: Int) -> Refusal {
        var refusal = Refusal(.contentTooLarge, .bodyTooLarge, "The body is larger than \(limit) bytes.")
        refusal.closesConnection = true
        return refusal
    }

    static let targetTooLong: Refusal = {
        var refusal = Refusal(.uriTooLong, .targetTooLong, "The request target is longer than 8,192 bytes.")
        refusal.closesConnection = true
        return refusal
    }()

    static let headersTooLarge: Refusal = {
        var refusal = Refusal(
            .requestHeaderFieldsTooLarge,
            .headersTooLarge,
            "The headers are more than 100, or larger than 16,384 bytes."
        )
        refusal.closesConnection = true
        return refusal
    }()

    static let requestTimeout: Refusal = {
        var refusal = Refusal(.requestTimeout, .requestTimeout, "The request took too long to arrive.")
        refusal.closesConnection = true
        return refusal
    }()

    static let unsupportedMediaType = Refusal(
        .unsupportedMediaType,
        .unsupportedMediaType,
        "The body must be JSON in UTF-8, not compressed.",
        suggestions: ["Send Content-Type: application/json and no Content-Encoding."]
    )

    static let tenantHeaderRequired = Refusal(
        .badRequest,
        .tenantHeaderRequired,
        "X-Tenant-ID must be given exactly once.",
        suggestions: ["Send the tenant's slug, such as tenant_cloudvault, or its UUID in X-Tenant-ID."]
    )

    static let tenantMismatch = Refusal(
        .forbidden,
        .tenantMismatch,
        "The access token belongs to another tenant.",
        suggestions: ["Send the X-Tenant-ID, and name the tenant, that the session was created with."]
    )

    static func invalid(_ field: String, _ message: String) -> Refusal {
        Refusal(InvalidFields([FieldProblem(field: field, message: "\(field) \(message).")]))
    }

    init(_ error: InvalidFields) {
        self.init(.badRequest, .validationFailed, error.problems.map(\.message).joined(separator: " "))
        problems = error.problems
    }

    static let preconditionRequired = Refusal(
        .preconditionRequired,
        .preconditionRequired,
        "If-Match is required.",
        suggestions: ["Read what is to be changed, and send its ETag in If-Match."]
    )

    static let internalError = Refusal(
        .internalServerError,
        .internalError,
        "The server failed. Quote the X-Correlation-ID of this answer to its operator."
    )

    static func overloaded(retryAfterSeconds: Int) -> Refusal {
        var refusal = Refusal(
            .serviceUnavailable,
            .overloaded,
            "The server can't take this on right now; nothing was changed.",
            suggestions: ["Wait as many seconds as Retry-After says, then try again."]
        )
        refusal.headers[.retryAfter] = String(retryAfterSeconds)
        return refusal
    }
}
