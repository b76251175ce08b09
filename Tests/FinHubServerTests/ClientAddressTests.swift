import FinHubCore
import HTTPTypes
import NIOCore
import Testing

@testable import FinHubServer

@Suite("Client address")
struct ClientAddressTests {
    @Test("nobody's X-Forwarded-For is believed unless the peer is a trusted proxy")
    func untrusted() throws {
        #expect(try address(peer: "203.0.113.9", forwarded: ["198.51.100.1"], trusted: []) == "203.0.113.9")
        #expect(try address(peer: "203.0.113.9", forwarded: ["198.51.100.1"], trusted: ["10.0.0.0/8"]) == "203.0.113.9")
    }

    @Test("behind trusted proxies it is the right-most address that is none of them")
    func trusted() throws {
        let list = ["6.6.6.6, 198.51.100.1", "10.1.1.1"]
        #expect(try address(peer: "10.0.0.1", forwarded: list, trusted: ["10.0.0.0/8"]) == "198.51.100.1")
        #expect(try address(peer: "::ffff:10.0.0.1", forwarded: list, trusted: ["10.0.0.0/8"]) == "198.51.100.1")
        #expect(try address(peer: "10.0.0.1", forwarded: [], trusted: ["10.0.0.0/8"]) == "10.0.0.1")
    }

    @Test(
        "an entry that can't be read, or is empty, ends the search",
        arguments: ["x", "1.2.3.04", "1.2.3.4:80", "fe80::1%eth0", "fe80::1%lo", "10.0. 0.1", "", " "]
    )
    func unreadable(entry: String) throws {
        for list in [["6.6.6.6,\(entry),10.1.1.1"], ["6.6.6.6", entry, "10.1.1.1"]] {
            #expect(try address(peer: "10.0.0.1", forwarded: list, trusted: ["10.0.0.0/8"]) == "10.1.1.1")
        }
    }

    @Test("what is no address", arguments: ["192.0.2.1\0", "192.0.2.1\0.evil", "fe80::1%lo", "::1%", "192.0.2.٣", ""])
    func noAddress(text: String) {
        #expect(NetworkAddress(text) == nil)
    }

    @Test(
        "ranges",
        arguments: zip(
            ["192.0.2.0/25", "192.0.2.7", "2001:db8::/33", "0.0.0.0/0", "::ffff:192.0.2.0/121", "::ffff:0.0.0.0/96"],
            [true, false, false, true, true, true]
        )
    )
    func ranges(text: String, contains: Bool) throws {
        let range = try #require(NetworkRange(text))
        #expect(range.contains(try #require(NetworkAddress("192.0.2.100"))) == contains)
    }

    @Test(
        "what is no range",
        arguments: [
            "", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "192.0.2.0/08", "x/8", "::/129", "192.0.2.0\0/8",
            "::ffff:192.0.2.0/8", "::ffff:192.0.2.0/129",
        ]
    )
    func noRange(text: String) {
        #expect(NetworkRange(text) == nil)
    }

    private func address(peer: String, forwarded: [String], trusted: [String]) throws -> String? {
        var headers: HTTPFields = [:]
        for value in forwarded { headers.append(HTTPField(name: .forwardedFor, value: value)) }
        let rule = ClientAddressRule(trustedProxies: trusted.compactMap { NetworkRange($0) })
        let peer = try SocketAddress(ipAddress: peer, port: 1)
        return rule.clientAddress(peer: peer, headers: headers)?.description
    }
}
