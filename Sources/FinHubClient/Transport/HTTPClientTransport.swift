import AsyncHTTPClient
import FinHubAPI
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1
import NIOSSL

/// Carries requests over the network by async-http-client.
final class HTTPClientTransport: ClientTransport {
    private let lanes: [Lane]
    private let watch: DeadlineWatch
    private let templates = RequestTemplates()

    /// - Throws: ``FinHubClientError`` when the trust roots can't be read.
    init(_ configuration: FinHubClient.Configuration) throws {
        var http = HTTPClient.Configuration(
            certificateVerification: .fullVerification,
            redirectConfiguration: .disallow,
            timeout: HTTPClient.Configuration.Timeout(
                connect: TimeAmount(configuration.connectTimeout),
                read: TimeAmount(configuration.idleTimeout)
            ),
            decompression: .disabled
        )
        http.tlsConfiguration = try Self.tls(configuration.trust)
        // A connection that can't be made is the retry policy's business, and the span is the call's.
        http.connectionPool.retryConnectionEstablishment = false
        http.tracing.tracer = nil
        let connections = max(1, configuration.connections)
        let loops = Array(HTTPClient.defaultEventLoopGroup.makeIterator().prefix(min(connections, Self.mostLoops)))
        lanes = loops.enumerated().map { index, loop in
            // They have all connections together, spread evenly.
            let share = (connections + loops.count - 1 - index) / loops.count
            http.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = share
            return Lane(HTTPClient(eventLoopGroupProvider: .shared(loop), configuration: http))
        }
        watch = DeadlineWatch(on: HTTPClient.defaultEventLoopGroup.any())
    }

    deinit {
        // Whoever forgot to shut the client down loses nothing by it but open connections.
        for lane in lanes { lane.http.shutdown { _ in } }
    }

    /// As many as a client can keep busy; a machine may have a hundred.
    private static let mostLoops = 4

    /// The lane that has least to do.
    private var idlest: Lane {
        var lane = lanes[0]
        for other in lanes where other.load < lane.load { lane = other }
        return lane
    }

    /// Goes through the older of the library's two interfaces: the newer one lets go of the deadline with the head
    /// of the answer, and takes more tasks and buffers to give an answer that is wanted whole.
    func exchange(_ request: TransportRequest, limit: Int) async throws -> FinHubResponse {
        let outgoing = try templates.request(for: request)
        let call = AnswerCollector(
            to: request.method,
            limit: limit,
            deadline: .now() + TimeAmount(request.timeout)
        )
        defer { watch.end(call) }
        let lane = idlest
        lane.enter()
        defer { lane.leave() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                call.wait(continuation)
                watch.begin(call)
                // Who was cancelled by now must not be the cause of anything.
                guard !call.isSettled else { return }
                call.work(lane.http.execute(request: outgoing, delegate: call))
            }
        } onCancel: {
            call.fail(CancellationError())
        }
    }

    func stream(_ request: TransportRequest) async throws -> StreamedResponse {
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = HTTPMethod(request.method)
        outgoing.headers = request.wire
        if let body = request.body { outgoing.body = .bytes(body) }
        // Taken until the body was read: it has a connection for so long.
        let place = LanePlace(on: idlest)
        do {
            let answer = try await place.http.execute(outgoing, timeout: TimeAmount(request.timeout))
            return StreamedResponse(
                status: HTTPResponse.Status(code: Int(answer.status.code)),
                headers: HTTPFields(answer.headers, splitCookie: false),
                body: ResponseBody(FailureNamingBody(body: answer.body, place: place))
            )
        } catch {
            throw Self.failure(error)
        }
    }

    func shutdown() async {
        watch.close()
        // Fails only when one was shut down before.
        for lane in lanes { try? await lane.http.shutdown() }
    }

    /// TLS 1.2 or newer, and a certificate that was checked against the host's name (security, *HTTP*).
    static func tls(_ trust: TrustRoots) throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        tls.certificateVerification = .fullVerification
        guard case .file(let path) = trust else { return tls }
        do {
            tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(path))
            return tls
        } catch {
            throw FinHubClientError(
                code: .clientInvalidConfiguration,
                message: "The trust roots can't be read as PEM: \(path)."
            )
        }
    }
}
