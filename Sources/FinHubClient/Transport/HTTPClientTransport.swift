import AsyncHTTPClient
import FinHubAPI
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1
import NIOSSL

/// Carries requests over the network by async-http-client.
final class HTTPClientTransport: ClientTransport {
    private let http: HTTPClient

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
        http.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(1, configuration.connections)
        self.http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: http)
    }

    deinit {
        // Whoever forgot to shut the client down loses nothing by it but open connections.
        http.shutdown { _ in }
    }

    /// Goes through the older of the library's two interfaces: there the deadline covers the body,
    /// where the newer one lets go of it with the head.
    func exchange(_ request: TransportRequest, limit: Int) async throws -> FinHubResponse {
        let outgoing: HTTPClient.Request
        do {
            outgoing = try HTTPClient.Request(
                url: request.url,
                method: HTTPMethod(request.method),
                headers: HTTPHeaders(request.headers),
                body: request.body.map { .byteBuffer($0) }
            )
        } catch {
            throw TransportFailure(.invalidRequest, "The request can't be sent as it is.")
        }
        let task = http.execute(
            request: outgoing,
            delegate: ResponseAccumulator(request: outgoing, maxBodySize: limit),
            deadline: .now() + TimeAmount(request.timeout)
        )
        do {
            let answer = try await withTaskCancellationHandler {
                try await task.get()
            } onCancel: {
                task.cancel()
            }
            return FinHubResponse(
                status: HTTPResponse.Status(code: Int(answer.status.code)),
                headers: HTTPFields(answer.headers, splitCookie: false),
                body: answer.body ?? ByteBuffer()
            )
        } catch {
            throw Self.failure(error)
        }
    }

    func stream(_ request: TransportRequest) async throws -> StreamedResponse {
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = HTTPMethod(request.method)
        outgoing.headers = HTTPHeaders(request.headers)
        if let body = request.body { outgoing.body = .bytes(body) }
        do {
            let answer = try await http.execute(outgoing, timeout: TimeAmount(request.timeout))
            return StreamedResponse(
                status: HTTPResponse.Status(code: Int(answer.status.code)),
                headers: HTTPFields(answer.headers, splitCookie: false),
                body: ResponseBody(FailureNamingBody(body: answer.body))
            )
        } catch {
            throw Self.failure(error)
        }
    }

    func shutdown() async {
        // Fails only when it was shut down before.
        try? await http.shutdown()
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
