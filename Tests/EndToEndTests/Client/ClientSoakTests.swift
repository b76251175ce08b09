import FinHubAPI
import FinHubClient
import Foundation
import HTTPTypes
import Synchronization
import Testing

extension EndToEnd.SDK {
    @Suite("Soak")
    struct ClientSoakTests {
        @Test("refreshes and kills of the server fail no call but those in flight at a kill")
        func soak() async throws {
            let folder = try TemporaryFolder()
            var server = try await RunningServer.sandbox(in: folder)
            let meddler = try Meddler(before: server.port)
            let client = try Account.cloudVault.client(at: "http://127.0.0.1:\(meddler.port)")
            let session = try await client.ensureAuthenticated().session
            let log = CallLog()

            let traffic = Task {
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            while !Task.isCancelled {
                                await log.record { try await client.request(.get, "/admin/sessions/current") }
                            }
                        }
                    }
                    group.addTask {
                        while !Task.isCancelled { await log.record { try await client.sessions.refresh() } }
                    }
                }
            }
            var kills: [ContinuousClock.Instant] = []
            for _ in 0..<3 {
                await log.successes(log.succeeded + 500)
                kills.append(.now)
                try await server.kill()
                server = try await RunningServer.sandbox(in: folder)
                meddler.target.withLock { [port = server.port] in $0 = port }
            }
            await log.successes(log.succeeded + 500)
            traffic.cancel()
            await traffic.value

            let unexplained = log.failures.filter { failure in
                !kills.contains { failure.begun <= $0 && $0 <= failure.ended }
            }
            #expect(unexplained.isEmpty, "\(unexplained)")
            #expect(log.succeeded >= 2_000)
            #expect(try await client.ensureAuthenticated().session == session)
            #expect(try await server.count("finhub_refresh_token_reuses_total") == 0)
            await client.shutdown()
            try await server.kill()
        }

        @Test("tokens that live for seconds are refreshed through kills of the server", .timeLimit(.minutes(3)))
        func shortTokens() async throws {
            let folder = try TemporaryFolder()
            var server = try await RunningServer.sandbox(in: folder, "--token-lifetime", "5")
            let meddler = try Meddler(before: server.port)
            let client = try Account.cloudVault.client(at: "http://127.0.0.1:\(meddler.port)")
            let (log, seen) = (CallLog(), Seen())
            try await seen.look(with: client)

            let traffic = Task {
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            while !Task.isCancelled { await log.record { try await seen.look(with: client) } }
                        }
                    }
                }
            }
            var outages: [(kill: ContinuousClock.Instant, length: Duration)] = []
            for _ in 0..<4 {
                try await refreshed(seen, log)
                let kill = ContinuousClock.now
                try await server.kill()
                server = try await RunningServer.sandbox(in: folder, "--token-lifetime", "5")
                meddler.target.withLock { [port = server.port] in $0 = port }
                outages.append((kill, .now - kill))
            }
            try await refreshed(seen, log)
            traffic.cancel()
            await traffic.value

            let unexplained = log.failures.filter { failure in
                !outages.contains { failure.begun <= $0.kill && $0.kill <= failure.ended }
            }
            #expect(unexplained.isEmpty, "\(unexplained)")
            #expect(seen.tokens >= 6)
            // A token that ended while there was no server can't be refreshed (contract, *Refresh*).
            #expect(seen.sessions <= 1 + outages.filter { $0.length > .seconds(1) }.count, "\(outages)")
            #expect(try await server.count("finhub_refresh_token_reuses_total") == 0)
            await client.shutdown()
            try await server.kill()
        }

        /// Returns once another token than so far is in use, or calls fail.
        private func refreshed(_ seen: Seen, _ log: CallLog) async throws {
            let before = seen.tokens
            while seen.tokens == before {
                await log.successes(log.succeeded + 1)
                try Task.checkCancellation()
            }
        }
    }
}

/// The tokens and sessions that a client went through.
private final class Seen: Sendable {
    private let state = Mutex((tokens: Set<String>(), sessions: Set<SessionID>()))

    var tokens: Int { state.withLock { $0.tokens.count } }
    var sessions: Int { state.withLock { $0.sessions.count } }

    /// Makes a call, and takes note of the session that the server says it was made with.
    func look(with client: FinHubClient) async throws {
        let session = try await client.sessions.current().sessionID
        let token = try await client.ensureAuthenticated().token.reveal()
        state.withLock {
            $0.sessions.insert(session)
            $0.tokens.insert(token)
        }
    }
}

/// What calls came to.
private final class CallLog: Sendable {
    struct Failure: Sendable {
        let begun: ContinuousClock.Instant
        let ended: ContinuousClock.Instant
        let error: String
    }

    private struct State {
        var succeeded = 0
        var failures: [Failure] = []
        var waiting: (count: Int, continuation: CheckedContinuation<Void, Never>)?
    }

    private let state = Mutex(State())

    var succeeded: Int { state.withLock { $0.succeeded } }
    var failures: [Failure] { state.withLock { $0.failures } }

    /// Returns once as many as `count` calls have succeeded.
    func successes(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.succeeded >= count { return true }
                state.waiting = (count, continuation)
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    func record(_ call: () async throws -> some Any) async {
        let begun = ContinuousClock.now
        do {
            _ = try await call()
            let reached = state.withLock { state -> CheckedContinuation<Void, Never>? in
                state.succeeded += 1
                guard let waiting = state.waiting, state.succeeded >= waiting.count else { return nil }
                state.waiting = nil
                return waiting.continuation
            }
            reached?.resume()
        } catch is CancellationError {
        } catch {
            let failure = Failure(begun: begun, ended: .now, error: "\(error)")
            state.withLock { $0.failures.append(failure) }
        }
    }
}
