import Foundation

/// A real file system that is easily full: some megabytes of memory, mounted in a namespace of its own.
///
/// It needs no privilege where the system lets users have namespaces, and is gone with the last
/// process in it. The server is started in that namespace; this process looks in from outside.
final class SmallDisk: FaultyDisk {
    private static let megabytes = 48

    private let folder: TemporaryFolder
    /// Keeps the namespace alive.
    private let keeper: ChildProcess
    private let entry: [String]

    private init(folder: TemporaryFolder, keeper: ChildProcess, isOfUser: Bool) {
        self.folder = folder
        self.keeper = keeper
        let user = isOfUser ? ["--user", "--preserve-credentials"] : []
        entry = ["nsenter", "--target", "\(keeper.id)"] + user + ["--mount", "--root", "--wd=/"]
    }

    /// Mounts one; `nil` where the system allows no mount in any way.
    static func mount() async throws -> SmallDisk? {
        for isOfUser in [false, true] {
            // In a root folder that is no mount point, as in a chroot, there is no propagation to change.
            for propagation in [[], ["--propagation", "unchanged"]] {
                let folder = try TemporaryFolder()
                let user = isOfUser ? ["--user", "--map-root-user"] : []
                let mount = "mount -t tmpfs -o size=\(megabytes)m,mode=0700 tmpfs \"$1\""
                let keeper = try ChildProcess(
                    URL(filePath: "/usr/bin/env"),
                    ["unshare", "--mount"] + propagation + user
                        + ["bash", "-c", mount + " && echo mounted && exec tail -f /dev/null", "bash", folder.url.path]
                )
                let output = try? await keeper.output(within: .seconds(10)) { $0.contains("mounted\n") }
                if output != nil { return SmallDisk(folder: folder, keeper: keeper, isOfUser: isOfUser) }
            }
        }
        return nil
    }

    var dataFolder: String { folder.path("data") }
    var reachableFolder: String { root + "/data" }
    var launcher: [String] { entry }
    var environment: [String: String] { [:] }

    /// The root of the file system, seen from outside.
    private var root: String { "/proc/\(keeper.id)/root" + folder.url.path }
    private var ballast: String { root + "/ballast" }

    /// Takes all the space that is left, to the last byte.
    func fail() throws {
        let file = open(ballast, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        defer { close(file) }
        for size in [65_536, 4_096, 1] {
            let bytes = [UInt8](repeating: 0x2e, count: size)
            while write(file, bytes, size) > 0 {}
        }
    }

    func heal() throws {
        try FileManager.default.removeItem(atPath: ballast)
    }
}
