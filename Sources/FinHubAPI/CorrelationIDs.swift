import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// New correlation ids: version 4 UUIDs, sixteen for each call of the system's generator.
///
/// Server and client make one for nearly every request, and asking the system twice for each was a measurable part
/// of it. They name requests and protect nothing; what protects something asks the system itself.
package final class CorrelationIDs: Sendable {
    package static let shared = CorrelationIDs()

    private let generator = Mutex(PooledGenerator())

    /// An id that was not given out before.
    package func next() -> String {
        generator.withLock { ID<CorrelationIDs>.random(using: &$0) }.description
    }
}

/// Draws on numbers that were fetched together.
private struct PooledGenerator: RandomNumberGenerator {
    /// The most that `getentropy` gives at once is 256 bytes (POSIX.1-2024).
    private static let size = 32

    private var pool: [UInt64] = []

    mutating func next() -> UInt64 {
        if pool.isEmpty { refill() }
        return pool.removeLast()
    }

    private mutating func refill() {
        pool = [UInt64](unsafeUninitializedCapacity: Self.size) { buffer, count in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            var system = SystemRandomNumberGenerator()
            if getentropy(bytes.baseAddress, Self.size * MemoryLayout<UInt64>.size) != 0 {
                for index in 0..<Self.size { buffer[index] = system.next() }
            }
            count = Self.size
        }
    }
}
