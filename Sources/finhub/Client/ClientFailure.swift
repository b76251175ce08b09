import ArgumentParser
import FinHubAPI
import FinHubClient
import Foundation

/// Why a command ended without doing what it was asked: what went wrong, and what to do.
struct ClientFailure: Error {
    let status: ExitStatus
    let message: String
    /// What the SDK or the server calls it, if it comes from there.
    var code: ErrorCode?
    /// What the user can do about it, best first.
    var suggestions: [String] = []
}

/// How the commands that call a FinHub host end; scripts go by it.
enum ExitStatus: Int32, CaseIterable {
    /// The server answered, and said no.
    case refused = 1
    /// What was asked for makes no sense (`EX_USAGE`).
    case usage = 64
    /// There is no server to be had, or it is overloaded (`EX_UNAVAILABLE`).
    case unreachable = 69
    /// What answered does not speak FinHub's contract (`EX_PROTOCOL`).
    case protocolBroken = 76
    /// There is no session to call with (`EX_NOPERM`).
    case notLoggedIn = 77
    /// The configuration on this machine is at fault (`EX_CONFIG`).
    case misconfigured = 78
    /// Ctrl-C at a prompt.
    case interrupted = 130

    /// The status of an error of the SDK.
    init(_ error: FinHubClientError) {
        switch error.code {
        case .clientNotLoggedIn: self = .notLoggedIn
        case .clientInvalidRequest: self = .usage
        case .clientInvalidConfiguration, .clientCredentialsUnavailable, .clientTokenStoreFailed: self = .misconfigured
        case .clientUnreadableAnswer, .clientContradictoryAnswer, .clientUnexpectedStatus, .clientAnswerTooLarge:
            self = [502, 503, 504].contains(error.status) ? .unreachable : .protocolBroken
        default:
            switch error.status {
            case nil, 502?, 503?, 504?: self = .unreachable
            default: self = .refused
            }
        }
    }

    private var meaning: String {
        switch self {
        case .refused: "the server refused"
        case .usage: "wrong usage; nothing was sent"
        case .unreachable: "no server there, no trust in its certificate, or overloaded"
        case .protocolBroken: "what answered is no FinHub server"
        case .notLoggedIn: "not logged in, or the session is over"
        case .misconfigured: "the configuration, credentials or kept tokens can't be used"
        case .interrupted: "interrupted at a prompt"
        }
    }

    /// The table that `--help` ends with.
    static let help =
        (["EXIT STATUS:", "  0    done"]
        + allCases.map { status in
            "  " + String(status.rawValue).padding(toLength: 5, withPad: " ", startingAt: 0) + status.meaning
        })
        .joined(separator: "\n")
}

extension ErrorCode {
    /// There are no tokens to call with.
    static let clientNotLoggedIn = ErrorCode(rawValue: "CLIENT_NOT_LOGGED_IN")
}

/// Ends the command with a message on standard error and the status of its class when `body`
/// fails.
func reportingFailures(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let failure as ClientFailure {
        Console.complain(failure)
        throw ExitCode(failure.status.rawValue)
    } catch let error as FinHubClientError {
        let failure = ClientFailure(error)
        Console.complain(failure)
        throw ExitCode(failure.status.rawValue)
    }
}

extension ClientFailure {
    /// - Parameters:
    ///   - error: What the SDK says.
    ///   - server: Whom nobody answered for, if it was a call.
    init(_ error: FinHubClientError, server: ServerAddress? = nil) {
        let status = ExitStatus(error)
        let isOwnWord = error.code == .clientNotLoggedIn
        var lines = [isOwnWord ? error.message : "\(error.message) (\(error.reference))"]
        for problem in error.problems { lines.append("  \(problem.field): \(problem.message)") }
        let place = server.flatMap { status == .unreachable ? "\($0): " : nil } ?? ""
        self.status = status
        message = place + lines.joined(separator: "\n")
        code = error.code
        suggestions = error.suggestions
        if let wait = error.retryAfter, wait > .zero {
            suggestions.append("Try again in \(max(1, wait.components.seconds)) s.")
        }
    }
}

extension FinHubClientError {
    /// What to quote to whoever runs the server.
    fileprivate var reference: String {
        var parts = [code.rawValue]
        if let status { parts.append("HTTP \(status)") }
        if let correlationID { parts.append("correlation id \(correlationID)") }
        return parts.joined(separator: ", ")
    }
}
