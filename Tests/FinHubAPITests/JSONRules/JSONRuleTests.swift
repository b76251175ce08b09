import FinHubAPI
import Testing

@Suite("JSONTestSuite's rules")
struct JSONRuleTests {
    @Test("what must be refused is refused", arguments: JSONRule.refusedValues + JSONRule.refusedTexts)
    func refused(rule: JSONRule) {
        #expect(throws: MalformedJSON.self) { try JSON(rule.bytes) }
    }

    @Test("what must be taken is taken, and reads the same after it was written", arguments: JSONRule.taken)
    func taken(rule: JSONRule) throws {
        let value = try JSON(rule.bytes)
        var writer = JSONWriter()
        writer.value(value)
        #expect(try JSON(writer.bytes) == value)
    }

    /// The contract is stricter than RFC 8259 in one thing: a name comes once in an object.
    @Test("a name twice is JSON to the suite, and refused here", arguments: JSONRule.refusedByContract)
    func refusedByContract(rule: JSONRule) {
        #expect(throws: MalformedJSON.self) { try JSON(rule.bytes) }
    }

    /// A number is kept as it was written, so none is too large; what it may be is said where it
    /// is used.
    @Test("of what is left open, numbers of any size are taken", arguments: JSONRule.openAndTaken)
    func openAndTaken(rule: JSONRule) {
        #expect(throws: Never.self) { try JSON(rule.bytes) }
    }

    /// UTF-8 without a byte order mark, no lone surrogate, 32 levels (contract, *Conventions* and
    /// *Limits*).
    @Test("of what is left open, everything else is refused", arguments: JSONRule.openAndRefused)
    func openAndRefused(rule: JSONRule) {
        #expect(throws: MalformedJSON.self) { try JSON(rule.bytes) }
    }

    @Test("each rule has one case, under its name")
    func complete() {
        let refused = JSONRule.refusedValues + JSONRule.refusedTexts
        let taken = JSONRule.taken + JSONRule.refusedByContract
        let open = JSONRule.openAndTaken + JSONRule.openAndRefused
        #expect(refused.allSatisfy { $0.name.hasPrefix("n_") })
        #expect(taken.allSatisfy { $0.name.hasPrefix("y_") })
        #expect(open.allSatisfy { $0.name.hasPrefix("i_") })
        #expect(Set((refused + taken + open).map(\.name)).count == refused.count + taken.count + open.count)
        #expect([refused.count, taken.count, open.count] == [188, 95, 35])
    }
}
