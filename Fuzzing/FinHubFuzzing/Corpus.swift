package import FoundationEssentials

/// The committed inputs of a target: valid ones, edges, hostile ones, and whatever broke it once.
package struct Corpus: Sendable {
    /// The contents of the files, in the order of their names.
    package let inputs: [(name: String, bytes: [UInt8])]

    /// Reads the folder `Fuzzing/Corpus/<target>` of a working copy.
    package init(of target: FuzzTarget, in root: URL) throws {
        let folder = root.appending(path: "Fuzzing/Corpus/\(target.name)")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        inputs = try names.map { ($0, Array(try Data(contentsOf: folder.appending(path: $0)))) }
    }
}
