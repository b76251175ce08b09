import FinHubAPI
import FinHubCore
import HTTPTypes
import Testing

@Suite("IP allowlist: routes")
struct AllowlistRouteTests {
    @Test("is replaced by who knows the edition, and shown in its one right form")
    func replace() async throws {
        try await withServerBehindProxy { server in
            let desk = try await Desk(server, at: "203.0.113.7")
            let before = try await desk.call(.get, "ip-allowlist")
            #expect(before.data?["ranges"] == .array([]))
            let tag = try #require(before.headers[.eTag])
            let list = ["203.0.113.0/24", "2001:DB8:0::/32", "::ffff:198.51.100.0/120", "192.0.2.1"]
            let put = try await desk.allow(list, ifMatch: tag)
            #expect(put.status == 200)
            let shown = ["203.0.113.0/24", "2001:db8::/32", "198.51.100.0/24", "192.0.2.1/32"]
            #expect(put.data?["ranges"] == .array(shown.map(JSON.string)))
            #expect(put.headers[.eTag] == "\"2\"")
            let after = try await desk.call(.get, "ip-allowlist")
            #expect(after.data?["ranges"] == put.data?["ranges"])
            #expect(after.headers[.eTag] == "\"2\"")
        }
    }

    @Test("of two administrators who change it at once, the second is told")
    func atOnce() async throws {
        try await withServerBehindProxy { server in
            let one = try await Desk(server, at: "203.0.113.7")
            let other = try await Desk(server, at: "198.51.100.7")
            #expect(try await one.allow(["203.0.113.0/24", "198.51.100.0/24"], ifMatch: "\"1\"").status == 200)
            let late = try await other.allow(["198.51.100.0/24"], ifMatch: "\"1\"")
            #expect(late.status == 412)
            #expect(try await one.current().status == 200)
            #expect(try await one.call(.put, "ip-allowlist", body: .allowlist([])).status == 428)
        }
    }

    @Test("that would lock out who sends it is refused, unless it is forced")
    func lockOut() async throws {
        try await withServerBehindProxy { server in
            let desk = try await Desk(server, at: "203.0.113.7")
            for force in [nil, false] {
                let refused = try await desk.allow(["198.51.100.0/24"], force: force)
                #expect(refused.status == 409)
                #expect(refused.error == "WOULD_LOCK_OUT")
                #expect(try refused.text("details").contains("203.0.113.7"))
            }
            #expect(try await desk.call(.get, "ip-allowlist").headers[.eTag] == "\"1\"")
            #expect(try await desk.allow(["198.51.100.0/24"], force: true).status == 200)
            #expect(try await desk.current().error == "IP_NOT_ALLOWED")
            #expect(try await desk.moved(to: "198.51.100.9").current().status == 200)
        }
    }

    @Test("of an older edition is refused before a lock-out is spoken of")
    func order() async throws {
        try await withServerBehindProxy { server in
            let desk = try await Desk(server, at: "203.0.113.7")
            #expect(try await desk.allow(["198.51.100.0/24"], ifMatch: "\"7\"").status == 412)
        }
    }

    @Test(
        "is refused with what is wrong, and nothing is changed",
        arguments: [
            (["203.0.113.0/24", "x"], "ranges[1]", "must be an address"),
            (["203.0.113.0/33"], "ranges[0]", "must be an address"),
            (["203.0.113.0/024"], "ranges[0]", "must be an address"),
            (["203.0.113.07/32"], "ranges[0]", "must be an address"),
            (["fe80::1%eth0"], "ranges[0]", "must be an address"),
            ([""], "ranges[0]", "must be an address"),
            (["203.0.113.7/24"], "ranges[0]", "write 203.0.113.0/24"),
            (["2001:db8::1/32"], "ranges[0]", "write 2001:db8::/32"),
            (["203.0.113.0/24", "10.0.0.0/8", "203.0.113.0/24"], "ranges[2]", "the same range as ranges[0]"),
            (["203.0.113.0/24", "::ffff:203.0.113.0/120"], "ranges[1]", "the same range as ranges[0]"),
            (["203.0.113.7", "10.0.0.0/8", "203.0.113.0/24"], "ranges[0]", "lies within ranges[2], 203.0.113.0/24"),
            (["2001:db8::/32", "2001:db8:1::/48"], "ranges[1]", "lies within ranges[0]"),
            (["0.0.0.0/0", "203.0.113.0/24"], "ranges[1]", "lies within ranges[0]"),
        ]
    )
    func malformed(_ ranges: [String], field: String, message: String) async throws {
        try await withServerBehindProxy { server in
            let desk = try await Desk(server, at: "203.0.113.7")
            for path in ["ip-allowlist", "ip-allowlist/dry-run"] {
                let isTrial = path.hasSuffix("dry-run")
                let answer = try await desk.call(
                    isTrial ? .post : .put,
                    path,
                    ifMatch: isTrial ? nil : "*",
                    body: .allowlist(ranges)
                )
                #expect(answer.status == 400)
                #expect(answer.error == "VALIDATION_FAILED")
                #expect(answer.data?["field"]?.string == field)
                #expect(try answer.text("details").contains(message))
            }
            #expect(try await desk.call(.get, "ip-allowlist").headers[.eTag] == "\"1\"")
        }
    }

    @Test("of the whole of IPv6 covers no IPv4, and the two stand side by side")
    func families() async throws {
        try await withServerBehindProxy { server in
            let desk = try await Desk(server, at: "203.0.113.7")
            #expect(try await desk.allow(["::/0"]).error == "WOULD_LOCK_OUT")
            #expect(try await desk.allow(["::/0", "203.0.113.0/24"]).status == 200)
        }
    }

    @Test(
        "is no list, and nothing is emptied by being forgotten",
        arguments: [
            "{}", #"{"ranges":null}"#, #"{"ranges":"203.0.113.0/24"}"#, #"{"ranges":[1]}"#,
            #"{"ranges":["203.0.113.0/24"],"force":"yes"}"#, #"{"ranges":[["203.0.113.0/24"]]}"#,
        ]
    )
    func noList(_ body: String) async throws {
        try await withServer { server in
            let desk = try await Desk(server)
            let answer = try await desk.call(.put, "ip-allowlist", ifMatch: "*", body: body)
            #expect(answer.error == "VALIDATION_FAILED")
        }
    }

    @Test("takes ten thousand ranges, and not one more")
    func size() async throws {
        try await withServerBehindProxy { server in
            let desk = try await Desk(server, at: "10.0.0.1")
            let many = (0..<10_000).map { index -> String in
                index == 0 ? "10.0.0.0/30" : "2001:db8:\(String(index, radix: 16))::/48"
            }
            #expect(try await desk.allow(many).status == 200)
            #expect(try await desk.current().status == 200)
            let more = try await desk.allow(many + ["203.0.113.0/24"])
            #expect(more.status == 400)
            #expect(more.data?["field"]?.string == "ranges")
        }
    }
}
