public import FinHubAPI
import Synchronization

/// A clock that stands still until a test moves it.
public final class ManualClock: Sendable {
    private let moment: Mutex<Timestamp>

    public init(_ moment: Timestamp = Timestamp(seconds: 1_767_268_800)) {
        self.moment = Mutex(moment)
    }

    public var now: Timestamp { moment.withLock { $0 } }

    /// Moves it by so many seconds, back when they are negative.
    public func advance(by seconds: Int64) {
        moment.withLock { $0 = $0 + .seconds(seconds) }
    }
}
