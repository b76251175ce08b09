import Foundation
import Testing

extension EndToEnd {
    /// A dribbling sender is cut off after a total time: no byte that it sends buys it more.
    @Suite("Slow senders")
    struct SlowSenderTests {
        /// What a deadline of one second may come to; a sender itself gives up after ten.
        private let allowed: ClosedRange<Duration> = .milliseconds(800)...(.seconds(5))

        @Test("a head that dribbles is cut off")
        func head() async throws {
            let received = try await dribble("a", after: "GET /livez HTTP/1.1\r\nHost: finhub\r\nX-Note: ")
            #expect(received.isClosed)
            #expect(allowed.contains(received.took), "after \(received.took)")
            #expect(received.answers.allSatisfy { $0.status == 408 }, "\(received.text)")
        }

        @Test("a request line that dribbles is cut off")
        func requestLine() async throws {
            let received = try await dribble("a", after: "GET /")
            #expect(received.isClosed)
            #expect(allowed.contains(received.took), "after \(received.took)")
        }

        @Test("a connection that says nothing is cut off")
        func silence() async throws {
            let received = try await dribble("", after: "")
            #expect(received.isClosed)
            #expect(received.bytes.isEmpty)
            #expect(allowed.contains(received.took), "after \(received.took)")
        }

        @Test("a body that dribbles is refused with 408", arguments: [true, false])
        func body(isChunked: Bool) async throws {
            let head = isChunked ? Login.chunkedHead : Login.head(length: 10_000)
            let received = try await dribble("1\r\na\r\n", after: head)
            #expect(allowed.contains(received.took), "after \(received.took)")
            try expectOneRefusal(received, 408)
        }

        @Test("a second request gets no more time than the first")
        func laterHead() async throws {
            let first = "GET /livez HTTP/1.1\r\nHost: finhub\r\n\r\n"
            let received = try await dribble("a", after: first + "GET /livez HTTP/1.1\r\nX-Note: ")
            #expect(received.answers.map(\.status) == [200], "\(received.text)")
            #expect(received.isClosed)
            #expect(allowed.contains(received.took), "after \(received.took)")
        }

        @Test("a body that dribbles to a path that there is not gets one answer, and is cut off")
        func refusedBody() async throws {
            let head = "POST /nowhere HTTP/1.1\r\nHost: finhub\r\nContent-Length: 10000\r\n\r\n"
            let received = try await dribble("a", after: head)
            #expect(received.answers.map(\.status) == [404], "\(received.text)")
            #expect(received.isClosed)
            #expect(received.took < allowed.upperBound, "after \(received.took)")
        }

        /// Sends `start` at once and then `rest` over and over, byte by byte, to a server of its own.
        private func dribble(_ rest: String, after start: String) async throws -> Received {
            let folder = try TemporaryFolder()
            let server = try await RunningServer.sandbox(in: folder, "--header-timeout", "1", "--request-timeout", "1")
            let received = try await offPool {
                let connection = try RawConnection(port: server.port)
                connection.send(start.utf8)
                return connection.dribble(rest.utf8)
            }
            #expect(try await APIClient.get(server.address + "/livez").status == 200)
            try await server.kill()
            return received
        }
    }
}
