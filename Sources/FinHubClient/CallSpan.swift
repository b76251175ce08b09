import FinHubAPI
import HTTPTypes
import Instrumentation
import NIOHTTP1
import ServiceContextModule
import Tracing

/// Records a span for each call and tells the server of it (W3C Trace Context).
struct CallSpan: Sendable {
    /// `nil` when nobody records spans.
    private let tracer: (any Tracer)?
    private let server: ServerAddress

    init(_ configuration: FinHubClient.Configuration) {
        let tracer = configuration.tracer ?? InstrumentationSystem.tracer
        self.tracer = tracer is NoOpTracer ? nil : tracer
        server = configuration.server
    }

    /// Runs `body` inside a span of `call`, which gets the headers that carry it to the server.
    func record<Answer>(
        _ call: PreparedCall,
        status: (Answer) -> Int?,
        _ body: (PreparedCall) async throws -> Answer
    ) async throws -> Answer {
        guard let tracer else { return try await body(call) }
        return try await tracer.withAnySpan("FinHub \(call.method.rawValue)", ofKind: .client) { span in
            var call = call
            tracer.inject(span.context, into: &call.headers, using: HeaderInjector())
            span.attributes["http.request.method"] = call.method.rawValue
            span.attributes["server.address"] = server.host
            span.attributes["server.port"] = server.port
            span.attributes["url.path"] = call.path
            span.attributes["finhub.correlation_id"] = call.correlationID
            do {
                let answer = try await body(call)
                if let status = status(answer) { span.attributes["http.response.status_code"] = status }
                return answer
            } catch let error as FinHubClientError {
                span.attributes["error.type"] = error.code.rawValue
                if let status = error.status { span.attributes["http.response.status_code"] = status }
                throw error
            }
        }
    }
}

/// Puts what an instrument wants to pass on into a request's headers.
private struct HeaderInjector: Injector {
    func inject(_ value: String, forKey key: String, into carrier: inout HTTPHeaders) {
        guard let name = HTTPField.Name(key) else { return }
        // A field takes no value that could end it, whatever the instrument says.
        carrier.replaceOrAdd(name: key, value: HTTPField(name: name, value: value).value)
    }
}

extension PreparedCall {
    /// The path alone: a query may hold what no trace should.
    fileprivate var path: String {
        let afterScheme = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        let path = afterScheme.firstIndex(of: "/").map { afterScheme[$0...] } ?? ""
        return String(path.prefix { $0 != "?" })
    }
}
