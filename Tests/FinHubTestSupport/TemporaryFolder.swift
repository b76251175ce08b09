import Foundation

/// Gives `body` a new folder, and removes it afterwards.
public func withTemporaryFolder<Output>(_ body: (_ path: String) async throws -> Output) async throws -> Output {
    let folder = URL.temporaryDirectory.appending(path: "finhub-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder.path())
}
