/// A rate that may be kept up for ever, and how much at once: the generic cell rate algorithm
/// (ITU-T I.371, annex A), pure arithmetic.
///
/// All that is kept of a caller is one number: the moment, in nanoseconds, at which its allowance is whole again.
public struct RateLimit: Hashable, Sendable {
    public static let rates = 1...60_000_000
    public static let bursts = 1...10_000_000

    /// How many calls may come at once.
    public let burst: Int
    /// Nanoseconds in which one call grows back.
    private let interval: Int64
    /// Nanoseconds in which the whole allowance grows back.
    private let capacity: Int64

    /// A limit of so many calls a minute, and so many at once; `nil` outside of ``rates`` and ``bursts``.
    public init?(perMinute: Int, burst: Int) {
        guard Self.rates.contains(perMinute), Self.bursts.contains(burst) else { return nil }
        self.burst = burst
        interval = 60_000_000_000 / Int64(perMinute)
        capacity = interval * Int64(burst)
    }

    /// Takes one call out of the allowance, unless there is none left.
    ///
    /// - Parameters:
    ///   - wholeAt: When the allowance is whole again; any moment that is past for one that is.
    ///   - now: Nanoseconds on the same clock.
    /// - Returns: How the caller stands then.
    func spend(_ wholeAt: inout Int64, at now: Int64) -> RateStanding {
        let missing = wholeAt &- now
        // More than all can't be missing: the clock was set back, which is nobody's fault.
        let backlog = (0...capacity).contains(missing) ? missing : 0
        let after = backlog + interval
        guard after <= capacity else {
            return RateStanding(limit: burst, remaining: 0, reset: backlog, retryAfter: after - capacity)
        }
        wholeAt = now &+ after
        return RateStanding(
            limit: burst,
            remaining: Int((capacity - after) / interval),
            reset: after,
            retryAfter: nil
        )
    }
}

/// How a caller stands with one limit after a call.
public struct RateStanding: Hashable, Sendable {
    public let limit: Int
    /// How many more calls may come at once.
    public let remaining: Int
    /// Nanoseconds until the allowance is whole.
    let reset: Int64
    /// Nanoseconds until a call is let through; `nil` when this one was.
    let retryAfter: Int64?

    public var isRefused: Bool { retryAfter != nil }
    public var resetSeconds: Int { Self.seconds(reset) }
    /// At least one.
    public var retryAfterSeconds: Int { max(Self.seconds(retryAfter ?? 0), 1) }

    private static func seconds(_ nanoseconds: Int64) -> Int {
        Int((nanoseconds + 999_999_999) / 1_000_000_000)
    }

    /// Whether it leaves less than another.
    public func isTighter(than other: RateStanding) -> Bool {
        if isRefused != other.isRefused { return isRefused }
        return (remaining, -resetSeconds) < (other.remaining, -other.resetSeconds)
    }
}

/// A call beyond a limit; it was not carried out.
public struct RateLimited: Error, Hashable, Sendable {
    public let standing: RateStanding

    public init(_ standing: RateStanding) {
        self.standing = standing
    }
}
