import HTTPTypes
import NIOCore
import NIOEmbedded
import Testing

@testable import FinHubClient

/// A call takes all the time it is given; the event loop's clock is moved by hand.
@Suite("The deadline of calls")
struct DeadlineWatchTests {
    private let eventLoop = NIOAsyncTestingEventLoop()

    private func call(_ seconds: Int64) -> AnswerCollector {
        AnswerCollector(to: .get, limit: 100, deadline: eventLoop.now + .seconds(seconds))
    }

    @Test("calls end at their own deadlines, whatever their order, and each but once")
    func order() async throws {
        let watch = DeadlineWatch(on: eventLoop)
        let calls = [30, 10, 20, 10].map(call)
        for call in calls { watch.begin(call) }
        for (seconds, ended) in [(9, 0), (1, 2), (9, 2), (1, 3), (9, 3), (1, 4)] as [(Int64, Int)] {
            await eventLoop.advanceTime(by: .seconds(seconds))
            #expect(calls.count { $0.isSettled } == ended)
            #expect(watch.count == calls.count - ended)
        }
        #expect(await reason(of: calls[0]) == .timedOut)
    }

    @Test("a call that was answered is forgotten, and leaves the others their deadline")
    func answered() async throws {
        let watch = DeadlineWatch(on: eventLoop)
        let (short, long) = (call(10), call(20))
        watch.begin(short)
        watch.begin(long)
        watch.end(short)
        #expect(watch.count == 1)
        await eventLoop.advanceTime(by: .seconds(20))
        #expect(!short.isSettled)
        #expect(long.isSettled)
    }

    @Test("what is under way when the client is shut down fails, and so does what comes after")
    func closed() async throws {
        let watch = DeadlineWatch(on: eventLoop)
        let (before, after) = (call(10), call(10))
        watch.begin(before)
        watch.close()
        watch.begin(after)
        #expect(await reason(of: before) == .shutDown)
        #expect(await reason(of: after) == .shutDown)
        #expect(watch.count == 0)
    }

    @Test("the first outcome is the one that the caller gets")
    func first() async throws {
        let call = call(10)
        call.fail(CancellationError())
        call.fail(TransportFailure(.timedOut, "later"))
        await #expect(throws: CancellationError.self) {
            try await withCheckedThrowingContinuation { call.wait($0) }
        }
    }

    private func reason(of call: AnswerCollector) async -> TransportFailure.Reason? {
        do {
            _ = try await withCheckedThrowingContinuation { call.wait($0) }
            return nil
        } catch {
            return (error as? TransportFailure)?.reason
        }
    }
}
