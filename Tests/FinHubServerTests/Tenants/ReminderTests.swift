import FinHubAPI
import FinHubCore
import FinHubTestSupport
import HTTPTypes
import Logging
import Synchronization
import Testing

@testable import FinHubServer

@Suite("Reminders")
struct ReminderTests {
    @Test("tell an administrator of the tenant's old secrets and passwords")
    func route() async throws {
        try await withServer { server in
            let young = try await Desk(server).call(.get, "reminders")
            #expect(young.items?.isEmpty == true)
            server.clock.advance(by: 90 * 86_400)
            try await server.beat()
            let items = try #require(try await Desk(server).call(.get, "reminders").items)
            try #require(items.map { $0["kind"]?.string } == ["TENANT_SECRET", "PASSWORD"])
            #expect(items[0]["tenantKey"]?.string == Account.ada.key)
            #expect(items[1]["userId"]?.string == Account.ada.user.description)
            let since = Timestamp(seconds: 1_767_268_800)
            #expect(items.map { $0["since"]?.string } == [since.description, since.description])
            #expect(items[1]["dueSince"]?.string == (since + .seconds(30 * 86_400)).description)
        }
    }

    @Test("are logged once a day, without a secret")
    func log() async throws {
        try await withServer { server in
            let lines = LogLines()
            let logger = Logger(label: "test") { _ in lines }
            let service = ReminderService(stores: server.stores, logger: logger, now: { server.clock.now })
            var loggedAt: Timestamp?
            await service.look(&loggedAt)
            #expect(lines.all == [])
            server.clock.advance(by: 90 * 86_400)
            await service.look(&loggedAt)
            let expected =
                [Account.ada, .grace].map { "credential_old key=\($0.key) tenant=\($0.tenant)" }
                + [Account.ada, .grace].map { "password_old tenant=\($0.tenant) users=1" }
            #expect(lines.all == expected)
            server.clock.advance(by: 86_399)
            await service.look(&loggedAt)
            #expect(lines.all.count == 4)
            server.clock.advance(by: 1)
            await service.look(&loggedAt)
            #expect(lines.all.count == 8)
        }
    }
}

/// Keeps warnings, each with its fields but for times.
private final class LogLines: LogHandler {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }
    var logLevel: Logger.Level {
        get { .warning }
        set { _ = newValue }
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set { _ = newValue }
    }

    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set { _ = newValue }
    }

    func log(event: LogEvent) {
        let fields = (event.metadata ?? [:]).filter { $0.key != "since" }.sorted { $0.key < $1.key }.map {
            "\($0)=\($1)"
        }
        lines.withLock { $0.append(([event.message.description] + fields).joined(separator: " ")) }
    }
}
