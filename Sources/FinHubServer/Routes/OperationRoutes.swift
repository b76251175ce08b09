import HTTPTypes
import Hummingbird

/// Health and the API's own description (contract, *Beside the API*).
struct OperationRoutes: Sendable {
    let services: Services

    func add(to table: RouteTable) {
        table.add("/livez", [.get: { _, _ in Response(plain: "up\n") }])
        table.add("/readyz", [.get: ready])
        table.add("/openapi.yaml", [.get: openAPI])
    }

    @Sendable
    private func ready(request: Request, context: APIContext) async throws -> Response {
        services.isReady() ? Response(plain: "up\n") : Response(plain: "down\n", status: .serviceUnavailable)
    }

    @Sendable
    private func openAPI(request: Request, context: APIContext) async throws -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/yaml; charset=utf-8", .cacheControl: "public, max-age=3600"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: PackageResources.openapi_yaml))
        )
    }
}

extension Response {
    /// An answer in plain text.
    init(plain text: String, status: HTTPResponse.Status = .ok) {
        self.init(
            status: status,
            headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
