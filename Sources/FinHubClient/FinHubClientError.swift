public import FinHubAPI

/// Why a call failed.
///
/// Nothing in it is a secret: what a server repeats of a password or a token is cut out, so the
/// error may be logged and shown as it is. A cancelled task throws `CancellationError` instead.
public struct FinHubClientError: Error, Hashable, Sendable {
    /// The stable reason; compare this and never parse ``message``.
    ///
    /// The server's own code when it gave one, else one of the codes of ``FinHubAPI/ErrorCode``
    /// that begin with `CLIENT_`.
    public let code: ErrorCode
    /// A sentence for a person, which may change in any release.
    public let message: String
    /// The HTTP status; `nil` when no answer came.
    public let status: Int?
    /// What to quote to the server's operator; it is in the server's log.
    public let correlationID: String?
    /// What is wrong with which field of the request.
    public let problems: [FieldProblem]
    /// What you can do about it, best first.
    public let suggestions: [String]
    /// How long to leave the server alone; `nil` when nobody said.
    public let retryAfter: Duration?

    /// An error of one's own, such as a ``CredentialSource`` throws.
    public init(
        code: ErrorCode,
        message: String,
        status: Int? = nil,
        correlationID: String? = nil,
        problems: [FieldProblem] = [],
        suggestions: [String] = [],
        retryAfter: Duration? = nil
    ) {
        self.code = code
        self.message = message
        self.status = status
        self.correlationID = correlationID
        self.problems = problems
        self.suggestions = suggestions
        self.retryAfter = retryAfter
    }

    /// Whether the same call may succeed later with nothing changed by you.
    public var isTransient: Bool {
        switch status {
        case 408?, 429?, 502?, 503?, 504?: true
        case nil: [.clientUnreachable, .clientConnectionLost, .clientDeadlineExceeded].contains(code)
        default: false
        }
    }
}

extension FinHubClientError: CustomStringConvertible {
    /// Code, status, sentence and correlation id on one line.
    public var description: String {
        var text = code.rawValue
        if let status { text += " (HTTP \(status))" }
        text += ": \(message)"
        if let correlationID { text += " [correlation id \(correlationID)]" }
        return text
    }
}

extension ErrorCode {
    /// No connection could be made; the server has seen nothing of the call.
    public static let clientUnreachable = ErrorCode(rawValue: "CLIENT_UNREACHABLE")
    /// The connection was cut before the answer was complete; the call may have been carried out.
    public static let clientConnectionLost = ErrorCode(rawValue: "CLIENT_CONNECTION_LOST")
    /// The call's deadline passed; it may have been carried out.
    public static let clientDeadlineExceeded = ErrorCode(rawValue: "CLIENT_DEADLINE_EXCEEDED")
    /// No trust could be established: certificate, host name or TLS version.
    public static let clientTLSFailed = ErrorCode(rawValue: "CLIENT_TLS_FAILED")
    /// The answer is not what FinHub answers: no JSON, no envelope, or other fields.
    public static let clientUnreadableAnswer = ErrorCode(rawValue: "CLIENT_UNREADABLE_ANSWER")
    /// The envelope's `code` and the HTTP status contradict each other.
    public static let clientContradictoryAnswer = ErrorCode(rawValue: "CLIENT_CONTRADICTORY_ANSWER")
    /// The answer is larger than the configuration allows.
    public static let clientAnswerTooLarge = ErrorCode(rawValue: "CLIENT_ANSWER_TOO_LARGE")
    /// The server sent a status that no call expects, such as a redirect; it was not followed.
    public static let clientUnexpectedStatus = ErrorCode(rawValue: "CLIENT_UNEXPECTED_STATUS")
    /// The request can't be sent as it is: its path, a header or its body.
    public static let clientInvalidRequest = ErrorCode(rawValue: "CLIENT_INVALID_REQUEST")
    /// The configuration lacks something or contradicts itself.
    public static let clientInvalidConfiguration = ErrorCode(rawValue: "CLIENT_INVALID_CONFIGURATION")
    /// The credentials could not be read from where they are kept.
    public static let clientCredentialsUnavailable = ErrorCode(rawValue: "CLIENT_CREDENTIALS_UNAVAILABLE")
    /// The token store can't be read or written.
    public static let clientTokenStoreFailed = ErrorCode(rawValue: "CLIENT_TOKEN_STORE_FAILED")
    /// The client was shut down.
    public static let clientShutDown = ErrorCode(rawValue: "CLIENT_SHUT_DOWN")
}
