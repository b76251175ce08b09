import FinHubAPI
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@Suite("The edge")
struct EdgeTests {
    @Test("a request names its tenant exactly once", arguments: [nil, "", "tenant_1,tenant_1"])
    func tenantHeader(name: String?) async throws {
        try await withServer { server in
            let token = try await server.session().token
            let answer = try await server.call(.get, "/api/v2.1/admin/sessions/current", tenant: name, token: token)
            #expect(answer.status == 400)
            #expect(answer.error == "TENANT_HEADER_REQUIRED")
        }
    }

    @Test("tenant and token are given once, however alike the two are", arguments: 2...3)
    func repeated(times: Int) async throws {
        try await withServer { server in
            let token = try await server.session().token
            let tenant = HTTPField(name: .tenantID, value: Account.ada.slug)
            let bearer = HTTPField(name: .authorization, value: "Bearer \(token)")
            let tenants = HTTPFields(repeatElement(tenant, count: times) + [bearer])
            let bearers = HTTPFields([tenant] + repeatElement(bearer, count: times))
            for (headers, code) in [(tenants, "TENANT_HEADER_REQUIRED"), (bearers, "VALIDATION_FAILED")] {
                let path = "/api/v2.1/admin/sessions/current"
                let answer = try await server.call(.get, path, tenant: nil, headers: headers)
                #expect(answer.status == 400)
                #expect(answer.error == code)
            }
        }
    }

    @Test("a token works with its own tenant only", arguments: ["tenant_2", "TENANT_1", "tenant_unknown"])
    func mismatch(name: String) async throws {
        try await withServer { server in
            let token = try await server.session().token
            let answer = try await server.call(.get, "/api/v2.1/admin/sessions/current", tenant: name, token: token)
            #expect(answer.status == 403)
            #expect(answer.error == "TENANT_MISMATCH")
        }
    }

    @Test(
        "without a bearer token there is a challenge",
        arguments: [nil, "Basic YTpi", "Bearer", "Bearer  x", "Bearer a b"]
    )
    func tokenRequired(value: String?) async throws {
        try await withServer { server in
            var headers: HTTPFields = [:]
            if let value { headers[.authorization] = value }
            let answer = try await server.call(.get, "/api/v2.1/admin/sessions/current", headers: headers)
            #expect(answer.status == 401)
            #expect(answer.error == "TOKEN_REQUIRED")
            #expect(answer.headers[.wwwAuthenticate] == "Bearer realm=\"finhub\"")
        }
    }

    @Test("a token that was altered anywhere is not valid")
    func altered() async throws {
        try await withServer { server in
            let token = try await server.session().token
            for offset in stride(from: 0, to: token.utf8.count, by: 41) {
                var bytes = Array(token.utf8)
                bytes[offset] = bytes[offset] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
                let answer = try await server.current(String(decoding: bytes, as: UTF8.self))
                #expect(answer.error == "TOKEN_INVALID")
            }
        }
    }

    @Test(
        "a body that is not JSON to the letter is refused",
        arguments: [
            "", "{", "[]x", "\u{feff}{}", #"{"a":1,}"#, #"{"a":1,"a":2}"#, #"{"a":"\ud800"}"#, "{'a':1}", "{\"a\":01}",
            "{\"a\":\"\u{1}\"}", String(repeating: "[", count: 40) + String(repeating: "]", count: 40),
        ]
    )
    func malformedJSON(body: String) async throws {
        try await withServer { server in
            let answer = try await server.call(.post, Account.ada.sessionsPath, body: body)
            #expect(answer.status == 400)
            #expect(answer.error == "MALFORMED_JSON")
        }
    }

    @Test(
        "absurd numbers and types do no harm",
        arguments: ["1e308", "-1", "null", "true", "{}", "9223372036854775808"]
    )
    func absurd(value: String) async throws {
        try await withServer { server in
            let body = "{\"username\":\(value),\"password\":\(value),\"tenantKey\":\(value),\"tenantSecret\":\(value)}"
            let answer = try await server.call(.post, Account.ada.sessionsPath, body: body)
            #expect(answer.error == "VALIDATION_FAILED")
        }
    }

    @Test("a body of another kind is refused", arguments: ["text/plain", "application/json; charset=utf-16"])
    func mediaType(type: String) async throws {
        try await withServer { server in
            let answer = try await server.call(
                .post,
                Account.ada.sessionsPath,
                headers: [.contentType: type],
                body: "{}"
            )
            #expect(answer.status == 415)
            #expect(answer.error == "UNSUPPORTED_MEDIA_TYPE")
        }
    }

    @Test("a body over the limit is refused")
    func tooLarge() async throws {
        try await withServer { server in
            let body = "{\"a\":\"" + String(repeating: "x", count: 16_384) + "\"}"
            let answer = try await server.call(.post, Account.ada.sessionsPath, body: body)
            #expect(answer.status == 413)
            #expect(answer.error == "BODY_TOO_LARGE")
        }
    }

    @Test(
        "a path has one spelling",
        arguments: [
            "/api/v2.1/admin/sessions/current/", "//api/v2.1/admin/sessions/current",
            "/API/v2.1/admin/sessions/current",
            "/api/v2.1/admin/sessions/%63urrent", "/api/v2.1/admin/sessions/current;x", "/api/v2.1/nothing", "/",
        ]
    )
    func paths(path: String) async throws {
        try await withServer { server in
            let token = try await server.session().token
            let answer = try await server.call(.get, path, token: token)
            #expect(answer.status == 404)
            #expect(answer.error == "NOT_FOUND")
        }
    }

    @Test("a wrong method is told the right ones", arguments: [HTTPRequest.Method.put, .patch, .trace, .options])
    func methods(method: HTTPRequest.Method) async throws {
        try await withServer { server in
            let answer = try await server.call(method, Account.ada.sessionsPath)
            #expect(answer.status == 405)
            #expect(answer.headers[.allow] == "DELETE, GET, HEAD, POST")
        }
    }

    @Test(
        "an answer to HEAD ends at its headers, a refusal too",
        arguments: ["/livez", "/nope", "/api/v2.1/admin/sessions/current"]
    )
    func head(path: String) async throws {
        try await withServer { server in
            let response = try await server.client.execute(uri: path, method: .head)
            #expect(response.body.readableBytes == 0)
        }
    }

    @Test("every answer has the security headers and names its request")
    func headers() async throws {
        try await withServer { server in
            for path in ["/livez", "/nothing", "/api/v2.1/admin/sessions/current"] {
                let response = try await server.client.execute(
                    uri: path,
                    method: .get,
                    headers: [.correlationID: "abc-123"]
                )
                #expect(response.headers[.correlationID] == "abc-123")
                #expect(response.headers[.xContentTypeOptions] == "nosniff")
                #expect(response.headers[.contentSecurityPolicy] == "default-src 'none'; frame-ancestors 'none'")
                #expect(response.headers[.server] == nil)
            }
        }
    }

    @Test(
        "a correlation id that could forge a log line is replaced",
        arguments: ["a b", String(repeating: "x", count: 129)]
    )
    func correlation(id: String) async throws {
        try await withServer { server in
            let response = try await server.client.execute(uri: "/livez", method: .get, headers: [.correlationID: id])
            let given = try #require(response.headers[.correlationID])
            #expect(ID<EdgeTests>(given) != nil)
        }
    }
}
