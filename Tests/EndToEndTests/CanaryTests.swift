import FinHubAPI
import Foundation
import Testing

extension EndToEnd {
    /// Security, *Logs and audit*: no secret is ever seen where it has no business.
    @Suite("Canaries")
    struct CanaryTests {
        @Test("a sandbox that logs everything tells no secret")
        func sandbox() async throws {
            let folder = try TemporaryFolder()
            let server = try await RunningServer.sandbox(in: folder, "--log-level", "trace")
            let banner = try await server.process.output(within: .seconds(10)) { $0.contains("  }'\n") }
            var use = CanaryUse(server: server, account: .cloudVault)
            try await use.everything()
            try await expectNothingSeen(use, in: folder, printedBefore: banner)
        }

        @Test("a server of one's own that logs everything tells no secret")
        func serve() async throws {
            let folder = try TemporaryFolder()
            let installation = try await Installation(in: folder)
            let server = try await installation.serve(["--log-level", "trace"])
            var use = CanaryUse(server: server, account: installation.account)
            try await use.everything()
            try await expectNothingSeen(use, in: folder, printedBefore: "")
        }

        /// Looks for every secret of `use` everywhere, while the server runs and after its end.
        private func expectNothingSeen(
            _ use: CanaryUse,
            in folder: TemporaryFolder,
            printedBefore banner: String
        ) async throws {
            let canaries = use.canaries + (try masterKeyCanaries(in: folder))
            #expect(canaries.count > 30)
            #expect(use.answers.count > 40)
            for answer in use.answers { expect(canaries, notIn: answer.bytes, answer.what, but: answer.owned) }
            let metrics = try await APIClient.get(use.server.metrics)
            #expect(metrics.status == 200)
            expect(canaries, notIn: Data(metrics.body), "/metrics")
            try expectNoneOf(canaries, inFilesOf: folder)

            #expect(try await use.server.stop() == 0)
            try expectNoneOf(canaries, inFilesOf: folder)
            let process = use.server.process
            #expect(process.standardOutput.hasPrefix(banner))
            expect(canaries, notIn: Data(process.standardOutput.dropFirst(banner.count).utf8), "standard output")
            #expect(process.standardError.utf8.count > 1_000, "nothing was logged that could tell anything")
            expect(canaries, notIn: Data(process.standardError.utf8), "standard error")
        }

        private func expectNoneOf(_ canaries: [Canary], inFilesOf folder: TemporaryFolder) throws {
            let files = try folder.files(below: "data")
            #expect(files.contains { $0.name.hasSuffix(".sqlite") })
            for file in files {
                let foreign = canaries.filter { $0.home != file.name }
                expect(foreign, notIn: file.bytes, file.name)
            }
        }

        private func expect(_ canaries: [Canary], notIn bytes: Data, _ place: String, but owned: Set<Data> = []) {
            for canary in canaries where !owned.contains(canary.bytes) && bytes.range(of: canary.bytes) != nil {
                Issue.record("\(canary.name) was seen in \(place)")
            }
        }

        /// The master key in every spelling that somebody might print it in.
        private func masterKeyCanaries(in folder: TemporaryFolder) throws -> [Canary] {
            let text = try Data(contentsOf: folder.url.appending(path: "data/master.key"))
            let written = String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            let key = Base64URL.decode(written.utf8).map { Data($0) } ?? text
            #expect(key.count >= 32)
            let spellings = [
                ("raw", key), ("base64url", Data(Base64URL.encode(key).utf8)),
                ("base64", Data(key.base64EncodedString().utf8)),
                (
                    "hexadecimal",
                    Data(key.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined().utf8)
                ),
            ]
            return spellings.map { Canary(name: "the master key, \($0)", bytes: $1, home: "master.key") }
        }
    }
}
