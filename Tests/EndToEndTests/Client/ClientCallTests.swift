import FinHubAPI
import FinHubClient
import HTTPTypes
import NIOCore
import Testing

extension EndToEnd.SDK {
    @Suite("Calls", .sharedSandbox)
    struct ClientCallTests {
        @Test("logs in by itself, and knows who it is")
        func current() async throws {
            let client = try client()
            let current = try await client.sessions.current()
            let session = try await client.ensureAuthenticated()
            #expect(current.sessionID == session.session)
            #expect(current.email == Account.cloudVault.username)
            #expect(current.tenantSlug == "tenant_cloudvault")
            #expect(current.roles == ["ADMIN"])
            #expect(session.remaining > .seconds(3_500))
            #expect(abs(client.clockSkew?.components.seconds ?? 99) < 5)
            await client.shutdown()
        }

        @Test("refreshes, and the session stays the same")
        func refresh() async throws {
            let client = try client()
            let first = try await client.ensureAuthenticated()
            let second = try await client.sessions.refresh()
            #expect(second.session == first.session)
            #expect(second.token.reveal() != first.token.reveal())
            #expect(try await client.sessions.current().sessionID == first.session)
            await client.shutdown()
        }

        @Test("shows, lists and ends sessions")
        func sessions() async throws {
            let one = try client {
                $0.caller = CallerDetails(forwardedFrom: "shop", platform: "linux", deviceID: "d-1")
            }
            let other = try client()
            let own = try await one.ensureAuthenticated().session
            let doomed = try await other.ensureAuthenticated().session
            let shown = try await one.sessions.session(own)
            #expect(shown.isActive)
            #expect(shown.device == "d-1")
            #expect(shown.platform == "linux")
            #expect(shown.forwardedFrom == "shop")
            #expect(shown.userAgent == "finhub-sdk-swift/\(FinHubClient.version)")

            var seen: [SessionID] = []
            for try await session in one.sessions.all(status: .active) { seen.append(session.sessionID) }
            #expect(seen.contains(own) && seen.contains(doomed))
            #expect(try await one.sessions.list(limit: 1).items.count == 1)

            try await one.sessions.end(doomed)
            try await one.sessions.end(doomed)
            #expect(try await one.sessions.session(doomed).isActive == false)
            await one.shutdown()
            await other.shutdown()
        }

        @Test("a session that somebody else ended is replaced, and the call succeeds")
        func replaced() async throws {
            let clock = ShiftedClock()
            let client = try client(clock: clock)
            let killer = try self.client()
            let first = try await client.ensureAuthenticated().session
            clock.advance(by: .seconds(60))
            try await killer.sessions.end(first)
            #expect(try await client.sessions.current().sessionID != first)
            await client.shutdown()
            await killer.shutdown()
        }

        @Test("asks about a token")
        func introspect() async throws {
            let client = try client()
            let session = try await client.ensureAuthenticated()
            guard
                case .active(_, _, _, let id, let roles, _, _, _, _, _) =
                    try await client.sessions.introspect(session.token)
            else { return #expect(Bool(false), "not active") }
            #expect(id == session.session)
            #expect(roles == ["ADMIN"])
            try await client.logout()
            guard case .inactive = try await client.sessions.introspect(session.token) else {
                return #expect(Bool(false), "still active")
            }
            await client.shutdown()
        }

        @Test("reads the hierarchy once while it is fresh, and replaces it under its tag")
        func hierarchy() async throws {
            let client = try client()
            let tenant = try #require(TenantID(Account.cloudVault.tenantID))
            let read = try await client.hierarchy.get(tenant)
            #expect(read.value.tenantName == "CloudVault")
            #expect(read.value.categorization.categories.count == 4)
            let again = try await client.send(
                FinHubRequest(.get, "/customer/individual/categorization/hierarchy/\(tenant)")
            )
            #expect(again.isFromCache)

            let tag = try #require(read.entityTag)
            let written = try await client.hierarchy.put(tenant, read.value.categorization, replacing: tag)
            #expect(written.entityTag != tag)
            await #expect {
                try await client.hierarchy.put(tenant, read.value.categorization, replacing: tag)
            } throws: {
                ($0 as? FinHubClientError)?.code == .preconditionFailed
            }
            #expect(try await client.hierarchy.get(tenant).entityTag == written.entityTag)
            await client.shutdown()
        }

        @Test("another tenant's things are not there")
        func foreign() async throws {
            let client = try client()
            let other = try Account.finsei.client(at: server.address)
            let foreign = try await other.ensureAuthenticated().session
            await #expect {
                try await client.sessions.session(foreign)
            } throws: {
                ($0 as? FinHubClientError)?.code == .sessionNotFound
            }
            await client.shutdown()
            await other.shutdown()
        }

        @Test("a wrong password is refused once, and the reason can be acted on")
        func wrongPassword() async throws {
            var account = Account.cloudVault
            account.password = "canary-wrong"
            let client = try account.client(at: server.address)
            for _ in 0..<3 {
                do {
                    try await client.ensureAuthenticated()
                    Issue.record("logged in")
                } catch let error as FinHubClientError {
                    #expect(error.code == .invalidCredentials)
                    #expect(!error.suggestions.isEmpty)
                    #expect(error.correlationID != nil)
                    #expect(!"\(error)".contains("canary"))
                }
            }
            await client.shutdown()
        }

        @Test("a batch comes in order")
        func batch() async throws {
            let client = try client()
            let own = try await client.ensureAuthenticated().session
            let paths: [APIPath] = ["/admin/sessions/current", "/admin/sessions/\(own)", "/nowhere"]
            let requests = (0..<30).map { FinHubRequest(.get, paths[$0 % 3]) }
            var statuses: [Int] = []
            for await result in client.batch(requests, concurrency: 4) {
                switch result {
                case .success(let answer): statuses.append(answer.status.code)
                case .failure(let error): statuses.append((error as? FinHubClientError)?.status ?? 0)
                }
            }
            #expect(statuses == (0..<10).flatMap { _ in [200, 200, 404] })
            await client.shutdown()
        }

        @Test("a stream gives the answer in parts")
        func stream() async throws {
            let client = try client()
            let answer = try await client.stream(FinHubRequest(.get, "/admin/sessions/current"))
            var bytes: [UInt8] = []
            for try await part in answer.body { bytes += part.readableBytesView }
            #expect(try JSON(bytes).object?["code"] == .number("200"))
            await client.shutdown()
        }

        private var server: RunningServer {
            get throws { try #require(SharedSandbox.current) }
        }

        private func client(
            clock: any ClientClock = SystemClock(),
            configure: (inout FinHubClient.Configuration) -> Void = { _ in }
        ) throws -> FinHubClient {
            try Account.cloudVault.client(at: server.address, clock: clock, configure: configure)
        }
    }
}
