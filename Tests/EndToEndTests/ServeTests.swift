import FinHubAPI
import Foundation
import Testing

extension EndToEnd {
    /// `finhub init` and `finhub serve`: one command each from nothing to a session, and no way
    /// to start in the open.
    @Suite("init and serve")
    struct ServeTests {
        @Test("init, then serve, then log in with what init printed")
        func fromNothing() async throws {
            let installation = try await Installation(in: try TemporaryFolder())
            let server = try await installation.serve()
            let api = APIClient(server, tenant: installation.account.tenant)
            let tokens = try await api.login(as: installation.account)
            #expect(try await api.current(tokens.access).data?["tenant"]?.object?["slug"]?.string == "tenant_acme")
            let byID = APIClient(server, tenant: installation.account.tenantID)
            #expect(try await byID.refresh(tokens).status == 200)
            #expect(try await server.stop() == 0)
        }

        @Test("init gives the master key to its owner alone, and never replaces one")
        func masterKey() async throws {
            let installation = try await Installation(in: try TemporaryFolder())
            let file = installation.folder.path("data/master.key")
            let key = FileManager.default.contents(atPath: file)
            #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
            let again = try await Installation.initialise(installation.folder)
            #expect(again.status != 0)
            #expect(again.errors.contains("master.key"), "\(again.errors)")
            #expect(FileManager.default.contents(atPath: file) == key)
            let server = try await installation.serve()
            let api = APIClient(server, tenant: installation.account.tenant)
            _ = try await api.login(as: installation.account)
        }

        @Test("serve refuses a folder without a master key, and says what makes one")
        func noMasterKey() async throws {
            let installation = try await Installation(in: try TemporaryFolder())
            try FileManager.default.removeItem(atPath: installation.folder.path("data/master.key"))
            try expectRefusal(try await installation.refusedServe(), naming: "master.key", "init")
        }

        @Test(
            "serve refuses a master key that others can read, and says how to change that",
            arguments: [0o644, 0o640]
        )
        func readableMasterKey(mode: Int) async throws {
            let installation = try await Installation(in: try TemporaryFolder())
            let file = installation.folder.path("data/master.key")
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
            try expectRefusal(try await installation.refusedServe(), naming: "master.key", "chmod 600")
        }

        @Test("serve refuses a master key that the database was not made with")
        func otherMasterKey() async throws {
            let installation = try await Installation(in: try TemporaryFolder())
            let other = try await Installation(in: try TemporaryFolder())
            let option = ["--master-key-file", other.folder.path("data/master.key")]
            let finished = try await installation.refusedServe(option)
            try expectRefusal(finished, naming: "another master key")
        }

        @Test("serve refuses plain HTTP off loopback, and names both ways out", arguments: ["0.0.0.0", "::"])
        func plainHTTP(host: String) async throws {
            let installation = try await Installation(in: try TemporaryFolder())
            let finished = try await installation.refusedServe(["--host", host])
            try expectRefusal(finished, naming: host, "tls-certificate", "behind-tls-proxy")
        }

        @Test("serve on all addresses starts behind a TLS-terminating proxy")
        func behindProxy() async throws {
            let installation = try await Installation(in: try TemporaryFolder())
            let server = try await installation.serve(["--host", "0.0.0.0", "--behind-tls-proxy"])
            let answer = try await APIClient.get("http://127.0.0.1:\(server.port)/livez")
            #expect(answer.status == 200)
        }

        @Test("a setting that does not exist or can't be is named", arguments: ["--log-level loud", "--port 65536"])
        func malformedSetting(options: String) async throws {
            let installation = try await Installation(in: try TemporaryFolder())
            let words = options.split(separator: " ").map(String.init)
            let finished = try await installation.refusedServe(words)
            #expect([64, 78].contains(finished.status))
            #expect(finished.errors.contains(words[0].dropFirst(2)))
            #expect(finished.errors.contains(words[1]))
        }

        private func expectRefusal(_ finished: Finished, naming words: String...) throws {
            #expect(finished.status == 78, "\(finished.said)")
            for word in words { #expect(finished.errors.contains(word), "\(finished.errors)") }
            #expect(!finished.output.contains("listens on"))
        }
    }
}
