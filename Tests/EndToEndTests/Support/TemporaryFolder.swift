import Foundation

/// A folder that is removed, with all that is in it, when nobody holds it any more.
final class TemporaryFolder: Sendable {
    let url: URL

    /// Makes a fresh, empty folder.
    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "finhub-end-to-end-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// The path of `name` in the folder.
    func path(_ name: String) -> String {
        url.appending(path: name).path
    }

    /// A file of the folder that holds `text`, open for a process to read.
    func reading(_ text: String) throws -> FileHandle {
        let file = url.appending(path: "stdin-\(UUID().uuidString)")
        try Data(text.utf8).write(to: file)
        return try FileHandle(forReadingFrom: file)
    }

    /// Every regular file below `name`, with its bytes; one that vanishes meanwhile is left out.
    func files(below name: String) throws -> [(name: String, bytes: Data)] {
        let root = url.appending(path: name)
        return try FileManager.default.subpathsOfDirectory(atPath: root.path).compactMap { path in
            var isDirectory: ObjCBool = false
            let file = root.appending(path: path)
            guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isDirectory), !isDirectory.boolValue
            else { return nil }
            return FileManager.default.contents(atPath: file.path).map { (path, $0) }
        }
    }
}
