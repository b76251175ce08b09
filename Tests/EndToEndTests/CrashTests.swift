import FinHubAPI
import Foundation
import Synchronization
import Testing

extension EndToEnd {
    /// Design, *Promises*: what was acknowledged survives; what was not is wholly there or absent.
    @Suite("kill -9 amid traffic")
    struct CrashTests {
        @Test("loses nothing that was acknowledged", arguments: [60, 151, 307])
        func acknowledged(killedAfter count: Int) async throws {
            let folder = try TemporaryFolder()
            let server = try await RunningServer.sandbox(in: folder)
            let quiet = try await QuietSessions(APIClient(server))
            let traffic = Traffic(server: server, killAfter: count)
            try await traffic.run(clients: 8)
            #expect(try await server.process.status() == -SIGKILL)

            let restarted = try await RunningServer.sandbox(in: folder)
            let api = APIClient(restarted)
            try await quiet.expectUnchanged(api)
            let seen = traffic.seen.withLock { $0 }
            #expect(seen.refreshed.count == 8)
            for tokens in seen.refreshed.values { try await expectAlive(tokens, api) }
            for tokens in seen.opened { try await expectAlive(tokens, api) }
            for tokens in seen.ended { try await expectEnded(tokens, api) }
            #expect(try await restarted.stop() == 0)
        }

        /// The session goes on from the last tokens that were acknowledged: with its next ones,
        /// or, when a refresh was kept whose answer was lost, with those.
        private func expectAlive(_ tokens: SessionTokens, _ api: APIClient) async throws {
            #expect(try await api.current(tokens.access).status == 200)
            let next = try SessionTokens(try await api.refresh(tokens))
            #expect(next.session == tokens.session)
            #expect(next.refresh != tokens.refresh)
            #expect(try await api.refresh(next).status == 200)
        }

        private func expectEnded(_ tokens: SessionTokens, _ api: APIClient) async throws {
            let use = try await api.current(tokens.access)
            #expect(use.status == 401)
            #expect(use.error == "SESSION_REVOKED")
            let refresh = try await api.refresh(tokens)
            #expect(refresh.status == 401)
            #expect(refresh.error == "SESSION_REVOKED")
        }

        /// Sessions that had their last change before the traffic began.
        private struct QuietSessions {
            let opened: SessionTokens
            let ended: SessionTokens
            let replaced: SessionTokens
            let successor: SessionTokens

            init(_ api: APIClient) async throws {
                opened = try await api.login()
                ended = try await api.login()
                #expect(try await api.end(ended).status == 200)
                replaced = try await api.login()
                successor = try SessionTokens(try await api.refresh(replaced))
            }

            func expectUnchanged(_ api: APIClient) async throws {
                let retried = try SessionTokens(try await api.refresh(replaced))
                #expect(retried.refresh == successor.refresh, "a retry gets the same successor after a restart")
                #expect(try await api.refresh(retried).status == 200)
                #expect(try await api.current(opened.access).status == 200)
                #expect(try await api.refresh(opened).status == 200)
                let refused = try await api.current(ended.access)
                #expect(refused.status == 401)
                #expect(refused.error == "SESSION_REVOKED")
            }
        }
    }
}

/// Clients that refresh, open and end sessions until the server is killed under them.
private final class Traffic: Sendable {
    /// What the server acknowledged.
    struct Seen: Sendable {
        /// The last tokens of each client's session.
        var refreshed: [Int: SessionTokens] = [:]
        var opened: [SessionTokens] = []
        var ended: [SessionTokens] = []
        var acknowledged = 0
    }

    let seen = Mutex(Seen())
    private let server: RunningServer
    private let limit: Int

    init(server: RunningServer, killAfter limit: Int) {
        self.server = server
        self.limit = limit
    }

    /// Runs until the server is dead; throws when it refused what it must not.
    func run(clients: Int) async throws {
        let api = APIClient(server)
        for client in 0..<clients {
            let tokens = try await api.login()
            seen.withLock { $0.refreshed[client] = tokens }
        }
        try await withThrowingTaskGroup { group in
            for client in 0..<clients { group.addTask { try await self.refresh(client, api) } }
            group.addTask { try await self.openAndEnd(api) }
            try await group.waitForAll()
        }
    }

    private func refresh(_ client: Int, _ api: APIClient) async throws {
        while let tokens = seen.withLock({ $0.refreshed[client] }) {
            guard let answer = try? await api.refresh(tokens) else { return }
            let next = try SessionTokens(answer)
            acknowledge { $0.refreshed[client] = next }
        }
    }

    private func openAndEnd(_ api: APIClient) async throws {
        while true {
            var opened: [SessionTokens] = []
            for _ in 0..<2 {
                guard let answer = try? await api.tryLogin() else { return }
                opened.append(try SessionTokens(answer))
            }
            let (kept, ended) = (opened[0], opened[1])
            acknowledge { $0.opened.append(kept) }
            guard let answer = try? await api.end(ended) else { return }
            try #require(answer.status == 200, "\(answer.text)")
            acknowledge { $0.ended.append(ended) }
        }
    }

    /// Notes what was acknowledged; at the limit, kills the server while the others are at it.
    private func acknowledge(_ note: (inout Seen) -> Void) {
        let count = seen.withLock { seen in
            note(&seen)
            seen.acknowledged += 1
            return seen.acknowledged
        }
        if count == limit { server.process.end(with: SIGKILL) }
    }
}
