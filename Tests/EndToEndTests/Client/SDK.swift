import FinHubAPI
import FinHubClient
import Foundation
import Synchronization
import Testing

extension EndToEnd {
    /// The SDK against the real executable.
    @Suite("SDK")
    enum SDK {}
}

extension Account {
    /// A client's configuration for this account at `address`.
    func configuration(at address: String) throws -> FinHubClient.Configuration {
        FinHubClient.Configuration(
            server: try ServerAddress(address),
            identity: SessionIdentity(
                tenant: tenant,
                organization: try #require(OrganizationID(organization)),
                user: try #require(UserID(user))
            ),
            credentials: .fixed(
                LoginCredentials(
                    username: username,
                    password: Secret(password),
                    tenantKey: key,
                    tenantSecret: Secret(secret)
                )
            )
        )
    }

    /// A client of this account at `address`.
    func client(
        at address: String,
        clock: any ClientClock = SystemClock(),
        configure: (inout FinHubClient.Configuration) -> Void = { _ in }
    ) throws -> FinHubClient {
        var configuration = try configuration(at: address)
        configure(&configuration)
        return try FinHubClient(configuration: configuration, clock: clock)
    }
}

/// The system's clocks, set forward.
final class ShiftedClock: ClientClock {
    private let shift = Mutex(Duration.zero)
    private let system = SystemClock()

    /// Lets `duration` pass at once.
    func advance(by duration: Duration) {
        shift.withLock { $0 += duration }
    }

    var now: ContinuousClock.Instant { system.now + shift.withLock { $0 } }
    var wallClock: Timestamp { system.wallClock + shift.withLock { $0 } }

    func pause(for duration: Duration) async throws {
        try await system.pause(for: duration)
    }

    func reach(_ deadline: ContinuousClock.Instant) async throws {
        try await system.reach(deadline - shift.withLock { $0 })
    }
}

extension RunningServer {
    /// What the server counted under `name`, over all labels.
    func count(_ name: String) async throws -> Int {
        let page = try await APIClient.get(metrics).text
        return page.split(separator: "\n").filter { $0.hasPrefix(name + " ") || $0.hasPrefix(name + "{") }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
            .reduce(0) { $0 + Int($1) }
    }
}
