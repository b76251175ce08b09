import Testing

/// A request that must be refused; but for its one fault it would be answered 200.
struct Malformed: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let status: UInt

    init(_ fault: String, _ text: String, status: UInt = 400) {
        testDescription = fault
        bytes = Array(text.utf8)
        self.status = status
    }

    /// A good request but for `lines` among its headers and what follows them.
    private static func get(_ fault: String, _ lines: String, _ rest: String = "", status: UInt = 400) -> Malformed {
        Malformed(fault, "GET /livez HTTP/1.1\r\nHost: finhub\r\n\(lines)\r\n\r\n\(rest)", status: status)
    }

    private static func chunked(_ fault: String, _ body: String) -> Malformed {
        get(fault, "Transfer-Encoding: chunked", body)
    }

    static let all = framing + lines + head + sizes

    /// Requests whose body has no one end.
    private static let framing = [
        get("TE and CL", "Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n"),
        get("CL and TE", "Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
        get("two CLs", "Content-Length: 0\r\nContent-Length: 5", "hello"),
        get("a list of CLs", "Content-Length: 5, 6", "hello"),
        get("CL with a plus", "Content-Length: +5", "hello"),
        get("CL with a minus", "Content-Length: -5", "hello"),
        get("CL in hexadecimal", "Content-Length: 0x5", "hello"),
        get("CL with a space inside", "Content-Length: 0 5", "hello"),
        get("CL beyond 64 bits", "Content-Length: 18446744073709551621", "hello"),
        get("TE that is not chunked", "Transfer-Encoding: xchunked", "0\r\n\r\n"),
        get("TE with chunked not last", "Transfer-Encoding: chunked, identity", "0\r\n\r\n"),
        chunked("chunk size with a plus", "+5\r\nhello\r\n0\r\n\r\n"),
        chunked("chunk size with a prefix", "0x5\r\nhello\r\n0\r\n\r\n"),
        chunked("chunk size beyond 64 bits", "10000000000000005\r\nhello\r\n0\r\n\r\n"),
        chunked("chunk longer than its size", "3\r\nhello\r\n0\r\n\r\n"),
        chunked("chunk size ended by a bare LF", "5\nhello\r\n0\r\n\r\n"),
        chunked("chunk ended by a bare LF", "5\r\nhello\n0\r\n\r\n"),
    ]

    /// Requests whose lines or names have no one end.
    private static let lines = [
        get("obs-fold", "X-Note: one\r\n two"),
        get("obs-fold by a tab", "X-Note: one\r\n\ttwo"),
        get("space before the colon", "X-Note : one"),
        get("tab before the colon", "X-Note\t: one"),
        get("space before the first header's colon", "Content-Length : 0"),
        get("header without a colon", "X-Note"),
        get("header without a name", ": one"),
        get("control character in a name", "X-\u{1}Note: one"),
        get("NUL in a value", "X-Note: o\u{0}ne"),
        get("bare CR in a value", "X-Note: o\rne"),
        get("bare LF after a header", "X-Note: one\nX-More: two"),
        Malformed("bare LF throughout", "GET /livez HTTP/1.1\nHost: finhub\n\n"),
        Malformed("bare LF after the request line", "GET /livez HTTP/1.1\nHost: finhub\r\n\r\n"),
        Malformed("bare LF at the end of the head", "GET /livez HTTP/1.1\r\nHost: finhub\r\n\n"),
    ]

    /// Requests that are not HTTP/1.1.
    private static let head = [
        Malformed("unknown method", "G@T /livez HTTP/1.1\r\nHost: finhub\r\n\r\n"),
        Malformed("lower-case method", "get /livez HTTP/1.1\r\nHost: finhub\r\n\r\n"),
        Malformed("no method", " /livez HTTP/1.1\r\nHost: finhub\r\n\r\n"),
        Malformed("HTTP/0.9", "GET /livez\r\n\r\n"),
        Malformed("HTTP/3.7", "GET /livez HTTP/3.7\r\nHost: finhub\r\n\r\n"),
        Malformed("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        Malformed("not HTTP", "HELO finhub\r\n\r\n"),
        Malformed("TLS", "\u{16}\u{3}\u{1}\u{0}\u{5}\u{1}\u{0}\u{0}\u{1}\u{0}\r\n\r\n"),
        Malformed("space in the target", "GET /livez /livez HTTP/1.1\r\nHost: finhub\r\n\r\n"),
    ]

    /// More than anybody needs.
    private static let sizes = [
        get("one huge header", "X-Note: " + String(repeating: "a", count: 17 * 1_024), status: 431),
        get("an endless header name", String(repeating: "a", count: 17 * 1_024) + ": one", status: 431),
        get(
            "large headers",
            (1...20).map { "X-Note-\($0): " + String(repeating: "a", count: 1_000) }.joined(separator: "\r\n"),
            status: 431
        ),
        get("101 headers", (1...100).map { "X-Note-\($0): a" }.joined(separator: "\r\n"), status: 431),
        Malformed(
            "a target of 9 KiB",
            "GET /livez?" + String(repeating: "a", count: 9 * 1_024) + " HTTP/1.1\r\nHost: finhub\r\n\r\n",
            status: 414
        ),
        Malformed(
            "a target of 40 KiB",
            "GET /livez?" + String(repeating: "a", count: 40 * 1_024) + " HTTP/1.1\r\nHost: finhub\r\n\r\n",
            status: 414
        ),
    ]
}

/// A way to hide one request in another.
struct Smuggling: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The bytes that carry the hidden request.
    let wrap: @Sendable (String) -> String

    private init(_ name: String, _ wrap: @escaping @Sendable (String) -> String) {
        testDescription = name
        self.wrap = wrap
    }

    /// A first request that names `path`, with `lines` among its headers and `body` after them.
    private static func first(_ lines: String, _ body: String, path: String = "/livez") -> String {
        "POST \(path) HTTP/1.1\r\nHost: finhub\r\n\(lines)\r\n\r\n\(body)"
    }

    static let all = [
        Smuggling("TE hides what CL shows") {
            first("Transfer-Encoding: chunked\r\nContent-Length: \(5 + $0.utf8.count)", "0\r\n\r\n" + $0)
        },
        Smuggling("CL hides what TE shows") {
            first("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n" + $0)
        },
        Smuggling("the larger of two CLs") { first("Content-Length: \($0.utf8.count)\r\nContent-Length: 0", $0) },
        Smuggling("the smaller of two CLs") { first("Content-Length: 0\r\nContent-Length: \($0.utf8.count)", $0) },
        Smuggling("a CL with a plus") { first("Content-Length: +\($0.utf8.count)", $0) },
        Smuggling("a CL with a space before its colon") { first("Content-Length : \($0.utf8.count)", $0) },
        Smuggling("a TE with a space before its colon") { first("Transfer-Encoding : chunked", "0\r\n\r\n" + $0) },
        Smuggling("a folded TE") { first("Transfer-Encoding:\r\n chunked", "0\r\n\r\n" + $0) },
        Smuggling("a bare LF before a CL") { first("X-Note: a\nContent-Length: \($0.utf8.count)", $0) },
        Smuggling("a chunk size ended by a bare LF") { first("Transfer-Encoding: chunked", "0\n\r\n" + $0) },
        Smuggling("the body of a wrong method") {
            first("Connection: close\r\nContent-Length: \($0.utf8.count)", $0)
        },
        Smuggling("the body of an unknown path") {
            first("Connection: close\r\nContent-Length: \($0.utf8.count)", $0, path: "/nowhere")
        },
        Smuggling("the body of a request without a token") {
            first(
                "X-Tenant-ID: tenant_cloudvault\r\nConnection: close\r\nContent-Length: \($0.utf8.count)",
                $0,
                path: "/api/v2.1/admin/sessions/introspect"
            )
        },
        Smuggling("what follows a body that is too large") { hidden in
            let padding = String(repeating: "x", count: 16_385)
            return Login.head(length: padding.utf8.count) + padding + hidden
        },
        Smuggling("what follows a target that is too long") { hidden in
            "GET /livez?" + String(repeating: "a", count: 9 * 1_024) + " HTTP/1.1\r\nHost: finhub\r\n\r\n" + hidden
        },
        Smuggling("the rest of a body that is too large") { hidden in
            let body = String(repeating: hidden, count: 16_384 / hidden.utf8.count + 2)
            return Login.head(length: body.utf8.count) + body
        },
    ]
}
