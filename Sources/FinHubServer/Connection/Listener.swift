import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
public import Logging
import NIOCore
import NIOSSL
public import ServiceLifecycle

/// Where and how the API is listened for.
public struct ListenerPlan: Sendable {
    /// A certificate chain and its key, as PEM files.
    public struct TLSFiles: Sendable {
        public let certificate: String
        public let key: String

        public init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    public let host: String
    /// 0 for a free one.
    public let port: Int
    public let tls: TLSFiles?
    public let limits: ConnectionLimits

    public init(host: String, port: Int, tls: TLSFiles? = nil, limits: ConnectionLimits = ConnectionLimits()) {
        self.host = host
        self.port = port
        self.tls = tls
        self.limits = limits
    }
}

/// The server's listeners as services; put them into the process's one `ServiceGroup`.
public enum Listeners {
    /// The API; `onRunning` is told the port once connections are accepted.
    public static func api(
        _ services: Services,
        plan: ListenerPlan,
        logger: Logger,
        onRunning: @escaping @Sendable (_ port: Int) async -> Void
    ) throws -> any Service {
        let connections = ConnectionCount(limits: plan.limits)
        let configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionGuard(limits: plan.limits, connections: connections)],
            httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                // The parser can't tell a long target from long headers, so up to the limit
                // and 64 KiB they get through it, and the edge tells them apart.
                maxHeaderFieldSize: 80 * 1_024,
                maxHeaderListSize: 80 * 1_024,
                maxHeaderFieldCount: 100
            )
        )
        var server = HTTPServerBuilder.http1(configuration: configuration)
        if let tls = plan.tls { server = try .tls(server, tlsConfiguration: tlsConfiguration(tls)) }
        return Application(
            responder: apiResponder(services),
            server: server,
            configuration: ApplicationConfiguration(address: .hostname(plan.host, port: plan.port)),
            onServerRunning: { await onRunning($0.localAddress?.port ?? plan.port) },
            logger: logger
        )
    }

    /// The metrics, on a listener of their own: they are the operator's alone.
    public static func metrics(
        host: String,
        port: Int,
        logger: Logger,
        render: @escaping @Sendable () -> [UInt8],
        onRunning: @escaping @Sendable (_ port: Int) async -> Void
    ) -> any Service {
        let router = Router(context: APIContext.self)
        router.add(middleware: RefusalMiddleware())
        RouteTable(router).add("/metrics", [.get: { _, _ in Response(metrics: render()) }])
        return Application(
            responder: EdgeResponder(router.buildResponder(), metrics: RequestMetrics(listener: "admin")),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
            onServerRunning: { await onRunning($0.localAddress?.port ?? port) },
            logger: logger
        )
    }

    /// TLS 1.2 at least; 1.2 only with AEAD and forward secrecy.
    private static func tlsConfiguration(_ files: ListenerPlan.TLSFiles) throws -> TLSConfiguration {
        let chain = try NIOSSLCertificate.fromPEMFile(files.certificate)
        let key = try NIOSSLPrivateKey(file: files.key, format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuites = "ECDHE+AESGCM:ECDHE+CHACHA20"
        return configuration
    }
}

extension Response {
    fileprivate init(metrics text: [UInt8]) {
        self.init(
            status: .ok,
            headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: text))
        )
    }
}
