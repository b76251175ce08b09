import FinHubClient
import Foundation

/// Files that only their owner may read, in folders that only their owner may enter.
enum PrivateFile {
    /// All of it; `nil` when there is no such file.
    ///
    /// - Parameters:
    ///   - path: Where.
    ///   - isSecret: Whether a file that others may read, or that others own, is refused.
    /// - Returns: The bytes.
    /// - Throws: ``ClientFailure``.
    static func read(_ path: String, isSecret: Bool = false) throws -> Data? {
        // What is looked at is what is read, even if somebody puts another file in its place meanwhile.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure("read", path)
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("read", path) }
        guard !isSecret || status.st_uid == geteuid() && status.st_mode & 0o077 == 0 else {
            throw ClientFailure(
                status: .misconfigured,
                message: "\(path) can be read by others, or is not yours.",
                suggestions: ["Run: chown \"$(id -u)\" \(path) && chmod 600 \(path)"]
            )
        }
        do { return try file.readToEnd() ?? Data() } catch { throw failure("read", path) }
    }

    /// Puts `data` in place of what is there, wholly or not at all; mode 0600.
    static func replace(_ path: String, with data: Data) throws {
        let draft = try draft(of: path, data)
        guard rename(draft, path) == 0 else {
            defer { unlink(draft) }
            throw failure("written", path)
        }
    }

    /// Makes the file, mode 0600, unless there is one; nobody ever sees half of it.
    static func create(_ path: String, _ data: Data) throws {
        let draft = try draft(of: path, data)
        defer { unlink(draft) }
        guard link(draft, path) == 0 || errno == EEXIST else { throw failure("made", path) }
    }

    /// Writes `data` to a file beside `path`, in a folder that is made if need be.
    private static func draft(of path: String, _ data: Data) throws -> String {
        let folder = URL(filePath: path).deletingLastPathComponent().path
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw failure("made", folder)
        }
        let draft = "\(path).\(UUID().uuidString)"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("written", path) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try file.write(contentsOf: data)
            try file.synchronize()
        } catch {
            unlink(draft)
            throw failure("written", path)
        }
        return draft
    }

    private static func failure(_ verb: String, _ path: String) -> ClientFailure {
        ClientFailure(
            status: .misconfigured,
            message: "\(path) can't be \(verb): \(String(cString: strerror(errno))).",
            suggestions: ["Check who owns it and its folder, and the disk's free space."]
        )
    }
}
