import FinHubCore
public import NIOCore
import Synchronization

/// What one connection, and one address, may cost (security, *HTTP*).
public struct ConnectionLimits: Sendable {
    /// From the first byte of a request to the end of its headers.
    public var headerTimeout: TimeAmount = .seconds(10)
    /// From the end of the headers to the end of the body.
    public var requestTimeout: TimeAmount = .seconds(15)
    /// From an answer to the next request's first byte.
    public var keepAlive: TimeAmount = .seconds(60)
    /// Connections at once from one address; loopback is not counted.
    public var perAddress = 100
    /// How much of a refused body is still read and dropped, in bytes; what was on its way when
    /// it was refused comes on top.
    public var drained = 16 * 1_024

    public init() {}

    /// The shortest of the times.
    var shortest: TimeAmount { min(headerTimeout, requestTimeout, keepAlive) }
}

/// How many connections each address has.
final class ConnectionCount: Sendable {
    private let limit: Int
    private let counts = Mutex<[NetworkAddress: Int]>([:])

    init(limits: ConnectionLimits) {
        limit = limits.perAddress
    }

    /// Counts one more; `false`, and it is not counted, when that would be too many.
    func add(_ address: NetworkAddress) -> Bool {
        guard !address.isLoopback else { return true }
        return counts.withLock { counts in
            guard counts[address, default: 0] < limit else { return false }
            counts[address, default: 0] += 1
            return true
        }
    }

    /// Counts one less.
    func remove(_ address: NetworkAddress) {
        guard !address.isLoopback else { return }
        counts.withLock { counts in
            guard let count = counts[address] else { return }
            counts[address] = count > 1 ? count - 1 : nil
        }
    }
}
