import Foundation
import Synchronization

/// A `finhub` at a terminal of its own: what is on the screen, and a keyboard.
final class TerminalProcess: Sendable {
    private let process = Process()
    private let terminal: FileHandle
    private let exit = DispatchGroup()
    private let shown = Mutex(Data())

    /// Starts `finhub` in a session of its own, whose controlling terminal shows what is typed.
    init(_ arguments: [String], environment: [String: String]) throws {
        var (outside, inside): (Int32, Int32) = (-1, -1)
        guard openpty(&outside, &inside, nil, nil, nil) == 0 else { throw CocoaError(.fileReadUnknown) }
        for descriptor in [outside, inside] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        terminal = FileHandle(fileDescriptor: outside, closeOnDealloc: true)
        let inner = FileHandle(fileDescriptor: inside, closeOnDealloc: true)
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["setsid", "--ctty", "--wait", Executable.finhub.path] + arguments
        process.environment = ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("FINHUB_") }
            .merging(["TERM": "xterm"]) { $1 }
            .merging(environment) { $1 }
        process.standardInput = inner
        process.standardOutput = inner
        process.standardError = inner
        exit.enter()
        process.terminationHandler = { [exit] _ in exit.leave() }
        try process.run()
        try inner.close()
    }

    deinit {
        if process.isRunning { process.terminate() }
    }

    /// Presses keys.
    func type(_ text: String) throws {
        try terminal.write(contentsOf: Data(text.utf8))
    }

    /// Everything that has been on the screen, once `text` is part of it.
    @discardableResult
    func screen(showing text: String, within limit: Duration = .seconds(20)) async throws -> String {
        try await offPool { [self] in
            let deadline = ContinuousClock.now + limit
            while !seen.contains(text) {
                guard waitForInput(terminal.fileDescriptor, until: deadline), readPart() else {
                    throw ProcessTimeout(output: seen, errors: "")
                }
            }
            return seen
        }
    }

    /// Waits for the end; how it ended, and everything that has been on the screen.
    func finished(within limit: Duration = .seconds(20)) async throws -> Finished {
        try await offPool { [self] in
            let deadline = ContinuousClock.now + limit
            while waitForInput(terminal.fileDescriptor, until: deadline), readPart() {}
            guard exit.wait(timeout: .now() + limit.timeInterval) == .success else {
                throw ProcessTimeout(output: seen, errors: "")
            }
            return Finished(status: process.terminationStatus, output: seen, errors: "")
        }
    }

    /// Whether the terminal shows what is typed.
    var echoes: Bool {
        var settings = termios()
        return tcgetattr(terminal.fileDescriptor, &settings) == 0 && settings.c_lflag & tcflag_t(ECHO) != 0
    }

    private var seen: String { shown.withLock { String(decoding: $0, as: UTF8.self) } }

    /// Reads what is there; `false` when nobody has the terminal open any more.
    private func readPart() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = read(terminal.fileDescriptor, &bytes, bytes.count)
        guard count > 0 else { return false }
        shown.withLock { $0.append(contentsOf: bytes.prefix(count)) }
        return true
    }
}
