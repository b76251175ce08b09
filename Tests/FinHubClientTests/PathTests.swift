import FinHubAPI
import FinHubClientTesting
import HTTPTypes
import Testing

@testable import FinHubClient

@Suite("Paths, addresses and headers")
struct PathTests {
    @Test("a value in a path is one segment, whatever is in it")
    func interpolation() {
        let evil = "../../x?y=z#w/%2e%2e\u{0}ü@evil.example:1//"
        let path: APIPath = "/admin/sessions/\(evil)/refresh"
        // Escaped slashes and dots are read differently by different servers: refused as a whole.
        #expect(path.encoded == nil)
        let harmless: APIPath = "/a/\("x y?&=#ü")/b"
        #expect(harmless.encoded == "/a/x%20y%3F%26%3D%23%C3%BC/b")
    }

    @Test(
        "a path that leads elsewhere is refused before anything is sent",
        arguments: [
            "", "x", "//evil.example/", "/a//b", "/a/../b", "/a/./b", "/..", "/a/%2e%2e/b", "/a/%2F/b", "/a%5Cb",
            "/a\\b",
            "/a?b=c", "/a#b", "/a b", "/a/%", "/a/%4", "/a/%zz", "/a/\r\nHost: evil", "/ü", "/a/", "/a%00",
            "https://evil.example/", "/@evil.example:80/../",
        ]
    )
    func refused(path: String) async throws {
        let rig = try Rig()
        let error = await failure { try await rig.client.request(.get, APIPath(path)) }
        #expect(error?.code == .clientInvalidRequest)
        #expect(rig.transport.requests.isEmpty)
    }

    @Test("plain paths are sent as they are", arguments: ["/a", "/a/b-c.d_e~f", "/a/x%20y", "/a:b@c!$&'()*+,;="])
    func accepted(path: String) {
        #expect(APIPath(path).encoded == path)
    }

    @Test(
        "an address that is none, or would carry secrets in the clear, is refused",
        arguments: [
            "", "finhub.example", "ftp://finhub.example", "https://", "http://finhub.example",
            "http://127.0.0.1.evil.example",
            "https://user:pass@finhub.example", "https://finhub.example?x", "https://finhub.example#x",
            "http://localhost.evil.example", "https://finhub.example/a/../b",
        ]
    )
    func address(text: String) {
        #expect(throws: FinHubClientError.self) { try ServerAddress(text) }
    }

    @Test("an address stands with port and path, and without its last slash")
    func addresses() throws {
        #expect(try ServerAddress("https://finhub.example/").url == "https://finhub.example")
        #expect(try ServerAddress("HTTPS://finhub.example:8443/x/").url == "https://finhub.example:8443/x")
        #expect(try ServerAddress("http://127.0.0.1:8080").url == "http://127.0.0.1:8080")
        #expect(try ServerAddress("http://[::1]:8080").url == "http://[::1]:8080")
        #expect(try ServerAddress("http://finhub.internal", plainHTTP: .anywhere).url == "http://finhub.internal")
    }

    @Test("the client's own headers can't be set, and none can be broken open")
    func headers() async throws {
        let rig = try Rig()
        let invalid = [
            CallOptions(headers: [.authorization: "Bearer x"]),
            CallOptions(headers: [.tenantID: "other"]),
            CallOptions(headers: [.contentLength: "1"]),
            CallOptions(correlationID: ""),
            CallOptions(correlationID: "a\r\nX: y"),
            CallOptions(correlationID: "a b"),
            CallOptions(correlationID: String(repeating: "x", count: 129)),
            CallOptions(caller: CallerDetails(platform: "a\nb")),
            CallOptions(caller: CallerDetails(deviceID: "")),
        ]
        for options in invalid {
            let error = await failure { try await rig.thing(options: options) }
            #expect(error?.code == .clientInvalidRequest, "\(options)")
        }
        #expect(rig.transport.requests.isEmpty)
        #expect(throws: FinHubClientError.self) { try Rig { $0.caller.forwardedFrom = "a\u{0}b" } }
    }

    @Test("where a call comes from is said, by the configuration and by the call")
    func caller() async throws {
        let rig = try Rig { $0.caller = CallerDetails(forwardedFrom: "shop", platform: "linux", deviceID: "d1") }
        rig.transport.script(.get, "/thing", .thing())
        try await rig.thing()
        let login = try #require(rig.logins.first)
        #expect(login.headers[.forwardedFrom] == "shop")
        #expect(login.headers[.platform] == "linux")
        #expect(login.headers[.deviceID] == "d1")
        try await rig.thing(options: CallOptions(correlationID: "c-1", caller: CallerDetails(platform: "ios")))
        let call = try #require(rig.transport.requests.last)
        #expect(call.headers[.forwardedFrom] == nil)
        #expect(call.headers[.platform] == "ios")
        #expect(call.headers[.correlationID] == "c-1")
    }

    @Test("each call has a correlation id of its own, the same in all its attempts")
    func correlation() async throws {
        let rig = try Rig()
        rig.transport.script(.get, "/thing", .refusal(503, .overloaded), .thing())
        try await rig.thing()
        try await rig.thing()
        let ids = rig.transport.requests(.get, "/thing").compactMap { $0.headers[.correlationID] }
        #expect(ids.count == 3)
        #expect(ids[0] == ids[1])
        #expect(ids[1] != ids[2])
        #expect(SessionID(ids[0]) != nil)
    }
}
