import FinHubAPI
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// Sends one attempt of a call and says what became of it.
final class Wire: Sendable {
    private let transport: any ClientTransport
    private let clock: any ClientClock
    private let answerBytes: Int
    private let logger: Logger
    private let skew = Mutex(ClockSkew())

    init(_ configuration: FinHubClient.Configuration, transport: any ClientTransport, clock: any ClientClock) {
        self.transport = transport
        self.clock = clock
        answerBytes = configuration.answerBytes
        logger = configuration.logger
    }

    /// How far the server's clock is ahead; `nil` before the first answer with a `Date`.
    var clockSkew: Duration? { skew.withLock { $0.value } }

    /// Sends `call` once and reads the whole answer.
    ///
    /// - Parameters:
    ///   - call: Its deadline bounds the attempt.
    ///   - authorization: The header's value; `nil` for a call that needs none.
    ///   - limit: The longest this attempt may take.
    /// - Returns: The answer when it is a success, else what went wrong.
    /// - Throws: `CancellationError` alone.
    func exchange(
        _ call: PreparedCall,
        authorization: Secret<String>?,
        limit: Duration? = nil
    ) async throws -> Result<FinHubResponse, Fault> {
        try await attempt(call, limit: limit) { timeout in
            let request = call.request(authorization: authorization, timeout: timeout)
            let answer = try await transport.exchange(request, limit: answerBytes)
            observe(answer.wire.first(name: "Date"))
            return Fault(answer, wallClock: clock.wallClock).map { .failure($0) } ?? .success(answer)
        }
    }

    /// Sends `call` once and returns with the answer's head.
    ///
    /// - Throws: `CancellationError` alone.
    func stream(_ call: PreparedCall, authorization: Secret<String>) async throws -> Result<StreamedResponse, Fault> {
        try await attempt(call, limit: nil) { timeout in
            let request = call.request(authorization: authorization, timeout: timeout)
            let answer = try await transport.stream(request)
            observe(answer.headers[.date])
            guard answer.status.code >= 300 else { return .success(answer) }
            let whole = FinHubResponse(
                status: answer.status,
                headers: answer.headers,
                body: try await answer.body.collect(upTo: 64 * 1_024, until: call.deadline, clock)
            )
            return Fault(whole, wallClock: clock.wallClock).map { .failure($0) } ?? .success(answer)
        }
    }

    func shutdown() async {
        await transport.shutdown()
    }

    private func attempt<Answer: Sendable>(
        _ call: PreparedCall,
        limit: Duration?,
        _ send: (Duration) async throws -> Result<Answer, Fault>
    ) async throws -> Result<Answer, Fault> {
        let left = call.deadline - clock.now
        let timeout = limit.map { min($0, left) } ?? left
        do {
            guard timeout > .zero else { throw TransportFailure(.timedOut, "No time was left to send it.") }
            return try await send(timeout)
        } catch let error as CancellationError {
            throw error
        } catch let failure as TransportFailure {
            return .failure(Fault(failure, correlationID: call.correlationID))
        } catch {
            let failure = TransportFailure(.connectionLost, "The transport failed with \(type(of: error)).")
            return .failure(Fault(failure, correlationID: call.correlationID))
        }
    }

    private func observe(_ date: @autoclosure () -> String?) {
        let now = clock.now
        guard skew.withLock({ $0.isDue(at: now) }), let date = date().flatMap(HTTPDate.read) else { return }
        let wallClock = clock.wallClock
        guard let skew = skew.withLock({ $0.measure(server: date, wallClock: wallClock, at: now) }) else { return }
        logger.warning(
            "The server's clock and this machine's differ; sessions are not affected.",
            metadata: ["server_ahead_seconds": "\(skew.components.seconds)"]
        )
    }
}

extension ResponseBody {
    /// All parts as one.
    ///
    /// - Throws: ``TransportFailure`` when they are too many, cut off or late; `CancellationError`.
    fileprivate func collect(
        upTo limit: Int,
        until deadline: ContinuousClock.Instant,
        _ clock: any ClientClock
    ) async throws -> ByteBuffer {
        try await inTime(deadline, clock) {
            var whole = ByteBuffer()
            for try await part in self {
                guard whole.readableBytes + part.readableBytes <= limit else {
                    throw TransportFailure(.tooLarge, "The answer is too large.")
                }
                whole.writeImmutableBuffer(part)
            }
            return whole
        }
    }
}

/// What `work` returns, if it does so before `deadline`.
///
/// - Throws: ``TransportFailure`` of the reason `timedOut`, or what `work` throws.
func inTime<Value: Sendable>(
    _ deadline: ContinuousClock.Instant,
    _ clock: any ClientClock,
    _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try await clock.reach(deadline)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let value = first else {
            throw TransportFailure(.timedOut, "Time was up.")
        }
        return value
    }
}
