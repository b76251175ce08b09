import FinHubAPI
import FinHubClient
import Foundation
import HTTPTypes
import Synchronization
import Testing

extension EndToEnd.SDK {
    @Suite("Faults", .sharedSandbox)
    struct ClientFaultTests {
        @Test("ten thousand callers at the end of a token: one refresh on the wire")
        func oneRefresh() async throws {
            let server = try await RunningServer.sandbox(in: try TemporaryFolder())
            let clock = ShiftedClock()
            let client = try Account.cloudVault.client(at: server.address, clock: clock)
            let before = try await client.ensureAuthenticated()
            clock.advance(by: .seconds(3_590))
            try await withThrowingTaskGroup(of: ClientSession.self) { group in
                for _ in 0..<10_000 { group.addTask { try await client.ensureAuthenticated() } }
                for try await session in group {
                    #expect(session.session == before.session)
                    #expect(session.token.reveal() != before.token.reveal())
                }
            }
            #expect(try await server.count("finhub_refreshes_total") == 1)
            #expect(try await server.count("finhub_logins_total") == 1)
            await client.shutdown()
            try await server.kill()
        }

        @Test("a refresh whose answer was lost is repeated, and the session goes on")
        func lostAnswer() async throws {
            let server = try await RunningServer.sandbox(in: try TemporaryFolder())
            let meddler = try Meddler(before: server.port)
            let client = try Account.cloudVault.client(at: "http://127.0.0.1:\(meddler.port)")
            let before = try await client.ensureAuthenticated()
            meddler.set(.swallow(2))
            let after = try await client.sessions.refresh()
            #expect(after.session == before.session)
            #expect(try await client.sessions.current().sessionID == before.session)
            #expect(try await client.sessions.refresh().session == before.session)
            #expect(try await server.count("finhub_refresh_token_reuses_total") == 0)
            #expect(try await server.count("finhub_logins_total") == 1)
            await client.shutdown()
            try await server.kill()
        }

