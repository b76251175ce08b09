import Foundation
import Synchronization
import Testing

/// Stands between a client and a server of this host and does to their connections what networks do.
final class Meddler: Sendable {
    /// What happens to what is sent.
    enum Mode: Sendable {
        /// It goes through.
        case pass
        /// The server's next answers are thrown away, as many as this, and their connections cut.
        case swallow(Int)
        /// The client gets these bytes in place of an answer, and its connection is closed.
        case answer(String)
        /// The client gets these bytes one by one, 20 ms apart, over and over.
        case drip(String)
        /// Nothing comes back.
        case silence
    }

    let port: UInt16
    let mode: Mutex<Mode>
    /// Where the server is.
    let target: Mutex<UInt16>
    private let listener: Int32
    private let heard = Mutex((count: 0, waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)]()))

    init(before target: UInt16 = 0, _ mode: Mode = .pass) throws {
        self.target = Mutex(target)
        self.mode = Mutex(mode)
        let descriptor = TCP.socket()
        listener = descriptor
        var address = TCP.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 128) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard isListening else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        Thread.detachNewThread { [listener, weak self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0, let self else { break }
                Thread.detachNewThread { self.serve(client) }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    func set(_ mode: Mode) {
        self.mode.withLock { $0 = mode }
    }

    /// How often a client has sent something.
    var heardCount: Int { heard.withLock { $0.count } }

    /// Returns once clients have sent something for the `count`th time.
    func hears(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = heard.withLock { heard in
                if heard.count >= count { return true }
                heard.waiting.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private func noteHeard() {
        let arrived = heard.withLock { heard in
            heard.count += 1
            let count = heard.count
            defer { heard.waiting.removeAll { $0.count <= count } }
            return heard.waiting.filter { $0.count <= count }
        }
        for waiter in arrived { waiter.continuation.resume() }
    }

    private func serve(_ client: Int32) {
        defer { close(client) }
        let server = TCP.connection(to: target.withLock { $0 })
        defer { if let server { close(server) } }
        var queries = [client, server].compactMap { $0 }.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while poll(&queries, nfds_t(queries.count), 60_000) > 0 {
            for query in queries where query.revents != 0 {
                guard let bytes = TCP.read(query.fd) else { return }
                let goesOn = query.fd == client ? fromClient(bytes, client, server) : fromServer(bytes, client)
                guard goesOn else { return }
            }
        }
    }

    private func fromClient(_ bytes: [UInt8], _ client: Int32, _ server: Int32?) -> Bool {
        noteHeard()
        switch mode.withLock({ $0 }) {
        case .pass, .swallow:
            return server.map { TCP.write(bytes, to: $0) } ?? false
        case .answer(let text):
            _ = TCP.write(Array(text.utf8), to: client)
            return false
        case .drip(let text):
            for byte in text.utf8 {
                guard TCP.write([byte], to: client) else { return false }
                Thread.sleep(forTimeInterval: 0.02)
            }
            return true
        case .silence:
            return true
        }
    }

    private func fromServer(_ bytes: [UInt8], _ client: Int32) -> Bool {
        let isSwallowed = mode.withLock { mode in
            guard case .swallow(let count) = mode, count > 0 else { return false }
            mode = count == 1 ? .pass : .swallow(count - 1)
            return true
        }
        return !isSwallowed && TCP.write(bytes, to: client)
    }
}

extension Meddler.Mode: CustomTestStringConvertible {
    var testDescription: String { String(String(describing: self).prefix(80)) }
}

/// The few socket calls that a ``Meddler`` needs.
private enum TCP {
    static func socket() -> Int32 {
        #if canImport(Darwin)
            let descriptor = Darwin.socket(AF_INET, SOCK_STREAM, 0)
            var isOn: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &isOn, socklen_t(MemoryLayout<Int32>.size))
            return descriptor
        #else
            return Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
    }

    static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    static func connection(to port: UInt16) -> Int32? {
        let descriptor = socket()
        var address = loopback(port: port)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if status == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    /// What is there; `nil` at the end.
    static func read(_ descriptor: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        return count > 0 ? Array(buffer.prefix(count)) : nil
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { buffer in
                #if canImport(Darwin)
                    Darwin.send(descriptor, buffer.baseAddress, buffer.count, 0)
                #else
                    Foundation.send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
                #endif
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
