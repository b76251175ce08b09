import FinHubAPI
import FinHubClientTesting
import HTTPTypes
import Testing

@testable import FinHubClient

@Suite("Reading after a change", .timeLimit(.minutes(10)))
struct ChangeTests {
    @Test("who has changed something is not answered by a call that was sent before the change")
    func notShared() async throws {
        let rig = try Rig()
        let gate = Gate()
        rig.transport.script(.get, "/thing", .thing(1).after(gate), .thing(2))
        rig.transport.script(.put, "/thing", .thing(2))
        try await rig.client.ensureAuthenticated()
        let early = Task { try await rig.thing() }
        await rig.transport.waitForRequests(2)
        try await rig.thing(.put)
        #expect(try await rig.thing() == 2)
        gate.open()
        #expect(try await early.value == 1)
    }

    @Test("an answer that was asked for before a change is not kept for those who ask after it")
    func notKept() async throws {
        let rig = try Rig()
        let gate = Gate()
        let fresh: HTTPFields = [.cacheControl: "max-age=600"]
        rig.transport.script(.get, "/thing", .thing(1, headers: fresh).after(gate), .thing(2, headers: fresh))
        rig.transport.script(.put, "/thing", .thing(2))
        try await rig.client.ensureAuthenticated()
        let early = Task { try await rig.thing() }
        await rig.transport.waitForRequests(2)
        try await rig.thing(.put)
        gate.open()
        #expect(try await early.value == 1)
        #expect(try await rig.thing() == 2)
        #expect(try await rig.thing() == 2)
    }

    @Test("a change whose answer was lost makes kept answers untrue as well")
    func lost() async throws {
        let rig = try Rig()
        let fresh: HTTPFields = [.cacheControl: "max-age=600"]
        rig.transport.script(.get, "/thing", .thing(1, headers: fresh), .thing(2, headers: fresh))
        rig.transport.script(.post, "/thing", .failure(.connectionLost))
        #expect(try await rig.thing() == 1)
        #expect(try await rig.thing() == 1)
        #expect(await failure { try await rig.thing(.post) }?.code == .clientConnectionLost)
        #expect(try await rig.thing() == 2)
    }
}
