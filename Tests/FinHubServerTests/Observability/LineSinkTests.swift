import Foundation
import Testing

@testable import FinHubServer

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("The sink of log lines")
struct LineSinkTests {
    @Test("lines from two threads stay whole, also those longer than a pipe")
    func wholeLines() throws {
        let pipe = try BytePipe()
        let sink = LineSink(descriptor: pipe.input, patienceMilliseconds: 0)
        for letter in "ab".utf8 {
            let line = [UInt8](repeating: letter, count: 199_999) + [UInt8(ascii: "\n")]
            Thread.detachNewThread { for _ in 0..<20 { sink.put(line) } }
        }
        let lines = pipe.drained(upTo: 8_000_000).split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == 40)
        #expect(lines.allSatisfy { line in line.count == 199_999 && line.allSatisfy { $0 == line.first } })
    }

    @Test("a line that a full pipe cut short does not swallow the beginning of the next")
    func cutShort() throws {
        let pipe = try BytePipe()
        try #require(fcntl(pipe.input, F_SETFL, O_NONBLOCK) == 0)
        let sink = LineSink(descriptor: pipe.input, patienceMilliseconds: 0)
        sink.put([UInt8](repeating: UInt8(ascii: "x"), count: 10_000_000) + [UInt8(ascii: "\n")])
        sink.put(Array("dropped\n".utf8))
        let beginning = pipe.drained()
        #expect(beginning.count < 10_000_000)
        #expect(beginning.allSatisfy { $0 == UInt8(ascii: "x") })
        sink.put(Array("next\n".utf8))
        sink.put(Array("last\n".utf8))
        #expect(pipe.drained() == Array("\nnext\nlast\n".utf8))
    }
}

private struct BytePipe: ~Copyable {
    let output: Int32
    let input: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        output = ends[0]
        input = ends[1]
    }

    deinit {
        _ = close(output)
        _ = close(input)
    }

    /// What is in the pipe now or, with a `limit`, what comes until it is reached or for
    /// 10 seconds nothing does.
    func drained(upTo limit: Int? = nil) -> [UInt8] {
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while result.count < limit ?? .max {
            var request = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            guard poll(&request, 1, limit == nil ? 0 : 10_000) == 1 else { return result }
            let count = read(output, &chunk, chunk.count)
            guard count > 0 else { return result }
            result.append(contentsOf: chunk[..<count])
        }
        return result
    }
}
