import FinHubFuzzing
import FoundationEssentials
import Testing

/// The promises of every parser, on the committed corpus and on a fixed number of changes of it.
///
/// `make fuzz` tries the same promises for as long as one likes.
@Suite("Parsers under fuzz")
struct ShortRunTests {
    private static let changes = 15_000

    /// The same in every run, or what `FINHUB_FUZZ_SEED` says.
    private static let seed = ProcessInfo.processInfo.environment["FINHUB_FUZZ_SEED"].flatMap { UInt64($0) } ?? 20_260

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test("keep their promises on the corpus, of which they take a part and refuse a part", arguments: FuzzTarget.all)
    func corpus(target: FuzzTarget) throws {
        let inputs = try Corpus(of: target, in: Self.root).inputs
        var taken = 0
        for (name, bytes) in inputs {
            do throws(Violation) {
                taken += try target.accepts(bytes) ? 1 : 0
            } catch {
                Issue.record("\(target) broke a promise on \(name): it \(error)")
            }
        }
        #expect(taken >= 3)
        #expect(inputs.count - taken >= 3)
    }

    @Test("keep their promises on changed inputs", arguments: FuzzTarget.all)
    func changed(target: FuzzTarget) throws {
        var generator = SeededGenerator(seed: Self.seed)
        var origins = try Corpus(of: target, in: Self.root).inputs.map(\.bytes)
        let committed = origins.count
        let clock = ContinuousClock()
        let start = clock.now
        var taken = 0
        for number in 0..<Self.changes {
            let other = try #require(origins.randomElement(using: &generator))
            let input = target.mutator.mutate(origins[number % origins.count], beside: other, using: &generator)
            do throws(Violation) {
                guard try target.accepts(input) else { continue }
                taken += 1
                // What gets through is changed further, in the place of what got through before.
                if origins.count == 2 * committed { origins.remove(at: committed) }
                origins.append(input)
            } catch {
                let base64 = Data(input).base64EncodedString()
                Issue.record("\(target) broke a promise: it \(error); input \(base64) in base64, seed \(Self.seed)")
                return
            }
        }
        print("fuzz: \(target), seed \(Self.seed): \(taken) of \(Self.changes) inputs taken, \(clock.now - start)")
        #expect(taken >= Self.changes / 100, "the changes hardly ever get through, so they prove little")
    }
}
