import FinHubAPI
import Foundation

/// The file of the master key: 32 random bytes in base64url, readable by its owner alone.
enum MasterKeyFile {
    /// Makes a new key in a new file, mode 0600; never replaces one.
    static func create(at path: String) throws -> Secret<[UInt8]> {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw MasterKeyError("\(path) can't be made: \(String(cString: strerror(errno))). Nothing was changed.")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let key = randomBytes(32)
        try file.write(contentsOf: Data((Base64URL.encode(key) + "\n").utf8))
        try file.synchronize()
        return Secret(key)
    }

    /// Reads the key.
    ///
    /// - Throws: ``MasterKeyError``, which says what to do, when the file is missing, not the
    ///   caller's own, open to others, or no key.
    static func load(from path: String) throws -> Secret<[UInt8]> {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw MasterKeyError("There is no master key at \(path). Make a data folder with `finhub init`.")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw MasterKeyError("The master key \(path) can be read by others. Run: chmod 600 \(path)")
        }
        guard status.st_uid == geteuid() else {
            throw MasterKeyError(
                "The master key \(path) belongs to another user. Give it to the user that runs FinHub."
            )
        }
        guard let data = FileManager.default.contents(atPath: path),
            let key = Base64URL.decode(data.filter { $0 != 0x0a }), key.count >= 32, Set(key).count > 1
        else { throw MasterKeyError("\(path) holds no master key: 32 random bytes in base64url are expected.") }
        return Secret(key)
    }
}

/// Why there is no master key to work with.
struct MasterKeyError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
