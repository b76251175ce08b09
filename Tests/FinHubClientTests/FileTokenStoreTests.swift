import FinHubAPI
import FinHubClientTesting
import Foundation
import HTTPTypes
import Testing

@testable import FinHubClient

@Suite("Token store in files", .timeLimit(.minutes(10)))
final class FileTokenStoreTests: Sendable {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "finhub-tokens-\(UUID())").path
    private let key = Secret((0..<32).map { UInt8($0) })

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    @Test("what was kept is read back, by another instance too, and removed")
    func roundTrip() async throws {
        let store = try FileTokenStore(folder: folder, key: key)
        let identity = try identity()
        #expect(try await store.load(identity) == nil)
        try await store.save(tokens("a"), for: identity)
        try await store.save(tokens("b"), for: identity)
        let loaded = try #require(try await FileTokenStore(folder: folder, key: key).load(identity))
        #expect(loaded.token.reveal() == "b")
        #expect(loaded.refreshToken.reveal() == "r-b")
        #expect(loaded.expiresAt == tokens("b").expiresAt)
        #expect(loaded.issuedAt == tokens("b").issuedAt)
        try await store.remove(identity)
        try await store.remove(identity)
        #expect(try await store.load(identity) == nil)
    }

    @Test("only the owner can read, and nothing readable is there")
    func secrecy() async throws {
        let store = try FileTokenStore(folder: folder, key: key)
        try await store.save(tokens("canary"), for: identity())
        #expect(try mode(folder) == 0o700)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            #expect(try mode("\(folder)/\(name)") == 0o600)
            let bytes = try #require(FileManager.default.contents(atPath: "\(folder)/\(name)"))
            #expect(bytes.firstRange(of: Data("canary".utf8)) == nil)
            #expect(!name.contains("cloudvault"))
        }
    }

    @Test("a file that is damaged, sealed with another key or another's is an error, not tokens")
    func damaged() async throws {
        let store = try FileTokenStore(folder: folder, key: key)
        try await store.save(tokens("a"), for: identity())
        let path = try tokenFile()
        let good = try #require(FileManager.default.contents(atPath: path))
        for index in [0, 4, 10, good.count - 1] {
            var bad = good
            bad[index] ^= 1
            try bad.write(to: URL(filePath: path))
            await #expect(throws: FinHubClientError.self) { try await store.load(identity()) }
        }
        for bad in [Data(), good.dropLast(5), good + Data([0]), Data(repeating: 7, count: 1_000_000)] {
            try bad.write(to: URL(filePath: path))
            await #expect(throws: FinHubClientError.self) { try await store.load(identity()) }
        }
        try good.write(to: URL(filePath: path))
        let otherKey = try FileTokenStore(folder: folder, key: Secret(Array(repeating: 1, count: 32)))
        await #expect(throws: FinHubClientError.self) { try await otherKey.load(identity()) }
        let seal = try TokenSeal(key: key)
        let other = TokenIdentity(server: try ServerAddress("https://other.example"), identity: try Rig.identity())
        #expect(throws: FinHubClientError.self) { try seal.open(Array(good), for: other) }
        #expect(throws: FinHubClientError.self) { try TokenSeal(key: Secret([1, 2, 3])) }
    }

    @Test("a damaged file costs a login and is replaced")
    func recovery() async throws {
        let store = try FileTokenStore(folder: folder, key: key)
        try await store.save(tokens("a"), for: identity())
        try Data("gibberish".utf8).write(to: URL(filePath: tokenFile()))
        let (logger, lines) = LogBook.logger()
        let rig = try Rig(store: store) { $0.logger = logger }
        #expect(try await rig.client.ensureAuthenticated().token.reveal() == "first")
        #expect(try await store.load(identity())?.token.reveal() == "first")
        #expect(lines.all.contains { $0.hasPrefix("warning") && $0.contains("token store") })
    }

    @Test("a folder that can't be written costs a warning, not the session")
    func unwritable() async throws {
        // A file stands where the folder should be: not even root can write below it.
        try Data().write(to: URL(filePath: folder))
        let store = try FileTokenStore(folder: folder, key: key)
        let (logger, lines) = LogBook.logger()
        let rig = try Rig(store: store) { $0.logger = logger }
        rig.transport.script(.get, "/thing", .thing())
        try await rig.thing()
        try await rig.thing()
        #expect(rig.logins.count == 1)
        #expect(lines.all.contains { $0.hasPrefix("warning") && $0.contains("token store") })
    }

    @Test("a second process takes the session from the store, and renews only once the first did not")
    func shared() async throws {
        let clock = MovedClock()
        let first = try Rig(clock: clock, store: FileTokenStore(folder: folder, key: key))
        first.transport.script(.get, "/thing", .thing())
        first.transport.script(.post, Rig.refreshPath, .tokens("second", refreshToken: "refresh-2"))
        let second = try Rig(
            clock: clock,
            transport: first.transport,
            store: FileTokenStore(folder: folder, key: key)
        )
        try await first.client.ensureAuthenticated()
        #expect(try await second.client.ensureAuthenticated().token.reveal() == "first")
        #expect(first.logins.count == 1)

        clock.advance(by: .seconds(3_590))
        async let one = first.client.ensureAuthenticated().token.reveal()
        async let two = second.client.ensureAuthenticated().token.reveal()
        #expect(try await [one, two] == ["second", "second"])
        #expect(first.refreshes.count == 1)
        #expect(first.logins.count == 1)
    }

    @Test("tokens that were refused are not taken from the store again")
    func refusedInStore() async throws {
        let rig = try Rig(store: FileTokenStore(folder: folder, key: key))
        rig.transport.script(.post, Rig.loginPath, .tokens("first"), .tokens("second"))
        rig.transport.script(.get, "/thing", .refusal(401, .sessionRevoked), .thing(2))
        try await rig.client.ensureAuthenticated()
        rig.clock.advance(by: .seconds(60))
        #expect(try await rig.thing() == 2)
        #expect(rig.bearers == ["first", "second"])
    }

    @Test("a wall clock that was set does not make kept tokens live longer than they were meant to")
    func clockStep() async throws {
        let store = try FileTokenStore(folder: folder, key: key)
        let clock = MovedClock()
        let first = try Rig(clock: clock, store: store)
        try await first.client.ensureAuthenticated()
        clock.stepWallClock(by: .seconds(-1_000_000))
        let second = try Rig(clock: clock, transport: first.transport, store: store)
        #expect(try await second.client.ensureAuthenticated().remaining <= .seconds(3_600))
        clock.stepWallClock(by: .seconds(2_000_000))
        let third = try Rig(clock: clock, transport: first.transport, store: store)
        try await third.client.ensureAuthenticated()
        #expect(first.logins.count == 2)
    }

    @Test("a lock is waited for, no longer than patience lasts, and is free when its holder dies")
    func lock() async throws {
        let store = try FileTokenStore(folder: folder, key: key)
        let clock = MovedClock()
        let identity = try identity()
        let held = try #require(try await store.lock(identity, patience: .seconds(1), clock: clock))
        #expect(try await store.lock(identity, patience: .seconds(1), clock: clock) == nil)
        await held.release()
        let again = try await store.lock(identity, patience: .seconds(1), clock: clock)
        #expect(again != nil)
        await again?.release()

        let path = try #require(
            try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasSuffix(".lock") }
        )
        let holder = try LockHolder("\(folder)/\(path)")
        #expect(try await store.lock(identity, patience: .seconds(1), clock: clock) == nil)
        holder.kill()
        #expect(try await store.lock(identity, patience: .seconds(1), clock: clock) != nil)
    }

    private func identity() throws -> TokenIdentity {
        TokenIdentity(server: try ServerAddress("https://finhub.example"), identity: try Rig.identity())
    }

    private func tokens(_ token: String) -> StoredTokens {
        StoredTokens(
            session: SessionID(high: 1, low: 2),
            user: UserID(high: 3, low: 4),
            token: Secret(token),
            refreshToken: Secret("r-\(token)"),
            issuedAt: Timestamp(seconds: 1_000),
            expiresAt: Timestamp(seconds: 4_600)
        )
    }

    private func tokenFile() throws -> String {
        let name = try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasSuffix(".tokens") }
        return "\(folder)/\(try #require(name))"
    }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
}

/// A process that holds a lock until it is killed.
private final class LockHolder {
    private let process = Process()
    private let exit = DispatchSemaphore(value: 0)

    /// Returns once the lock is held.
    init(_ path: String) throws {
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let script =
            "import fcntl,sys,time; f=open(sys.argv[1]); fcntl.flock(f,2); print(1,flush=True); time.sleep(600)"
        process.arguments = ["python3", "-c", script, path]
        process.standardOutput = output
        process.terminationHandler = { [exit] _ in exit.signal() }
        try process.run()
        #expect(!output.fileHandleForReading.availableData.isEmpty)
    }

    func kill() {
        _ = Foundation.kill(process.processIdentifier, SIGKILL)
        exit.wait()
    }
}
