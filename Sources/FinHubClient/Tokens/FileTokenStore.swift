import Crypto
public import FinHubAPI
import Foundation
import NIOPosix

/// Keeps tokens in files that only their owner can read, encrypted, and shared by processes of
/// this host.
///
/// Each identity has a file and a lock file of its own in the folder. Files have mode 0600, are
/// replaced in one step, and are on disk when ``save(_:for:)`` returns. Processes that use one folder
/// and key share one session: whoever comes first renews it, the others read what came of it.
public struct FileTokenStore: TokenStore {
    private let folder: String
    private let seal: TokenSeal

    /// - Parameters:
    ///   - folder: Made with mode 0700 when it is not there.
    ///   - key: 32 random bytes, kept elsewhere.
    /// - Throws: ``FinHubClientError`` with ``FinHubAPI/ErrorCode/clientInvalidConfiguration`` when the
    ///   key has another length.
    public init(folder: String, key: Secret<[UInt8]>) throws {
        self.folder = folder
        seal = try TokenSeal(key: key)
    }

    public func load(_ identity: TokenIdentity) async throws -> StoredTokens? {
        let path = path(of: identity, ".tokens")
        guard let bytes = try await Self.offPool({ try TokenFile.read(path) }) else { return nil }
        return try seal.open(bytes, for: identity)
    }

    public func save(_ tokens: StoredTokens, for identity: TokenIdentity) async throws {
        let sealed = try seal.seal(tokens, for: identity)
        let path = path(of: identity, ".tokens")
        try await Self.offPool {
            try makeFolder()
            try TokenFile.replace(path, with: sealed)
        }
    }

    public func remove(_ identity: TokenIdentity) async throws {
        let path = path(of: identity, ".tokens")
        try await Self.offPool { try TokenFile.remove(path) }
    }

    /// Locks by `flock(2)`: the system itself frees the lock of a process that died.
    public func lock(
        _ identity: TokenIdentity,
        patience: Duration,
        clock: any ClientClock
    ) async throws -> (any TokenLock)? {
        let path = path(of: identity, ".lock")
        let file = try await Self.offPool {
            try makeFolder()
            return try LockFile(path)
        }
        let deadline = clock.now + patience
        while try !file.tryLock() {
            guard clock.now < deadline else { return nil }
            try await clock.pause(for: .milliseconds(20))
        }
        return file
    }

    private func makeFolder() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw FinHubClientError(
                code: .clientTokenStoreFailed,
                message: "The folder of the token store can't be made: \(folder).",
                suggestions: ["Check that this process may write there."]
            )
        }
    }

    /// A name that says nothing to who lists the folder.
    private func path(of identity: TokenIdentity, _ suffix: String) -> String {
        let digest = SHA256.hash(data: Array(identity.canonicalName.utf8))
        return "\(folder)/\(Base64URL.encode(Array(digest.prefix(18))))\(suffix)"
    }

    /// Files block, so they are read and written on threads that may.
    private static func offPool<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive(work)
    }
}

extension FileTokenStore: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "FileTokenStore(\(folder))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["folder": folder]) }
}

/// A lock that is held through an open file.
private final class LockFile: TokenLock {
    private let file: OwnedDescriptor

    init(_ path: String) throws {
        file = try OwnedDescriptor(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW)
    }

    /// Takes the lock unless somebody has it.
    func tryLock() throws -> Bool {
        if flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK || errno == EINTR else { throw TokenFile.failure("locked", file.path) }
        return false
    }

    func release() async {
        _ = flock(file.descriptor, LOCK_UN)
    }
}
