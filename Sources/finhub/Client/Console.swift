import Foundation
import Logging
import Rainbow

/// What the person in front of a terminal sees.
enum Console {
    /// Whether `descriptor` leads to a terminal that shows colours, and nobody said `NO_COLOR`
    /// (no-color.org).
    static func showsColours(_ descriptor: Int32) -> Bool {
        let environment = ProcessInfo.processInfo.environment
        return isatty(descriptor) != 0 && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    /// Whether standard output leads to a terminal.
    static var isTerminal: Bool { isatty(STDOUT_FILENO) != 0 }

    /// Prints a failure to standard error: what went wrong, then what to do.
    static func complain(_ failure: ClientFailure) {
        let isColoured = showsColours(STDERR_FILENO)
        var text = (isColoured ? "finhub:".red.bold : "finhub:") + " \(failure.message.printable)\n"
        for suggestion in failure.suggestions {
            text += (isColoured ? "  → ".cyan : "  → ") + "\(suggestion.printable)\n"
        }
        FileHandle.standardError.write(Data(text.utf8))
    }

    /// Prints a note that is not the command's result to standard error.
    static func note(_ text: String) {
        FileHandle.standardError.write(Data("finhub: \(text.printable)\n".utf8))
    }
}

extension String {
    /// The text without what could move a cursor, colour the screen or turn the writing round;
    /// line ends stay.
    ///
    /// A session's user agent, for one, is whatever somebody sent.
    var printable: String {
        var scalars = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            scalars.append(scalar.movesText && scalar != "\n" ? " " : scalar)
        }
        return String(scalars)
    }
}

extension Unicode.Scalar {
    /// Whether a terminal does something else with it than to show it.
    var movesText: Bool {
        value < 0x20 || (0x7f...0x9f).contains(value) || (0x2028...0x202e).contains(value)
            || (0x2066...0x2069).contains(value)
    }
}

/// The SDK's log as notes on standard error.
///
/// By default its warnings alone: what fails for good is thrown as well, and reported as such.
struct ConsoleLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let showsAll: Bool

    init(showsAll: Bool) {
        self.showsAll = showsAll
        logLevel = showsAll ? .debug : .warning
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard showsAll || event.level == .warning else { return }
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let details = fields.map { " \($0.key)=\($0.value)" }.joined()
        Console.note("\(event.level): \(event.message)\(details)")
    }
}
