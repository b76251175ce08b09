import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

extension HTTPClientTransport {
    /// What an error of async-http-client, NIO or TLS means for the request; it quotes none of them,
    /// for none of them promises to keep the request out of its words.
    static func failure(_ error: any Error) -> any Error {
        switch error {
        case is CancellationError, is TransportFailure: error
        case let error as HTTPClientError: Task.isCancelled ? CancellationError() : failure(error)
        case is NIOConnectionError, ChannelError.connectTimeout:
            TransportFailure(.unreachable, "No connection could be made.")
        case let error as IOError where error.errnoCode == ECONNREFUSED:
            TransportFailure(.unreachable, "The connection was refused.")
        case NIOSSLError.uncleanShutdown: TransportFailure(.connectionLost, "The connection was cut.")
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            TransportFailure(.tls, "The server's certificate is not trusted for this host, or TLS failed.")
        case is HTTPParserError: TransportFailure(.connectionLost, "The answer is not HTTP.")
        default:
            Task.isCancelled ? CancellationError() : TransportFailure(.connectionLost, "The connection was cut.")
        }
    }

    private static func failure(_ error: HTTPClientError) -> TransportFailure {
        switch error {
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
            TransportFailure(.unreachable, "No connection was made in time.")
        case .deadlineExceeded: TransportFailure(.timedOut, "No answer came in time.")
        case .readTimeout, .writeTimeout: TransportFailure(.timedOut, "The connection fell silent.")
        case .alreadyShutdown: TransportFailure(.shutDown, "The client was shut down.")
        case .invalidURL, .emptyHost, .emptyScheme:
            TransportFailure(.invalidRequest, "The request can't be sent as it is.")
        default: TransportFailure(.connectionLost, "The connection was cut.")
        }
    }
}

/// A body whose failures are ``TransportFailure``s.
struct FailureNamingBody: AsyncSequence, Sendable {
    let body: HTTPClientResponse.Body
    /// Left when the body was read, cut off or let go of.
    let place: LanePlace

    func makeAsyncIterator() -> Iterator {
        Iterator(parts: body.makeAsyncIterator(), place: place)
    }

    struct Iterator: AsyncIteratorProtocol {
        var parts: HTTPClientResponse.Body.AsyncIterator
        let place: LanePlace

        mutating func next() async throws -> ByteBuffer? {
            do {
                let part = try await parts.next()
                if part == nil { place.leave() }
                return part
            } catch {
                place.leave()
                throw HTTPClientTransport.failure(error)
            }
        }
    }
}