        @Test(
            "whatever the other side sends, the call ends in time with an error of its kind",
            arguments: [
                (Meddler.Mode.answer(""), ErrorCode.clientConnectionLost),
                (.answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"code\":"), .clientConnectionLost),
                (.answer("gibberish\r\n\r\n"), .clientConnectionLost),
                (.answer("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>"), .clientUnreadableAnswer),
                (.answer("HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n{"), .clientAnswerTooLarge),
                (.answer("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 300_000)), .clientAnswerTooLarge),
                (
                    .answer("HTTP/1.1 200 OK\r\nContent-Length: 35\r\n\r\n{\"code\":403,\"message\":\"\",\"data\":{}}"),
                    .clientContradictoryAnswer
                ),
                (
                    .answer("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"),
                    .clientUnexpectedStatus
                ),
                (
                    .drip("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + String(repeating: " ", count: 99_000)),
                    .clientDeadlineExceeded
                ),
                (.silence, .clientDeadlineExceeded),
            ]
        )
        func faulty(mode: Meddler.Mode, code: ErrorCode) async throws {
            let meddler = try Meddler(before: try #require(SharedSandbox.current).port)
            let client = try Account.cloudVault.client(at: "http://127.0.0.1:\(meddler.port)") { configuration in
                configuration.answerBytes = 200_000
                configuration.retries.attempts = 2
            }
            try await client.ensureAuthenticated()
            meddler.set(mode)
            let start = ContinuousClock.now
            do {
                try await client.request(
                    .get,
                    "/admin/sessions/current",
                    options: CallOptions(deadline: .seconds(2))
                )
                Issue.record("the call succeeded")
            } catch let error as FinHubClientError {
                #expect(error.code == code, "\(error)")
            }
            #expect(ContinuousClock.now - start < .seconds(5))
            meddler.set(.pass)
            try await client.request(.get, "/admin/sessions/current")
            await client.shutdown()
        }

        @Test("what HEAD announces without sending it is not too large")
        func head() async throws {
            let meddler = try Meddler(before: try #require(SharedSandbox.current).port)
            let client = try Account.cloudVault.client(at: "http://127.0.0.1:\(meddler.port)") {
                $0.answerBytes = 200_000
            }
            try await client.ensureAuthenticated()
            meddler.set(.answer("HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\nX-Kind: report\r\n\r\n"))
            let answer = try await client.send(FinHubRequest(.head, "/admin/sessions/current"))
            #expect(answer.headers[try #require(HTTPField.Name("X-Kind"))] == "report")
            #expect(answer.status == .ok)
            await client.shutdown()
        }

        @Test("a 429 with an absurd Retry-After is handed on at once")
        func absurd() async throws {
            let body = #"{"code":429,"message":"","data":{"error":"RATE_LIMITED","details":"Slow down."}}"#
            let meddler = try Meddler(
                .answer(
                    "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 99999999999999999999\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                )
            )
            let client = try Account.cloudVault.client(at: "http://127.0.0.1:\(meddler.port)")
            do {
                try await client.ensureAuthenticated()
                Issue.record("logged in")
            } catch let error as FinHubClientError {
                #expect(error.status == 429)
                #expect(error.retryAfter == .seconds(86_400))
            }
            await client.shutdown()
        }

        @Test("nobody there is a typed error within the deadline")
        func gone() async throws {
            let client = try Account.cloudVault.client(at: "http://127.0.0.1:1") { $0.deadline = .seconds(2) }
            let start = ContinuousClock.now
            await #expect {
                try await client.ensureAuthenticated()
            } throws: {
                // Whether a try or the deadline comes last is up to the machine.
                let code = ($0 as? FinHubClientError)?.code
                return code == .clientUnreachable || code == .clientDeadlineExceeded
            }
            #expect(ContinuousClock.now - start < .seconds(4))
            await client.shutdown()
        }

        @Test("cancellation ends a call on the wire, and a wait for a login")
        func cancellation() async throws {
            let meddler = try Meddler(before: try #require(SharedSandbox.current).port)
            let client = try Account.cloudVault.client(at: "http://127.0.0.1:\(meddler.port)")
            try await client.ensureAuthenticated()
            meddler.set(.silence)
            let stranger = try Account.cloudVault.client(at: "http://127.0.0.1:\(meddler.port)") {
                $0.deadline = .seconds(3)
            }
            for work in [
                { try await client.request(.get, "/admin/sessions/current") },
                { _ = try await client.stream(FinHubRequest(.get, "/admin/sessions/current")) },
                { _ = try await stranger.ensureAuthenticated() },
            ] as [@Sendable () async throws -> Void] {
                let heard = meddler.heardCount
                let call = Task { try await work() }
                await meddler.hears(heard + 1)
                call.cancel()
                let start = ContinuousClock.now
                await #expect(throws: CancellationError.self) { try await call.value }
                #expect(ContinuousClock.now - start < .seconds(1))
            }
            await client.shutdown()
            await stranger.shutdown()
        }

        @Test("a certificate that nobody vouches for, or for another host, is refused")
        func tls() async throws {
            let installation = try await Installation(in: try TemporaryFolder())
            let folder = installation.folder
            let made = try await Executable.shell(
                """
                openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=finhub.test \
                  -addext subjectAltName=DNS:localhost \
                  -keyout '\(folder.path("key.pem"))' -out '\(folder.path("certificate.pem"))'
                chmod 600 '\(folder.path("key.pem"))'
                """
            )
            try #require(made.status == 0, "\(made.errors)")
            let server = try await installation.serve([
                "--tls-certificate", folder.path("certificate.pem"), "--tls-key", folder.path("key.pem"),
            ])
            let cases: [(String, TrustRoots, ErrorCode?)] = [
                ("https://localhost:\(server.port)", .system, .clientTLSFailed),
                ("https://127.0.0.1:\(server.port)", .file(folder.path("certificate.pem")), .clientTLSFailed),
                ("https://localhost:\(server.port)", .file(folder.path("certificate.pem")), nil),
            ]
            for (address, trust, code) in cases {
                let client = try installation.account.client(at: address) { $0.trust = trust }
                do {
                    try await client.ensureAuthenticated()
                    #expect(code == nil, "\(address)")
                } catch let error as FinHubClientError {
                    #expect(error.code == code, "\(address) \(error)")
                }
                await client.shutdown()
            }
            try await server.kill()
        }
    }
}
