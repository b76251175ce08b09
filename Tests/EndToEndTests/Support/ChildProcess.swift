import Foundation
import Synchronization

/// A program that was started: its output so far, and its end.
///
/// Standard error goes to a file, so that a talkative program is never held up by a full pipe.
final class ChildProcess: Sendable {
    private let process = Process()
    private let output = Pipe()
    private let errors: URL
    private let folder: TemporaryFolder
    private let exit = DispatchGroup()
    private let printed = Mutex(Data())

    /// Starts `executable`; no `FINHUB_` variable of this process reaches it but by `environment`.
    init(
        _ executable: URL,
        _ arguments: [String],
        environment: [String: String] = [:],
        input: String? = nil
    ) throws {
        folder = try TemporaryFolder()
        errors = folder.url.appending(path: "stderr")
        guard FileManager.default.createFile(atPath: errors.path, contents: nil) else {
            throw CocoaError(.fileWriteUnknown)
        }
        process.executableURL = executable
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("FINHUB_") }
            .merging(environment) { $1 }
        process.standardInput = try input.map { try folder.reading($0) } ?? FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: errors)
        exit.enter()
        process.terminationHandler = { [exit] _ in exit.leave() }
        try process.run()
    }

    deinit {
        end(with: SIGKILL)
    }

    var id: Int32 { process.processIdentifier }

    /// Sends `signal` to the process unless it is over.
    func end(with signal: Int32) {
        guard process.isRunning else { return }
        _ = kill(process.processIdentifier, signal)
    }

    /// Everything on standard error so far.
    var standardError: String {
        String(decoding: FileManager.default.contents(atPath: errors.path) ?? Data(), as: UTF8.self)
    }

    /// What was read from standard output so far.
    var standardOutput: String {
        printed.withLock { String(decoding: $0, as: UTF8.self) }
    }

    /// Waits until the process is over.
    ///
    /// - Returns: Its exit status; a negative number is the signal that ended it.
    /// - Throws: ``ProcessTimeout`` after `limit`; the process then still runs.
    func status(within limit: Duration = .seconds(20)) async throws -> Int32 {
        try await offPool { [self] in
            guard exit.wait(timeout: .now() + limit.timeInterval) == .success else {
                throw ProcessTimeout(output: standardOutput, errors: standardError)
            }
            readOutput(until: .now + .seconds(2)) { _ in false }
            return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        }
    }

    /// Reads standard output until `isEnough` of it, and returns all of it so far.
    ///
    /// - Throws: ``ProcessTimeout`` after `limit`, or as soon as the output ends.
    func output(within limit: Duration, until isEnough: @escaping @Sendable (String) -> Bool) async throws -> String {
        try await offPool { [self] in
            readOutput(until: .now + limit, isEnough)
            guard isEnough(standardOutput) else {
                throw ProcessTimeout(output: standardOutput, errors: standardError)
            }
            return standardOutput
        }
    }

    private func readOutput(until deadline: ContinuousClock.Instant, _ isEnough: (String) -> Bool) {
        let descriptor = output.fileHandleForReading.fileDescriptor
        while !isEnough(standardOutput), waitForInput(descriptor, until: deadline) {
            let part = output.fileHandleForReading.availableData
            guard !part.isEmpty else { return }
            printed.withLock { $0.append(part) }
        }
    }
}

/// A process did not do in time what it was waited for; what it had said by then.
struct ProcessTimeout: Error {
    let output: String
    let errors: String
}

/// Blocks until `descriptor` has something to read, or is at its end; `false` after `deadline`.
func waitForInput(_ descriptor: Int32, until deadline: ContinuousClock.Instant) -> Bool {
    while true {
        let left = max(0, (deadline - .now).timeInterval)
        var query = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let count = poll(&query, 1, Int32((left * 1_000).rounded(.up)))
        if count >= 0 { return count > 0 }
        guard errno == EINTR else { return false }
    }
}

extension Duration {
    /// In seconds.
    var timeInterval: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
