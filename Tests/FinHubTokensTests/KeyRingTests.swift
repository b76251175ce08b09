import FinHubAPI
import Testing

@testable import FinHubTokens

@Suite("Keys")
struct KeyRingTests {
    private let fixture: TokenFixture

    init() throws {
        fixture = try TokenFixture()
    }

    @Test(
        "have identifiers of 1 to 64 base64url characters",
        arguments: [
            ("a", true), ("AZaz09_-", true), (String(repeating: "k", count: 64), true), ("", false), ("a b", false),
            (String(repeating: "k", count: 65), false), ("a\"", false), ("a.b", false), ("a/b", false), ("é", false),
            ("a\u{0}", false), ("a\u{301}", false), ("\u{212a}", false),
        ]
    )
    func identifier(text: String, isAccepted: Bool) {
        #expect((KeyID(rawValue: text) != nil) == isAccepted)
    }

    @Test("are refused under 32 bytes, and when all bytes are equal")
    func weak() throws {
        let tenant = fixture.claims.tenant
        for secret in [[], Array(UInt8(0)..<31), Array(repeating: 0, count: 32), Array(repeating: 0x61, count: 100)] {
            #expect(throws: WeakSigningKey()) { try TokenFixture.key("k", of: tenant, secret: secret) }
        }
        #expect(try TokenFixture.key("k", of: tenant, secret: Array(0..<32)).tenant == tenant)
    }

    @Test("of any length sign and verify", arguments: [32, 63, 64, 65, 200])
    func length(count: UInt8) throws {
        let key = try TokenFixture.key("long", of: fixture.claims.tenant, secret: Array(0..<count))
        fixture.keys.add(key)
        let token = fixture.format.sign(fixture.claims, with: key)
        #expect(
            try fixture.format.verify(Array(token.reveal().utf8), keys: fixture.keys, now: TokenFixture.now)
                == fixture.claims
        )
    }

    @Test("that are not current any more still verify")
    func rotation() throws {
        let token = fixture.token
        let next = try TokenFixture.key("next", of: fixture.claims.tenant)
        fixture.keys.add(next)
        #expect(fixture.keys.current(for: fixture.claims.tenant)?.id == fixture.key.id)
        fixture.keys.makeCurrent(next.id)
        #expect(fixture.keys.current(for: fixture.claims.tenant)?.id == next.id)
        #expect(fixture.keys.current(for: fixture.foreignKey.tenant)?.id == fixture.foreignKey.id)
        #expect(fixture.problem(token) == nil)
    }

    @Test("that were removed neither sign nor verify; the others do")
    func removal() {
        fixture.keys.remove(fixture.key.id)
        fixture.keys.remove(fixture.key.id)
        #expect(fixture.keys.current(for: fixture.claims.tenant) == nil)
        #expect(fixture.problem(fixture.token) == .invalid)
        #expect(fixture.keys.current(for: fixture.foreignKey.tenant)?.id == fixture.foreignKey.id)
        fixture.keys.makeCurrent(fixture.key.id)
        #expect(fixture.keys.current(for: fixture.claims.tenant) == nil)
    }

    @Test("take the place of those with their identifier, in their own tenant alone")
    func replacement() throws {
        let token = fixture.token
        fixture.keys.add(try TokenFixture.key("key-1", of: fixture.foreignKey.tenant, secret: Array(0..<32)))
        #expect(fixture.problem(token) == .invalid)
        #expect(fixture.keys.current(for: fixture.claims.tenant) == nil)
        fixture.keys.add(fixture.key)
        #expect(fixture.problem(token) == nil)
    }

    @Test("are not shown by what they print")
    func redaction() throws {
        let token = fixture.format.sign(fixture.claims, with: fixture.key)
        #expect("\(token)" == "‹redacted›")
        #expect("\(fixture.key)" == "key-1")
        #expect(Mirror(reflecting: fixture.key).children.map(\.label) == ["id", "tenant"])
    }
}
