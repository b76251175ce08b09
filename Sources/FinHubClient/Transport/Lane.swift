import AsyncHTTPClient
import Synchronization

/// A client of async-http-client with one event loop.
///
/// One client with several would give every other call a connection of one loop and have another handle its answer.
final class Lane: Sendable {
    let http: HTTPClient
    private let places = Atomic(0)

    init(_ http: HTTPClient) {
        self.http = http
    }

    /// How many calls are under way.
    var load: Int { places.load(ordering: .relaxed) }

    func enter() { places.add(1, ordering: .relaxed) }
    func leave() { places.subtract(1, ordering: .relaxed) }
}

/// A streamed answer's place on a lane, until it is left or let go of.
final class LanePlace: Sendable {
    private let lane: Lane
    private let isLeft = Atomic(false)

    init(on lane: Lane) {
        self.lane = lane
        lane.enter()
    }

    deinit {
        leave()
    }

    var http: HTTPClient { lane.http }

    /// Makes room; leaving twice is leaving once.
    func leave() {
        if !isLeft.exchange(true, ordering: .relaxed) { lane.leave() }
    }
}
