import FinHubAPI
import HTTPTypes
import NIOHTTP1

/// How one attempt failed, and what is known of its effect.
struct Fault: Error, Sendable {
    /// What the server may have done.
    enum Effect: Sendable {
        /// Nothing: the request did not arrive, or was turned away for now.
        case notCarriedOut
        /// Nobody knows.
        case unknown
        /// It was answered for good, or another attempt would end alike.
        case settled
    }

    let error: FinHubClientError
    let effect: Effect
    /// Whether FinHub itself answered, and not something on the way to it: an envelope that agrees
    /// with its status.
    let isServersWord: Bool

    init(_ error: FinHubClientError, _ effect: Effect, isServersWord: Bool = false) {
        self.error = error
        self.effect = effect
        self.isServersWord = isServersWord
    }

    /// The same with no word left of what was sent, should a server repeat it.
    func without(_ secrets: Secret<String>...) -> Fault {
        Fault(error.without(secrets), effect, isServersWord: isServersWord)
    }
}

extension ErrorCode {
    /// Whether a server that says so has refused the user, the address or the moment, and not the
    /// token: a session is then as good as before.
    var leavesSession: Bool {
        [
            .tokenRequired, .passwordExpired, .passwordChangeRequired, .secondFactorRequired, .otpRequired,
            .ipNotAllowed, .tenantSuspended, .sessionLimitReached, .tooManyAttempts, .rateLimited,
        ].contains(self)
    }
}

extension Fault {
    /// What became of a request to which no answer came.
    init(_ failure: TransportFailure, correlationID: String) {
        let (code, effect): (ErrorCode, Effect) =
            switch failure.reason {
            case .unreachable: (.clientUnreachable, .notCarriedOut)
            case .connectionLost: (.clientConnectionLost, .unknown)
            case .timedOut: (.clientDeadlineExceeded, .unknown)
            case .tls: (.clientTLSFailed, .settled)
            case .tooLarge: (.clientAnswerTooLarge, .settled)
            case .invalidRequest: (.clientInvalidRequest, .settled)
            case .shutDown: (.clientShutDown, .settled)
            }
        self.init(
            FinHubClientError(
                code: code,
                message: failure.message,
                correlationID: correlationID,
                suggestions: failure.reason.suggestions
            ),
            effect
        )
    }

    /// What a refusal says; `nil` when `answer` is none.
    init?(_ answer: FinHubResponse, wallClock: Timestamp) {
        let status = Int(answer.status.code)
        guard status >= 400 else {
            if (200..<300).contains(status) || status == 304 { return nil }
            self.init(answer.error(.clientUnexpectedStatus, "The server answered \(status)."), .settled)
            return
        }
        let retryAfter = answer.wire.first(name: "Retry-After").flatMap { text in
            RetryAfter.read(text, now: answer.wire.first(name: "Date").flatMap(HTTPDate.read) ?? wallClock)
        }
        do {
            let envelope = try AnswerEnvelope<RefusalBody>(agreeingWith: answer)
            let isEnvelope = envelope.code != nil
            let refusal = try? envelope.data.get()
            self.init(
                isEnvelope
                    ? FinHubClientError(refusal, answer, retryAfter: retryAfter)
                    : answer.error(.clientUnreadableAnswer, "The server answered \(status) without an envelope."),
                Self.effect(of: status, isServersWord: isEnvelope),
                isServersWord: isEnvelope
            )
        } catch {
            self.init(
                FinHubClientError(unreadable: error, answer, retryAfter: retryAfter),
                Self.effect(of: status, isServersWord: false)
            )
        }
    }

    private static func effect(of status: Int, isServersWord: Bool) -> Effect {
        switch status {
        case 429: .notCarriedOut
        case 503: isServersWord ? .notCarriedOut : .unknown
        case 408, 502, 504: .unknown
        default: .settled
        }
    }
}

extension FinHubClientError {
    /// What the server said of a refusal, made fit to be shown.
    fileprivate init(_ refusal: RefusalBody?, _ answer: FinHubResponse, retryAfter: Duration?) {
        self.init(
            code: refusal.map { ErrorCode(rawValue: $0.error.rawValue.fitToShow) }
                ?? ErrorCode(rawValue: "HTTP_\(answer.status.code)"),
            message: refusal.map { $0.details.fitToShow } ?? "The server answered \(answer.status.code).",
            status: Int(answer.status.code),
            correlationID: answer.wire.first(name: "X-Correlation-ID")?.fitToShow,
            problems: refusal?.problems.prefix(32).map {
                FieldProblem(field: $0.field.fitToShow, message: $0.message.fitToShow)
            } ?? [],
            suggestions: refusal?.suggestions.prefix(16).map(\.fitToShow) ?? [],
            retryAfter: retryAfter
        )
    }

    fileprivate init(unreadable error: any Error, _ answer: FinHubResponse, retryAfter: Duration?) {
        let error = error as? FinHubClientError
        self.init(
            code: error?.code ?? .clientUnreadableAnswer,
            message: error?.message ?? "The answer is no FinHub envelope.",
            status: Int(answer.status.code),
            correlationID: answer.wire.first(name: "X-Correlation-ID")?.fitToShow,
            retryAfter: retryAfter
        )
    }
}

extension TransportFailure.Reason {
    fileprivate var suggestions: [String] {
        switch self {
        case .unreachable: ["Check the server's address, and that it is reachable from here."]
        case .tls: ["Check the host name, and the authority that signed the server's certificate."]
        case .tooLarge: ["Read the answer as a stream, or raise answerBytes."]
        default: []
        }
    }
}

extension String {
    /// At most 500 characters, none of which could forge a line of a log or move a cursor.
    var fitToShow: String {
        var scalars = String.UnicodeScalarView()
        for scalar in unicodeScalars.prefix(500) {
            let isControl = scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
            let movesText = (0x2028...0x202e).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
            scalars.append(isControl || movesText ? " " : scalar)
        }
        return String(scalars)
    }
}
