public import Hummingbird
public import Logging
import NIOCore

/// A request before anyone has been identified.
public struct APIContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// The other end of the connection, and its limits.
    let peer: Peer
    /// Names this request in its answer and in every log line; the edge sets it.
    var correlationID = ""
    private let plainLogger: Logger

    /// Logs with the correlation id; put together only for the few requests that log.
    public var logger: Logger {
        var logger = plainLogger
        logger[metadataKey: "correlation_id"] = .string(correlationID)
        return logger
    }

    /// The same for what every request could log; `nil` when that is not wanted.
    var debugLogger: Logger? {
        plainLogger.logLevel <= .debug ? logger : nil
    }

    public init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        peer = Peer(source.channel.remoteAddress)
        plainLogger = source.logger
    }
}
