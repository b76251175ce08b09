import FinHubAPI
import FinHubClientTesting
import HTTPTypes
import Synchronization
import Testing

@testable import FinHubClient

@Suite("Batches", .timeLimit(.minutes(10)))
struct BatchTests {
    @Test("answers come in the order of the requests, failures among them")
    func order() async throws {
        let rig = try Rig()
        let gate = Gate()
        rig.transport.script(.get, "/0", .thing(0).after(gate))
        rig.transport.script(.get, "/1", .thing(1))
        rig.transport.script(.get, "/2", .refusal(404, .notFound))
        rig.transport.script(.get, "/3", .thing(3))
        let requests = (0..<4).map { FinHubRequest(.get, "/\($0)") }
        async let results = rig.client.batch(requests, concurrency: 4).reduce(into: [Int?]()) { xs, result in
            xs.append(try? result.get().decode(Thing.self).x)
        }
        await rig.transport.waitForRequests(5)
        gate.open()
        #expect(await results == [0, 1, nil, 3])
    }

    @Test("no more are under way than may be, and none before the first answer is wanted")
    func concurrency() async throws {
        let rig = try Rig()
        let gates = (0..<6).map { _ in Gate() }
        for index in 0..<6 { rig.transport.script(.get, "/\(index)", .thing(index).after(gates[index])) }
        try await rig.client.ensureAuthenticated()
        let batch = rig.client.batch((0..<6).map { FinHubRequest(.get, "/\($0)") }, concurrency: 2)
        let iterator = batch.makeAsyncIterator()
        #expect(rig.transport.requests.count == 1)
        for index in 0..<6 {
            gates[index].open()
            let thing = try await iterator.next()?.get().decode(Thing.self)
            #expect(thing?.x == index)
            #expect(rig.transport.requests.count <= 1 + index + 2)
        }
        #expect(await iterator.next() == nil)
    }

    @Test("leaving the loop early, or cancelling it, cancels what is under way")
    func cancellation() async throws {
        let rig = try Rig()
        rig.transport.script(.get, "/0", .thing(0))
        rig.transport.script(.get, "/1", .silence)
        rig.transport.script(.get, "/2", .silence)
        let requests = (0..<3).map { FinHubRequest(.get, "/\($0)") }
        for await result in rig.client.batch(requests, concurrency: 3) {
            #expect(try result.get().decode(Thing.self).x == 0)
            break
        }
        while rig.clock.sleepers > 0 { await Task.yield() }

        let reading = Task {
            await rig.client.batch(Array(requests.dropFirst()), concurrency: 2).reduce(into: 0) { count, result in
                if case .failure(let error) = result, error is CancellationError { count += 1 }
            }
        }
        await rig.clock.waitForSleepers(2)
        reading.cancel()
        #expect(await reading.value == 2)
    }

    @Test("a batch and single calls share the budget of repetitions")
    func budget() async throws {
        let rig = try Rig { configuration in
            configuration.retries.budgetReserve = 20
            configuration.retries.budgetRatio = 0
        }
        try await rig.client.ensureAuthenticated()
        rig.transport.script(.get, "/thing", .failure(.connectionLost))
        let requests = (0..<30).map { FinHubRequest(.get, "/thing", options: CallOptions(correlationID: "\($0)")) }
        for await result in rig.client.batch(requests) {
            #expect(throws: FinHubClientError.self) { try result.get() }
        }
        #expect(rig.bearers.count == 32)
    }
}
