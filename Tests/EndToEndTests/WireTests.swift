import FinHubAPI
import Foundation
import NIOHTTP1
import Testing

extension EndToEnd {
    /// RFC 9112 to the letter: what two readers could read differently is refused, not guessed at.
    @Suite("On the wire", .sharedSandbox)
    struct WireTests {
        @Test("well-formed requests on one connection are all answered")
        func pipelining() async throws {
            let received = try await exchange(
                "GET /livez HTTP/1.1\r\nHost: finhub\r\nContent-Length: 5\r\n\r\nhello"
                    + "GET /livez HTTP/1.1\r\nHost: finhub\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
                    + "GET /livez HTTP/1.1\r\nHost: finhub\r\nConnection: close\r\n\r\n"
            )
            #expect(received.answers.map(\.status) == [200, 200, 200], "\(received.text)")
            #expect(received.isClosed)
        }

        @Test("an ambiguous or malformed request is refused and the connection closed", arguments: Malformed.all)
        func malformed(_ request: Malformed) async throws {
            let received = try await exchange(request.bytes)
            try expectOneRefusal(received, request.status)
        }

        @Test("a second request hidden in the first never runs", arguments: Smuggling.all)
        func smuggling(_ smuggling: Smuggling) async throws {
            let server = try #require(SharedSandbox.current)
            let api = APIClient(server)
            let tokens = try await api.login()
            let hidden = """
                DELETE /api/v2.1/admin/sessions/\(tokens.session) HTTP/1.1\r
                Host: finhub\r
                X-Tenant-ID: \(Account.cloudVault.tenant)\r
                Authorization: Bearer \(tokens.access)\r
                Connection: close\r
                \r\n
                """
            let received = try await exchange(smuggling.wrap(hidden))
            #expect(received.answers.count == 1, "\(received.text)")
            #expect(try await api.current(tokens.access).status == 200, "the hidden request ran")
            let control = try await exchange(hidden)
            #expect(control.answers.first?.status == 200, "by itself the hidden request works")
        }

        @Test("a body over 16 KiB is refused before it was sent")
        func announcedBody() async throws {
            let received = try await exchange(Login.head(length: 16_385))
            try expectOneRefusal(received, 413)
        }

        @Test("a body over 16 KiB is refused, and the answer arrives", arguments: [16_385, 20_000, 65_536, 80_000])
        func sentBody(length: Int) async throws {
            let body = String(repeating: "x", count: length)
            for _ in 0..<5 {
                try expectOneRefusal(try await exchange(Login.head(length: length) + body), 413)
            }
        }

        @Test("a chunked body over 16 KiB is refused before it ends", arguments: [1_000, 4_096, 20_000])
        func chunkedBody(chunk: Int) async throws {
            let part = String(chunk, radix: 16) + "\r\n" + String(repeating: "x", count: chunk) + "\r\n"
            let body = String(repeating: part, count: 16_384 / chunk + 1)
            try expectOneRefusal(try await exchange(Login.chunkedHead + body), 413)
        }

        @Test("nonsense behind a good request is refused after that is answered", arguments: [0, 200_000])
        func malformedSuccessor(size: Int) async throws {
            let login = Account.cloudVault.loginBody
            let request = Login.head(length: login.utf8.count, closing: false) + login
            let received = try await exchange(request + "\0" + String(repeating: "x", count: size))
            #expect(received.answers.map(\.status) == [200, 400])
            #expect(received.isClosed)
        }

        @Test("a body of 16 KiB is read")
        func largestBody() async throws {
            let login = Account.cloudVault.loginBody
            let body = login + String(repeating: " ", count: 16_384 - login.utf8.count)
            let received = try await exchange(Login.head(length: 16_384, closing: true) + body)
            #expect(received.answers.map(\.status) == [200])
        }

        #if os(Linux)
            @Test("no more than the limit and 64 KiB is read of a body that is too large", arguments: Oversized.all)
            func unreadBody(_ request: Oversized) async throws {
                let server = try #require(SharedSandbox.current)
                let bytes = Array(request.head.utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: Oversized.size)
                for _ in 0..<10 {
                    let before = try bytesRead(by: server.process.id)
                    let received = try await offPool {
                        let connection = try RawConnection(port: server.port)
                        connection.send(bytes)
                        return connection.receive(within: .seconds(3))
                    }
                    #expect(received.isClosed)
                    let read = try bytesRead(by: server.process.id) - before
                    // One read of 64 KiB may go beyond, and the server reads files of its own meanwhile.
                    try #require(read <= (16 + 64 + 64 + 64) * 1_024, "read \(read) bytes")
                }
            }

            /// What the process read of sockets and files since it was started.
            private func bytesRead(by process: Int32) throws -> Int {
                let counters = try String(contentsOfFile: "/proc/\(process)/io", encoding: .utf8)
                let line = try #require(counters.split(separator: "\n").first { $0.hasPrefix("rchar:") })
                return try #require(Int(line.dropFirst(7)))
            }
        #endif

        private func exchange(_ request: String) async throws -> Received {
            try await exchange(Array(request.utf8))
        }

        /// Sends `request` on a connection of its own and reads until the server closes it.
        private func exchange(_ request: [UInt8]) async throws -> Received {
            let port = try #require(SharedSandbox.current).port
            return try await offPool {
                let connection = try RawConnection(port: port)
                connection.send(request)
                return connection.receive(within: .seconds(5))
            }
        }
    }
}

/// Expects one refusal, whole and in the contract's one shape, and then the end of the connection.
func expectOneRefusal(_ received: Received, _ status: UInt) throws {
    #expect(received.isClosed && !received.isReset, "closed in good order")
    #expect(received.answers.count == 1, "\(received.text)")
    let answer = try #require(received.answers.first)
    #expect(answer.status == status)
    let envelope = try #require(try JSON(answer.body).object)
    #expect(envelope["code"] == .number(String(status)))
    #expect(envelope["message"]?.string?.isEmpty == false)
    #expect(answer.error?.isEmpty == false)
    #expect(answer.data("details")?.isEmpty == false)
    for (name, value) in [
        ("Content-Type", "application/json; charset=utf-8"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ] {
        #expect(answer.headers[name] == [value], "\(name)")
    }
    #expect(answer.headers["X-Correlation-ID"].first?.isEmpty == false)
    #expect(answer.headers["Server"].isEmpty)
}
