import Foundation
import Testing

/// A FinHub server on free ports of this host.
///
/// It is killed when nobody holds it any more; its data folder stays with who made it.
struct RunningServer: Sendable {
    let process: ChildProcess
    /// Where the API is, without a trailing slash.
    let address: String
    /// Where `/metrics` is.
    let metrics: String
    let port: UInt16

    /// Starts a sandbox on the folder `data` and waits until it listens.
    static func sandbox(in folder: TemporaryFolder, _ options: String...) async throws -> RunningServer {
        try await start(["sandbox", "--data-dir", folder.path("data")] + options)
    }

    /// Starts `finhub` with `arguments` and waits until it listens; `launcher` is a command that
    /// becomes the one behind it, as `nsenter` does.
    static func start(
        _ arguments: [String],
        launcher: [String] = [],
        environment: [String: String] = [:]
    ) async throws -> RunningServer {
        let process = try ChildProcess(
            launcher.isEmpty ? Executable.finhub : URL(filePath: "/usr/bin/env"),
            (launcher.isEmpty ? [] : launcher + [Executable.finhub.path])
                + arguments + ["--port", "0", "--admin-port", "0"],
            environment: environment
        )
        let output = try await process.output(within: .seconds(30)) { output in
            Self.address(after: "listens on ", in: output) != nil
                && Self.address(after: "Metrics on ", in: output) != nil
        }
        let address = try #require(Self.address(after: "listens on ", in: output))
        return RunningServer(
            process: process,
            address: address,
            metrics: try #require(Self.address(after: "Metrics on ", in: output)),
            port: try #require(URL(string: address)?.port.flatMap(UInt16.init(exactly:)))
        )
    }

    /// Asks it to stop, as a service manager does, and waits for the end.
    func stop() async throws -> Int32 {
        process.end(with: SIGTERM)
        return try await process.status(within: .seconds(10))
    }

    /// Ends it with no chance to do anything more.
    func kill() async throws {
        process.end(with: SIGKILL)
        _ = try await process.status()
    }

    /// The address that follows `words`; `nil` until its line is complete.
    private static func address(after words: String, in output: String) -> String? {
        guard let found = output.range(of: words) else { return nil }
        let rest = output[found.upperBound...]
        guard let end = rest.firstIndex(where: \.isWhitespace) else { return nil }
        return String(rest[..<end])
    }
}

/// Gives the tests of a suite one sandbox to share.
struct SharedSandbox: SuiteTrait, TestScoping {
    @TaskLocal static var current: RunningServer?

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let server = try await RunningServer.sandbox(in: folder)
        try await Self.$current.withValue(server) { try await function() }
        try await server.kill()
    }
}

extension Trait where Self == SharedSandbox {
    /// One sandbox for all tests of the suite: ``SharedSandbox/current``.
    static var sharedSandbox: Self { SharedSandbox() }
}
