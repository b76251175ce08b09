import FinHubAPI
import FinHubTestSupport
import Testing

@testable import FinHubTokens

@Suite("Base64url in buffers")
struct Base64URLBuffersTests {
    @Test("decodes exactly what the coding of the contract decodes", arguments: SeededGenerator.seeds)
    func decode(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let characters = Array("ABCDwxyz0189-_".utf8)
        for _ in 0..<3_000 {
            let count = Int.random(in: 0...12, using: &generator)
            var text = (0..<count).map { _ in characters.randomElement(using: &generator) ?? 0 }
            if count > 0, Bool.random(using: &generator) {
                text[.random(in: 0..<count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            #expect(Self.decoded(text) == Base64URL.decode(text), "\(text)")
        }
    }

    @Test("decodes what was encoded, at every length")
    func roundTrip() {
        for count in 0...70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 89 + 251) }
            #expect(Self.decoded(Array(Base64URL.encode(bytes).utf8)) == bytes)
            let text = [UInt8](unsafeUninitializedCapacity: Base64URL.encodedCount(count)) { buffer, written in
                bytes.withUnsafeBufferPointer { Base64URL.encode($0, into: buffer) }
                written = buffer.count
            }
            #expect(String(decoding: text, as: UTF8.self) == Base64URL.encode(bytes))
        }
    }

    @Test("writes nothing into a buffer that is too small")
    func small() {
        var bytes: [UInt8] = [1, 2]
        let written = bytes.withUnsafeMutableBufferPointer { bytes in
            Array("AAAA".utf8).withUnsafeBufferPointer { Base64URL.decode($0, into: bytes) }
        }
        #expect(written == nil)
        #expect(bytes == [1, 2])
    }

    private static func decoded(_ text: [UInt8]) -> [UInt8]? {
        var isDecoded = false
        let bytes = [UInt8](unsafeUninitializedCapacity: text.count) { buffer, written in
            buffer.initialize(repeating: 0)
            guard let count = text.withUnsafeBufferPointer({ Base64URL.decode($0, into: buffer) }) else { return }
            written = count
            isDecoded = true
        }
        return isDecoded ? bytes : nil
    }
}
