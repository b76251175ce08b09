import Foundation

/// The programs that the tests run.
enum Executable {
    /// The `finhub` that was built with these tests; `EXECUTABLE_UNDER_TEST` names another one.
    static var finhub: URL {
        if let path = ProcessInfo.processInfo.environment["EXECUTABLE_UNDER_TEST"] { return URL(filePath: path) }
        let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
        let products = bundle ?? URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        return products.deletingLastPathComponent().appending(path: "finhub")
    }

    /// Runs `finhub` to its end.
    static func finhub(
        _ arguments: [String],
        environment: [String: String] = [:],
        input: String? = nil
    ) async throws -> Finished {
        try await run(finhub, arguments, environment: environment, input: input)
    }

    /// Runs `finhub` to its end in a session of its own, where there is no terminal to ask at.
    static func finhubWithoutTerminal(_ arguments: [String], environment: [String: String]) async throws -> Finished {
        try await run(
            URL(filePath: "/usr/bin/env"),
            ["setsid", "--wait", finhub.path] + arguments,
            environment: environment
        )
    }

    /// Runs a command line of the shell to its end.
    static func shell(_ line: String, environment: [String: String] = [:]) async throws -> Finished {
        let env = URL(filePath: "/usr/bin/env")
        return try await run(env, ["bash", "-c", "set -euo pipefail\n" + line], environment: environment)
    }

    private static func run(
        _ executable: URL,
        _ arguments: [String],
        environment: [String: String],
        input: String? = nil
    ) async throws -> Finished {
        let child = try ChildProcess(executable, arguments, environment: environment, input: input)
        let status = try await child.status(within: .seconds(30))
        return Finished(status: status, output: child.standardOutput, errors: child.standardError)
    }
}

/// How a program ended and what it said.
struct Finished: Sendable {
    let status: Int32
    let output: String
    let errors: String

    /// What it said, on whichever stream.
    var said: String { output + errors }
}
