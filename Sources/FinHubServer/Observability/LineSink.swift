import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes whole lines to a file descriptor, each with one `write(2)`, one after the
/// other.
///
/// The turns matter: a pipe may mix writes over `PIPE_BUF` (4,096 bytes on Linux). Nobody
/// waits long for a reader that stands still: what a descriptor in non-blocking mode does
/// not take within 100 ms is dropped, and the next line begins on a line of its own.
public final class LineSink: Sendable {
    /// The process's standard error.
    public static let standardError = LineSink(descriptor: STDERR_FILENO, patienceMilliseconds: 100)

    private let descriptor: Int32
    private let patienceMilliseconds: Int32
    private let isMidLine = Mutex(false)

    /// Writes to `descriptor`, which must stay open as long as the sink is used.
    init(descriptor: Int32, patienceMilliseconds: Int32) {
        self.descriptor = descriptor
        self.patienceMilliseconds = patienceMilliseconds
    }

    /// Writes `line`, whose line feed is its last byte.
    public func put(_ line: [UInt8]) {
        isMidLine.withLock { isMidLine in
            let bytes = isMidLine ? [UInt8(ascii: "\n")] + line : line
            let count = writtenCount(bytes)
            if count > 0 { isMidLine = count < bytes.count }
        }
    }

    /// Writes as much as the descriptor takes, and says how much that was.
    private func writtenCount(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
                let count = write(descriptor, rest.baseAddress, rest.count)
                if count > 0 { done += count } else if !canRetry(after: errno) { break }
            }
            return done
        }
    }

    private func canRetry(after error: Int32) -> Bool {
        if error == EINTR { return true }
        guard error == EAGAIN else { return false }
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&request, 1, patienceMilliseconds) == 1 && request.revents & Int16(POLLOUT) != 0
    }
}
