import Testing

/// The head of a login by hand.
enum Login {
    /// Announces a body of `length` bytes.
    static func head(length: Int, closing: Bool = false) -> String {
        start + "Content-Length: \(length)\r\n" + (closing ? "Connection: close\r\n" : "") + "\r\n"
    }

    /// Announces chunks.
    static let chunkedHead = start + "Transfer-Encoding: chunked\r\n\r\n"

    private static let start = """
        POST /api/v2.1\(Account.cloudVault.sessionsPath) HTTP/1.1\r
        Host: finhub\r
        X-Tenant-ID: \(Account.cloudVault.tenant)\r
        Content-Type: application/json\r\n
        """
}

/// A request with a body far over the limit, whatever its path answers.
struct Oversized: Sendable, CustomTestStringConvertible {
    /// How long the body is, in bytes.
    static let size = 8 * 1_024 * 1_024

    let testDescription: String
    let head: String

    private init(_ name: String, _ head: String) {
        testDescription = name
        self.head = head
    }

    private static func post(_ path: String) -> String {
        "POST \(path) HTTP/1.1\r\nHost: finhub\r\nX-Tenant-ID: tenant_cloudvault\r\nContent-Length: \(size)\r\n\r\n"
    }

    static let all = [
        Oversized("announced, to a route that reads it", Login.head(length: size)),
        Oversized("in one chunk, to a route that reads it", Login.chunkedHead + String(size, radix: 16) + "\r\n"),
        Oversized("to a path that there is not", post("/nowhere")),
        Oversized("to a path that has no POST", post("/livez")),
        Oversized("without a token", post("/api/v2.1/admin/sessions/introspect")),
    ]
}
