import ArgumentParser
import AsyncHTTPClient
import FinHubAPI
import FinHubClient
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOSSL

/// An authenticated call through the SDK beside the same call by async-http-client alone, in turns.
struct SDKCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sdk",
        abstract: "Call a running server, with the SDK and without; where and as whom is in FINHUB_ variables."
    )

    @Option(help: "How often each is measured, in turns.")
    var rounds = 15
    @Option(help: "How many calls are made one after the other for the CPU time of one.")
    var calls = 2_000
    @Option(help: "How long each measurement of the throughput takes.")
    var seconds = 2
    @Option(help: "How many tasks call at once for the throughput.")
    var tasks = 64

    func run() async throws {
        let subject = try await SDKSubject()
        do {
            let cpu = try await processorTime(subject)
            let throughput = try await throughput(subject)
            print("{\(cpu),\(throughput)}")
            await subject.shutdown()
        } catch {
            await subject.shutdown()
            throw error
        }
    }

    private func processorTime(_ subject: SDKSubject) async throws -> String {
        var (bare, raw, typed): ([Double], [Double], [Double]) = ([], [], [])
        for round in -1..<rounds {
            let (one, two, three) = try await inTurns(
                { try await microseconds { try await subject.bare(subject.path) } },
                { try await microseconds { try await subject.raw(nil) } },
                { try await microseconds { try await subject.typed() } }
            )
            guard round >= 0 else { continue }
            bare.append(one)
            raw.append(two)
            typed.append(three)
        }
        let overhead = zip(raw, bare).map { $0 - $1 }.median
        let typedOverhead = zip(typed, bare).map { $0 - $1 }.median
        return """
            "bare_us":\(bare.median),"sdk_us":\(raw.median),"typed_us":\(typed.median),\
            "overhead_us":\(overhead),"typed_overhead_us":\(typedOverhead)
            """
    }

    /// Measures each many times for a short while, in changing order: what the machine does meanwhile comes and goes
    /// within seconds, and so meets all of them alike.
    ///
    /// - Returns: The mean of each.
    private func inTurns(
        _ first: () async throws -> Double,
        _ second: () async throws -> Double,
        _ third: () async throws -> Double
    ) async rethrows -> (Double, Double, Double) {
        var (one, two, three) = (0.0, 0.0, 0.0)
        for turn in 0..<Self.turns {
            if turn.isMultiple(of: 2) {
                one += try await first()
                two += try await second()
                three += try await third()
            } else {
                three += try await third()
                two += try await second()
                one += try await first()
            }
        }
        let turns = Double(Self.turns)
        return (one / turns, two / turns, three / turns)
    }

    private static let turns = 10

    /// What one of many calls takes of all cores' time in this process, in user and kernel mode.
    private func microseconds(_ call: () async throws -> Void) async rethrows -> Double {
        let count = max(1, calls / Self.turns)
        let before = Self.processorSeconds
        for _ in 0..<count { try await call() }
        return (Self.processorSeconds - before) / Double(count) * 1e6
    }

    private static var processorSeconds: Double {
        var time = timespec()
        guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return .nan }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private func throughput(_ subject: SDKSubject) async throws -> String {
        var (bare, sdk): ([Double], [Double]) = ([], [])
        for round in -1..<rounds {
            // Each task has a target of its own, for the SDK asks once for what many want.
            let (one, two, _) = try await inTurns(
                { try await perSecond { try await subject.bare("\(subject.path)?task=\($0)") } },
                { try await perSecond { try await subject.raw($0) } },
                { 0 }
            )
            guard round >= 0 else { continue }
            bare.append(one)
            sdk.append(two)
        }
        let ratio = zip(sdk, bare).map { $0 / $1 }.median
        return #""bare_per_second":\#(bare.median),"sdk_per_second":\#(sdk.median),"ratio":\#(ratio)"#
    }

    private func perSecond(_ call: @escaping @Sendable (Int) async throws -> Void) async throws -> Double {
        let begun = ContinuousClock.now
        let end = begun + .seconds(seconds) / Self.turns
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    var count = 0
                    while ContinuousClock.now < end {
                        try await call(task)
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(count) / (ContinuousClock.now - begun).seconds
    }
}

/// One session, and the two ways to call with it.
private struct SDKSubject: Sendable {
    let path = "/admin/sessions/current"
    private let client: FinHubClient
    private let http: HTTPClient
    private let base: String
    private let headers: [(String, String)]

    init() async throws {
        let configuration = try FinHubClient.Configuration()
        client = try FinHubClient(configuration: configuration)
        let session = try await client.ensureAuthenticated()
        base = "\(configuration.server)/api/v2.1"
        http = Self.http(like: configuration)
        headers = [
            ("user-agent", "finhub-sdk-swift/\(FinHubClient.version)"), ("accept", "application/json"),
            ("x-tenant-id", configuration.identity.tenant),
            ("x-correlation-id", "5f1d6c3a-8b2e-4f70-9c41-000000000101"),
            ("authorization", "Bearer \(session.token.reveal())"),
        ]
    }

    /// A client with the settings that the SDK gives its own.
    private static func http(like configuration: FinHubClient.Configuration) -> HTTPClient {
        var settings = HTTPClient.Configuration(
            certificateVerification: .fullVerification,
            redirectConfiguration: .disallow,
            timeout: HTTPClient.Configuration.Timeout(
                connect: TimeAmount(configuration.connectTimeout),
                read: TimeAmount(configuration.idleTimeout)
            ),
            decompression: .disabled
        )
        settings.connectionPool.retryConnectionEstablishment = false
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = configuration.connections
        settings.tracing.tracer = nil
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    /// The call as whoever uses async-http-client would write it, headers and all.
    func bare(_ path: String) async throws {
        var request = HTTPClientRequest(url: base + path)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        let answer = try await http.execute(request, timeout: .seconds(30))
        let body = try await answer.body.collect(upTo: 8 * 1_024 * 1_024)
        guard answer.status == .ok else { throw WrongAnswer(status: Int(answer.status.code)) }
        consume(body)
    }

    /// The call through the SDK; both return the body's bytes.
    func raw(_ task: Int?) async throws {
        let query = task.map { [QueryItem("task", String($0))] } ?? []
        consume(try await client.send(FinHubRequest(.get, "/admin/sessions/current", query: query)).body)
    }

    /// The call through the SDK, its answer read.
    func typed() async throws {
        consume(try await client.sessions.current())
    }

    func shutdown() async {
        await client.shutdown()
        try? await http.shutdown()
    }
}

private struct WrongAnswer: Error {
    let status: Int
}
