import FinHubAPI
import FinHubClient
import Foundation
import Testing

extension EndToEnd.Commands {
    /// What can be wrong before a server says anything, and what must be nowhere.
    @Suite("Configuration, tokens and secrets", .sharedSandbox)
    struct ClientSetupTests {
        @Test("no secret is on a stream, in the profiles or in the token store")
        func canaries() async throws {
            let user = try ShellUser()
            var said = try await user.logIn("--verbose").said
            let tokens = try #require(try await user.tokenStore().load(user.tokenIdentity()))
            for command in [
                ["whoami"], ["whoami", "--output", "json"], ["call", "GET", user.account.hierarchyPath],
                ["sessions", "list"],
                ["call", "GET", "/nowhere"], ["login", "--password-stdin"], ["logout"], ["whoami"],
            ] {
                let finished = try await Executable.finhub(
                    command + ["--verbose"],
                    environment: user.environment,
                    input: command[0] == "login" ? "wrong-\(user.account.password)" : nil
                )
                said += finished.said
            }
            let key = try String(contentsOfFile: user.folder.path("finhub/token.key"), encoding: .utf8).dropLast()
            let canaries = [
                user.account.password, user.account.key, user.account.secret, String(key), tokens.token.reveal(),
                tokens.refreshToken.reveal(),
            ]
            for canary in canaries { #expect(!said.contains(canary)) }
            #expect(said.contains("logged in"), "nothing was logged that could tell anything")

            try await user.logIn()
            let files = try user.folder.files(below: "finhub")
            #expect(files.contains { $0.name == "config.json" } && files.contains { $0.name.hasSuffix(".tokens") })
            for file in files {
                let path = user.folder.path("finhub/\(file.name)")
                let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
                #expect(mode == 0o600, "\(file.name)")
                for canary in canaries where file.name != "token.key" {
                    #expect(file.bytes.range(of: Data(canary.utf8)) == nil, "\(file.name)")
                }
            }
        }

        @Test(
            "no command takes a secret as an argument",
            arguments: ["password", "tenant-key", "tenant-secret", "token"]
        )
        func noSecretArgument(name: String) async throws {
            let user = try ShellUser()
            let finished = try await Executable.finhub(
                ["login"] + user.identityFlags + ["--\(name)", "x"],
                environment: user.environment
            )
            #expect(finished.status == 64)
            #expect(finished.errors.contains("Unknown option"))
        }

        @Test("what is missing is named when there is no terminal to ask at")
        func noTerminal() async throws {
            let user = try ShellUser()
            let nothing = try await Executable.finhubWithoutTerminal(["login"], environment: user.environment)
            #expect(nothing.status == 64)
            #expect(nothing.errors.contains("--server"), "\(nothing.said)")
            let password = try await Executable.finhubWithoutTerminal(
                ["login"] + user.identityFlags,
                environment: user.environment
            )
            #expect(password.status == 64)
            #expect(password.errors.contains("--password-stdin"), "\(password.said)")
        }

        @Test("a server that is not there, and one that is no FinHub")
        func strangers() async throws {
            let user = try ShellUser()
            let gone = try await user.logIn("--server", "http://127.0.0.1:1")
            #expect(gone.status == 69, "\(gone.said)")
            #expect(gone.errors.contains("http://127.0.0.1:1"))
            let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\n<html"
            let foreign = try Meddler(.answer(page))
            let stranger = try await user.logIn("--server", "http://127.0.0.1:\(foreign.port)")
            #expect(stranger.status == 76, "\(stranger.said)")
            let plain = try await user.logIn("--server", "http://finhub.example")
            #expect(plain.status == 78)
            #expect(plain.errors.contains("https"))
        }

        @Test("a damaged file of profiles, and a key that is not the tokens' or not private, are reported as such")
        func damaged() async throws {
            let user = try ShellUser()
            try await user.logIn()
            let otherKey = Base64URL.encode([UInt8](repeating: 7, count: 32))
            let wrong = try await user.finhub("whoami", environment: ["FINHUB_TOKEN_KEY": otherKey])
            #expect(wrong.status == 78, "\(wrong.said)")
            let short = try await user.finhub("whoami", environment: ["FINHUB_TOKEN_KEY": "c2hvcnQ"])
            #expect(short.status == 78)
            let key = user.folder.path("finhub/token.key")
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
            let open = try await user.finhub("whoami")
            #expect(open.status == 78)
            #expect(open.errors.contains("chmod 600"))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
            #expect(try await user.finhub("whoami").status == 0)

            try Data("{".utf8).write(to: user.folder.url.appending(path: "finhub/config.json"))
            let profiles = try await user.finhub("whoami")
            #expect(profiles.status == 78)
            #expect(profiles.errors.contains("config.json"))
        }

        @Test("a token key from outside leaves none beside the tokens")
        func keyFromOutside() async throws {
            let user = try ShellUser()
            let key = ["FINHUB_TOKEN_KEY": Base64URL.encode([UInt8](0..<32))]
            let login = try await Executable.finhub(
                ["login"] + user.identityFlags + ["--password-stdin"],
                environment: user.environment.merging(key) { $1 },
                input: user.account.password
            )
            #expect(login.status == 0, "\(login.said)")
            #expect(try await user.finhub("whoami", environment: key).status == 0)
            #expect(!FileManager.default.fileExists(atPath: user.folder.path("finhub/token.key")))
        }

        @Test("the client's variables are no misspelt settings to the server's commands")
        func serverSettings() async throws {
            let variables = ["FINHUB_PROFILE": "x", "FINHUB_TENANT_SECRET_FILE": "/x", "FINHUB_CLIENT_CONFIG": "/x"]
            #expect(try await Executable.finhub(["config"], environment: variables).status == 0)
            #expect(try await Executable.finhub(["config"], environment: ["FINHUB_PROFIL": "x"]).status == 78)
        }
    }
}
