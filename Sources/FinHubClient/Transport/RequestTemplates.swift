import AsyncHTTPClient
import HTTPTypes
import NIOHTTP1
import NIOHTTPTypesHTTP1
import Synchronization

/// Requests of async-http-client for the addresses that were asked for lately.
///
/// Taking an address apart costs more than everything else in making a request, and a backend asks for the same
/// few again and again.
final class RequestTemplates: Sendable {
    private static let mostTemplates = 256
    private static let longestURL = 512

    private let templates = Mutex<[String: HTTPClient.Request]>([:])

    /// `request` as the library takes it.
    ///
    /// - Throws: ``TransportFailure`` when the address is none.
    func request(for request: TransportRequest) throws -> HTTPClient.Request {
        var outgoing = try template(for: request)
        outgoing.headers = request.wire
        outgoing.body = request.body.map { .byteBuffer($0) }
        return outgoing
    }

    private func template(for request: TransportRequest) throws -> HTTPClient.Request {
        let (url, method) = (request.url, HTTPMethod(request.method))
        if let template = templates.withLock({ $0[url] }), template.method == method { return template }
        guard let template = try? HTTPClient.Request(url: url, method: method) else {
            throw TransportFailure(.invalidRequest, "The request can't be sent as it is.")
        }
        guard url.utf8.count <= Self.longestURL else { return template }
        templates.withLock { templates in
            if templates.count >= Self.mostTemplates { templates.removeAll(keepingCapacity: true) }
            templates[url] = template
        }
        return template
    }
}
