public import Hummingbird
import Logging
import NIOCore

/// A request before anyone has been identified.
public struct APIContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// The other end of the connection; `nil` where there is none, as in an in-process test.
    let peer: SocketAddress?
    /// Names this request in its answer and in every log line; the edge sets it.
    var correlationID = ""

    public init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        peer = source.channel.remoteAddress
    }
}
