import Testing

@testable import FinHubAPI

@Suite("Base64url")
struct Base64URLTests {
    /// RFC 4648, section 10, without the padding.
    static let vectors = [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"),
    ]

    @Test("keeps to the vectors of RFC 4648", arguments: vectors)
    func vector(plain: String, encoded: String) {
        #expect(Base64URL.encode(plain.utf8) == encoded)
        #expect(Base64URL.decode(encoded.utf8) == Array(plain.utf8))
    }

    @Test("reads a text exactly when it would write it so", arguments: 0...5)
    func canonical(length: Int) {
        let characters = Array("AQgw_-9z+/=".utf8) + [0, 0x80, 0xff]
        var texts: [[UInt8]] = [[]]
        for _ in 0..<min(length, 4) { texts = texts.flatMap { text in characters.map { text + [$0] } } }
        if length == 5 { texts = texts.map { Array("AAAA".utf8) + $0.prefix(3) } }
        for text in texts {
            guard let bytes = Base64URL.decode(text) else { continue }
            #expect(Array(Base64URL.encode(bytes).utf8) == text)
        }
        let isReadable = texts.contains { Base64URL.decode($0) != nil }
        #expect(isReadable == (length != 1))
    }

    @Test("appends what it encodes, at every length", arguments: 0...70)
    func append(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 89 + 251) }
        var text = Array("x".utf8)
        Base64URL.append(bytes, to: &text)
        #expect(text == Array("x".utf8) + Array(Base64URL.encode(bytes).utf8))
        #expect(Base64URL.decode(text.dropFirst()) == bytes)
    }

    @Test("takes bytes that do not lie side by side")
    func scattered() {
        let bytes = Array(UInt8(1)...9)
        #expect(Base64URL.encode(bytes.lazy.map { $0 }) == Base64URL.encode(bytes))
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
}
