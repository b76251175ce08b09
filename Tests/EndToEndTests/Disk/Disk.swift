/// Where a server keeps its data folder, and how it is started there.
protocol Disk: Sendable {
    /// The data folder as the server knows it.
    var dataFolder: String { get }
    /// The same folder as this process reaches it; only for reading files, as it may be a detour.
    var reachableFolder: String { get }
    /// The words that come before the server's own command line.
    var launcher: [String] { get }
    var environment: [String: String] { get }
}

/// A disk that can be made to fail under a running server, and to work again.
protocol FaultyDisk: Disk {
    func fail() throws
    func heal() throws
}

extension Disk {
    /// Starts a sandbox on it and waits until it listens.
    func sandbox() async throws -> RunningServer {
        try await .start(["sandbox", "--data-dir", dataFolder], launcher: launcher, environment: environment)
    }
}
