import ArgumentParser
import FinHubAPI
import Foundation

extension JSONObject {
    /// What a file holds, which somebody named on the command line.
    init(file path: String) throws {
        let bytes = try contents(of: path)
        guard let object = (try? JSON(bytes))?.object else {
            throw ValidationError("\(path) is no JSON object.")
        }
        self = object
    }
}

/// The lines of a file that are neither empty nor a comment, which begins with `#`.
func lines(of path: String) throws -> [String] {
    try contents(of: path).split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        .map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespaces) }
        .filter { !$0.isEmpty && !$0.hasPrefix("#") }
}

/// A file's bytes; `-` is standard input.
private func contents(of path: String) throws -> [UInt8] {
    if path == "-" { return Array(FileHandle.standardInput.readDataToEndOfFile()) }
    guard let data = FileManager.default.contents(atPath: path) else {
        throw ValidationError("\(path) can't be read.")
    }
    return Array(data)
}
