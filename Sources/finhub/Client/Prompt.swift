import FinHubAPI
import Foundation

/// Asks the person at the terminal, whatever standard input and output are redirected to.
enum Prompt {
    /// Whether there is a terminal to ask at.
    static var isPossible: Bool {
        let descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        if descriptor >= 0 { close(descriptor) }
        return descriptor >= 0
    }

    /// Asks for something that may be seen.
    ///
    /// - Throws: ``ClientFailure`` when there is no terminal, or the person gives up.
    static func ask(_ question: String) throws -> String {
        try Terminal().ask(question + ": ", isSecret: false)
    }

    /// Asks for something that must not be seen: nothing that is typed shows.
    static func askSecretly(_ question: String) throws -> Secret<String> {
        Secret(try Terminal().ask(question + ": ", isSecret: true))
    }
}

/// The process's terminal, open for one question.
private final class Terminal {
    private let descriptor: Int32

    init() throws {
        descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw ClientFailure(status: .usage, message: "There is no terminal to ask at.") }
    }

    deinit {
        close(descriptor)
    }

    func ask(_ question: String, isSecret: Bool) throws -> String {
        guard isSecret else {
            write(question)
            return try line { _ in }
        }
        var before = termios()
        guard tcgetattr(descriptor, &before) == 0 else {
            throw ClientFailure(status: .usage, message: "The terminal can't be kept from showing what is typed.")
        }
        var silent = before
        // Signals off as well: whoever presses Ctrl-C must get back a terminal that shows what is typed.
        silent.c_lflag &= ~tcflag_t(ECHO | ECHONL | ICANON | ISIG)
        guard tcsetattr(descriptor, TCSAFLUSH, &silent) == 0 else {
            throw ClientFailure(status: .usage, message: "The terminal can't be kept from showing what is typed.")
        }
        defer {
            tcsetattr(descriptor, TCSANOW, &before)
            write("\n")
        }
        write(question)
        return try line(edit: Self.edit)
    }

    /// The bytes up to the line's end; `edit` sees each but that.
    private func line(edit: (inout [UInt8]) throws -> Void) throws -> String {
        var bytes: [UInt8] = []
        while bytes.count <= 1_024 {
            var byte: UInt8 = 0
            let count = read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { throw Self.givenUp }
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { break }
            bytes.append(byte)
            try edit(&bytes)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ClientFailure(status: .usage, message: "What was typed is no UTF-8.")
        }
        return text
    }

    /// What the terminal does by itself while it shows what is typed.
    private static func edit(_ bytes: inout [UInt8]) throws {
        switch bytes.last {
        case 0x03, 0x04: throw givenUp
        case 0x08, 0x7f:
            bytes.removeLast()
            while let last = bytes.popLast(), last & 0b1100_0000 == 0b1000_0000 {}
        case 0x15: bytes = []
        default: break
        }
    }

    private static var givenUp: ClientFailure {
        ClientFailure(status: .interrupted, message: "Nothing was done.")
    }

    private func write(_ text: String) {
        _ = text.utf8CString.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count - 1) }
    }
}
