import FinHubAPI
import Foundation
import Testing

@testable import finhub

@Suite("The master key's file")
struct MasterKeyFileTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path("master.key") }

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("a new key is 32 bytes, for its owner alone, and is read back")
    func round() throws {
        let key = try MasterKeyFile.create(at: path)
        #expect(key.reveal().count == 32)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try MasterKeyFile.load(from: path).matches(key))
    }

    @Test("no two keys are alike")
    func random() throws {
        let one = try MasterKeyFile.create(at: path)
        #expect(try !MasterKeyFile.create(at: folder.path("other.key")).matches(one))
    }

    @Test("an existing key is never replaced, nor is what a link points to")
    func existing() throws {
        let key = try MasterKeyFile.create(at: path)
        try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: folder.path("new"))
        for name in ["master.key", "link"] {
            let error = #expect(throws: MasterKeyError.self) { try MasterKeyFile.create(at: folder.path(name)) }
            #expect(error?.description.contains(folder.path(name)) == true)
        }
        #expect(try MasterKeyFile.load(from: path).matches(key))
        #expect(!FileManager.default.fileExists(atPath: folder.path("new")))
    }

    @Test("a key that others can read, write or run is refused", arguments: [0o640, 0o604, 0o620, 0o602, 0o610, 0o601])
    func open(mode: Int) throws {
        _ = try MasterKeyFile.create(at: path)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        let error = #expect(throws: MasterKeyError.self) { try MasterKeyFile.load(from: path) }
        #expect(error?.description.contains("chmod 600 \(path)") == true)
    }

    @Test("a key that its owner may only read is read")
    func readOnly() throws {
        let key = try MasterKeyFile.create(at: path)
        try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: path)
        #expect(try MasterKeyFile.load(from: path).matches(key))
    }

    @Test("another user's key is refused", .enabled(if: geteuid() == 0, "only root can give a file away"))
    func owner() throws {
        _ = try MasterKeyFile.create(at: path)
        try #require(chown(path, 65_534, 65_534) == 0)
        #expect(throws: MasterKeyError.self) { try MasterKeyFile.load(from: path) }
    }

    @Test("a missing key is refused with what makes one")
    func missing() throws {
        let error = #expect(throws: MasterKeyError.self) { try MasterKeyFile.load(from: path) }
        #expect(error?.description.contains("finhub init") == true)
    }

    @Test(
        "what is no key is refused, and not shown",
        arguments: ["", "\n", Base64URL.encode([UInt8](1...31)), Base64URL.encode([UInt8](repeating: 7, count: 32))]
            + [
                Base64URL.encode(sample) + "=", " " + Base64URL.encode(sample), "not base64url!",
                Base64URL.encode(sample) + "\0",
            ]
    )
    func noKey(text: String) throws {
        let isMade = FileManager.default.createFile(
            atPath: path,
            contents: Data(text.utf8),
            attributes: [.posixPermissions: 0o600]
        )
        try #require(isMade)
        let error = #expect(throws: MasterKeyError.self) { try MasterKeyFile.load(from: path) }
        #expect(text.utf8.count < 8 || error?.description.contains(text) == false)
    }

    private static let sample: [UInt8] = (0..<32).map { $0 &* 37 &+ 11 }
}
