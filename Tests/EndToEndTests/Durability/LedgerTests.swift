import NIOHTTP1
import Testing

/// What the tests of durability believe must be right itself.
@Suite("The clients' ledger")
struct LedgerTests {
    /// A session made while all others of its account are being ended, and refreshed at that time.
    private struct Scene {
        var ledger = Ledger()
        let id: String
        let ending: Int

        init() throws {
            let first = ledger.sendLogin(account: 0)
            let spared = try #require(try ledger.receive(answer("spared", 1), toLogin: first))
            let login = ledger.sendLogin(account: 0)
            ending = ledger.sendEndAll(sparing: spared)
            id = try #require(try ledger.receive(answer("new", 1), toLogin: login)).id
        }

        mutating func acknowledgeEnding() throws {
            _ = try ledger.receive(Answer(status: 200, headers: [:], body: []), toEndAll: ending)
        }
    }

    @Test("an ending acknowledged while a refresh is under way may have come after it")
    func overlapping() throws {
        var scene = try Scene()
        let sent = scene.ledger.sendRefresh(scene.id)
        try scene.acknowledgeEnding()
        let asked = try #require(sent)
        _ = try scene.ledger.receive(answer("new", 2), toRefresh: asked)
        try scene.ledger.foundEnded(scene.id)
        #expect(scene.ledger.sessions[scene.id]?.isEnded == true)
    }

    @Test("one that a refresh was sent after has spared the session")
    func survived() throws {
        var scene = try Scene()
        try scene.acknowledgeEnding()
        let sent = scene.ledger.sendRefresh(scene.id)
        let asked = try #require(sent)
        _ = try scene.ledger.receive(answer("new", 2), toRefresh: asked)
        #expect(throws: Violation.self) { try scene.ledger.foundEnded(scene.id) }
    }
}

/// The answer to a login or a refresh.
private func answer(_ session: String, _ generation: Int) -> Answer {
    let data = #"{"sessionId":"\#(session)","token":"t\#(generation)","refreshToken":"r\#(generation)"}"#
    return Answer(status: 200, headers: [:], body: Array(#"{"code":200,"message":"","data":\#(data)}"#.utf8))
}
