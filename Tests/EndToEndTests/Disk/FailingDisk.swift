import Foundation
import Testing

/// A folder of an ordinary disk that fails on demand, for the servers started on it: what they ask of
/// it goes through `failingdisk.c`.
final class FailingDisk: FaultyDisk {
    /// What is wrong with it; the raw values are those of `failingdisk.c`.
    enum Fault: Int32 {
        case healthy, full, readOnly, unsynced, dying
    }

    /// Whether this system can put a library before a program's own.
    static var isSupported: Bool {
        #if os(Linux)
            true
        #else
            false
        #endif
    }

    private let fault: Fault
    private let folder: TemporaryFolder
    private let control: FileHandle

    /// Makes one that has `fault` whenever it fails, and works until then.
    init(_ fault: Fault) async throws {
        self.fault = fault
        folder = try TemporaryFolder()
        let control = folder.path("control")
        try #require(FileManager.default.createFile(atPath: control, contents: Data(count: 8)))
        self.control = try FileHandle(forUpdating: URL(filePath: control))
        let built = try await Executable.shell(
            """
            for compiler in clang cc gcc; do command -v "$compiler" >/dev/null && break; done
            "$compiler" -O1 -shared -fPIC -o "$LIBRARY" "$SOURCE" -ldl
            """,
            environment: [
                "LIBRARY": folder.path("failingdisk.so"),
                "SOURCE": URL(filePath: #filePath).deletingLastPathComponent().appending(path: "failingdisk.c").path,
            ]
        )
        try #require(built.status == 0, "\(built.said)")
    }

    var dataFolder: String { folder.path("data") }
    var reachableFolder: String { dataFolder }
    var launcher: [String] { [] }
    var environment: [String: String] {
        [
            "LD_PRELOAD": folder.path("failingdisk.so"),
            "FAILING_DISK_CONTROL": folder.path("control"),
            "FAILING_DISK_FOLDER": dataFolder,
        ]
    }

    func fail() throws { try set(fault) }
    func heal() throws { try set(.healthy) }

    /// Lets the server make `changes` changes to the disk, and ends it as `kill -9` does in the middle of
    /// the last one.
    func die(inChange changes: Int) throws {
        try set(.dying, changes: Int32(changes))
    }

    private func set(_ fault: Fault, changes: Int32 = 0) throws {
        let state = [fault.rawValue, changes]
        let written = state.withUnsafeBytes { pwrite(control.fileDescriptor, $0.baseAddress, $0.count, 0) }
        try #require(written == 8)
    }
}
