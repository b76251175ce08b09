import Synchronization

/// One limit for each of any number of callers, in memory that does not grow with them.
///
/// It is a table of sets of eight slots, and a caller's slot is in the set that its fingerprint tells. Where no
/// slot is free, the one whose allowance is soonest whole makes room: whoever is at the limit stays known, and
/// who is forgotten has the whole allowance again. So no flood of callers gets anybody refused.
public final class RateLimiter: Sendable {
    private static let ways = 8
    private static let setsOfShard = 64
    private static let shardCount = 64
    /// How many callers it can tell apart at once.
    static let slots = ways * setsOfShard * shardCount

    private struct Slot {
        /// Of nobody, when it is zero.
        var fingerprint: UInt64 = 0
        var wholeAt: Int64 = .min
    }

    /// A part of the table, so that callers on several threads seldom wait for each other.
    private final class Shard: Sendable {
        /// Nothing until the first call.
        let slots = Mutex<[Slot]>([])
    }

    public let limit: RateLimit
    private let shards = (0..<shardCount).map { _ in Shard() }

    public init(_ limit: RateLimit) {
        self.limit = limit
    }

    /// Takes a call out of a caller's allowance.
    ///
    /// - Parameters:
    ///   - caller: Whose.
    ///   - now: Nanoseconds since any moment, always the same one.
    /// - Returns: How the caller stands then.
    public func spend(_ caller: RateKey, at now: Int64) -> RateStanding {
        let fingerprint = caller.fingerprint
        let shard = shards[Int(truncatingIfNeeded: fingerprint >> 58)]
        let start = Int(truncatingIfNeeded: fingerprint >> 52) & (Self.setsOfShard - 1)
        return shard.slots.withLock { slots in
            if slots.isEmpty { slots = Array(repeating: Slot(), count: Self.setsOfShard * Self.ways) }
            let index = Self.slot(of: fingerprint, in: start * Self.ways, &slots)
            return limit.spend(&slots[index].wholeAt, at: now)
        }
    }

    /// How many slots there is memory for.
    var slotCount: Int {
        shards.reduce(0) { sum, shard in sum + shard.slots.withLock { $0.count } }
    }

    /// The caller's slot, or the one that it gets.
    private static func slot(of fingerprint: UInt64, in first: Int, _ slots: inout [Slot]) -> Int {
        var soonest = first
        for index in first..<(first + ways) {
            if slots[index].fingerprint == fingerprint { return index }
            if slots[index].wholeAt < slots[soonest].wholeAt { soonest = index }
        }
        slots[soonest] = Slot(fingerprint: fingerprint)
        return soonest
    }
}

/// Names a caller to a ``RateLimiter``: 128 bits.
public struct RateKey: Hashable, Sendable {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// SipHash under a key of this process, so that nobody can choose callers that share a slot; never zero.
    fileprivate var fingerprint: UInt64 {
        var hasher = Hasher()
        hasher.combine(high)
        hasher.combine(low)
        return UInt64(bitPattern: Int64(hasher.finalize())) | 1
    }
}
