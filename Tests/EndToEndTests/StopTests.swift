import Foundation
import Testing

extension EndToEnd {
    /// Design, *Promises*: stop accepting, finish what is in flight, commit, exit 0, within 10 s.
    @Suite("SIGTERM")
    struct StopTests {
        @Test("lets a request in flight finish, then ends with status 0")
        func inFlight() async throws {
            let folder = try TemporaryFolder()
            let server = try await RunningServer.sandbox(in: folder)
            let body = Account.cloudVault.loginBody
            let connection = try await offPool { try RawConnection(port: server.port) }
            // The answer to the first request says that the head behind it was read too.
            let begun = try await offPool {
                connection.send(
                    ("GET /livez HTTP/1.1\r\nHost: finhub\r\n\r\n" + Login.head(length: body.utf8.count)).utf8
                )
                return connection.receive { !$0.answers.isEmpty }
            }
            #expect(begun.answers.map(\.status) == [200])

            server.process.end(with: SIGTERM)
            #expect(try await offPool { Self.refusesConnections(server.port, within: .seconds(5)) })
            let finished = try await offPool {
                connection.send(body.utf8)
                return connection.receive()
            }
            #expect(finished.isClosed)
            let tokens = try SessionTokens(try #require(finished.answers.first, "\(finished.text)"))
            #expect(try await server.process.status(within: .seconds(10)) == 0)

            let restarted = try await RunningServer.sandbox(in: folder)
            #expect(try await APIClient(restarted).current(tokens.access).status == 200)
        }

        @Test("ends an idle server at once, open connections or not")
        func idle() async throws {
            let folder = try TemporaryFolder()
            let server = try await RunningServer.sandbox(in: folder)
            let connection = try await offPool { try RawConnection(port: server.port) }
            let begun = try await offPool {
                connection.send("GET /livez HTTP/1.1\r\nHost: finhub\r\n\r\n".utf8)
                return connection.receive { !$0.answers.isEmpty }
            }
            #expect(begun.answers.map(\.status) == [200])
            #expect(try await server.stop() == 0)
            #expect(try await offPool { connection.receive().isClosed })
        }

        @Test("amid traffic, every answer that was begun is whole, and what it says is kept")
        func amidTraffic() async throws {
            let folder = try TemporaryFolder()
            let server = try await RunningServer.sandbox(in: folder)
            let api = APIClient(server)
            let opened = try await withThrowingTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask {
                        var last: SessionTokens?
                        while let answer = try? await api.tryLogin() {
                            last = try SessionTokens(answer)
                            server.process.end(with: SIGTERM)
                        }
                        return last
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }.compactMap { $0 }
            }
            #expect(!opened.isEmpty)
            #expect(try await server.process.status(within: .seconds(10)) == 0)
            let restarted = try await RunningServer.sandbox(in: folder)
            for tokens in opened { #expect(try await APIClient(restarted).refresh(tokens).status == 200) }
        }

        /// Tries to connect until it is refused.
        private static func refusesConnections(_ port: UInt16, within limit: Duration) -> Bool {
            let deadline = ContinuousClock.now + limit
            while ContinuousClock.now < deadline {
                do {
                    _ = try RawConnection(port: port)
                } catch let error as POSIXError where error.code == .ECONNREFUSED {
                    return true
                } catch {
                    continue
                }
            }
            return false
        }
    }
}
