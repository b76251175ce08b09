import FinHubAPI
import Foundation
import NIOHTTP1
import Testing

/// A TCP connection to a server of this host that carries whatever bytes a test wants.
///
/// Its methods block: call them in ``offPool(_:)``.
final class RawConnection: Sendable {
    private let descriptor: Int32

    /// Connects to `port` on 127.0.0.1.
    ///
    /// - Throws: `POSIXError`, such as `ECONNREFUSED`.
    init(port: UInt16) throws {
        #if canImport(Darwin)
            descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #else
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            let error = POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
            close(descriptor)
            throw error
        }
        #if canImport(Darwin)
            var isOn: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &isOn, socklen_t(MemoryLayout<Int32>.size))
        #endif
    }

    deinit {
        close(descriptor)
    }

    /// Sends `bytes` as far as the peer takes them.
    ///
    /// - Returns: How many were sent; fewer when the peer closed the connection.
    @discardableResult
    func send(_ bytes: some Sequence<UInt8>) -> Int {
        let bytes = Array(bytes)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { write($0) }
            guard count > 0 else { break }
            sent += count
        }
        return sent
    }

    /// Reads until the peer closes, or until `isEnough`, but no longer than `limit`.
    func receive(
        within limit: Duration = .seconds(10),
        until isEnough: (Received) -> Bool = { _ in false }
    ) -> Received {
        let deadline = ContinuousClock.now + limit
        var received = Received()
        while !received.isClosed, !isEnough(received), waitForInput(descriptor, until: deadline) {
            read(into: &received)
        }
        return received
    }

    /// Sends `bytes` over and over, one each time nothing arrives for 50 ms, until the peer
    /// closes, but no longer than `limit`.
    func dribble(_ bytes: some Collection<UInt8>, for limit: Duration = .seconds(10)) -> Received {
        let begun = ContinuousClock.now
        var received = Received()
        var rest = bytes.makeIterator()
        while !received.isClosed, ContinuousClock.now - begun < limit {
            if waitForInput(descriptor, until: .now + .milliseconds(50)) {
                read(into: &received)
            } else if let byte = rest.next() {
                send([byte])
            } else {
                rest = bytes.makeIterator()
            }
        }
        received.took = ContinuousClock.now - begun
        return received
    }

    private func read(into received: inout Received) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        if count > 0 {
            received.bytes.append(contentsOf: buffer[..<count])
        } else {
            received.isClosed = true
            received.isReset = count < 0
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Darwin)
            Darwin.send(descriptor, bytes.baseAddress, bytes.count, 0)
        #else
            Foundation.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        #endif
    }
}

/// What came back on a ``RawConnection``.
struct Received: Sendable, CustomTestStringConvertible {
    var bytes: [UInt8] = []
    /// Whether the peer closed the connection.
    var isClosed = false
    /// Whether it did so without taking leave.
    var isReset = false
    /// From the first byte sent to the last received, where that was measured.
    var took: Duration = .zero

    var text: String { String(decoding: bytes, as: UTF8.self) }

    var testDescription: String {
        (isReset ? "reset after " : isClosed ? "closed after " : "still open after ") + "\(took): \(text)"
    }

    /// The complete answers among the bytes, each with a `Content-Length` body.
    var answers: [Answer] {
        var answers: [Answer] = []
        var rest = bytes[...]
        while let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) {
            let lines = String(decoding: rest[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
            let words = lines[0].split(separator: " ")
            guard words.count > 1, words[0] == "HTTP/1.1", let status = UInt(words[1]) else { break }
            var headers = HTTPHeaders()
            for line in lines.dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2 else { continue }
                headers.add(name: String(parts[0]), value: parts[1].trimmingCharacters(in: .whitespaces))
            }
            let length = headers.first(name: "content-length").flatMap { Int($0) } ?? 0
            let body = rest[end.upperBound...].prefix(length)
            guard body.count == length else { break }
            answers.append(Answer(status: status, headers: headers, body: Array(body)))
            rest = rest[(end.upperBound + length)...]
        }
        return answers
    }
}
