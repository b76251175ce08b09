import FinHubAPI
import Foundation

/// Reads and replaces one file that only its owner may read.
enum TokenFile {
    /// Far more than tokens take.
    private static let limit = 64 * 1_024

    /// All of it; `nil` when there is no such file.
    static func read(_ path: String) throws -> [UInt8]? {
        // Looking first would leave time for another process to remove it; a FIFO must not hold the reader up.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure("opened", path)
        }
        let file = OwnedDescriptor(owning: descriptor, path)
        var bytes = [UInt8](repeating: 0, count: limit)
        var count = 0
        while count < limit {
            let part = bytes[count...].withUnsafeMutableBytes { buffer in
                Foundation.read(file.descriptor, buffer.baseAddress, buffer.count)
            }
            if part < 0, errno == EINTR { continue }
            guard part >= 0 else { throw failure("read", path) }
            if part == 0 { break }
            count += part
        }
        return Array(bytes.prefix(count))
    }

    /// Puts `bytes` in place of what is there, wholly or not at all, and on disk.
    static func replace(_ path: String, with bytes: [UInt8]) throws {
        let draft = "\(path).\(UUID().uuidString)"
        do {
            let file = try OwnedDescriptor(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW)
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(file.descriptor, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw failure("written", draft) }
                rest = rest.dropFirst(count)
            }
            guard fsync(file.descriptor) == 0, rename(draft, path) == 0 else { throw failure("written", path) }
        } catch {
            unlink(draft)
            throw error
        }
        let folder = try OwnedDescriptor(URL(filePath: path).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
        guard fsync(folder.descriptor) == 0 else { throw failure("written", path) }
    }

    /// Removes it; none there is no error.
    static func remove(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("removed", path) }
    }

    static func failure(_ verb: String, _ path: String) -> FinHubClientError {
        FinHubClientError(
            code: .clientTokenStoreFailed,
            message: "\(path) can't be \(verb): \(String(cString: strerror(errno))).",
            suggestions: ["Check who owns the folder of the token store, and its free space."]
        )
    }
}

/// An open file, closed when nobody holds it any more.
final class OwnedDescriptor: Sendable {
    let descriptor: Int32
    let path: String

    /// Opens `path`; one that is made has mode 0600.
    init(_ path: String, _ flags: Int32) throws {
        descriptor = open(path, flags, 0o600)
        self.path = path
        guard descriptor >= 0 else { throw TokenFile.failure("opened", path) }
    }

    /// Takes over what is open already.
    init(owning descriptor: Int32, _ path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }
}
