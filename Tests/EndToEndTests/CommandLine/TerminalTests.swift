import Foundation
import Testing

extension EndToEnd.Commands {
    /// What somebody at a terminal sees, and does not see.
    @Suite("At a terminal", .sharedSandbox)
    struct TerminalTests {
        @Test("everything that is missing is asked for, and no secret that is typed shows")
        func prompts() async throws {
            let user = try ShellUser()
            let account = user.account
            let terminal = try TerminalProcess(["login"], environment: environment(of: user))
            for (question, answer) in [
                ("Server: ", user.server.address), ("Tenant: ", account.tenant),
                ("Organization id: ", account.organization), ("User id: ", account.user),
                ("e-mail: ", account.username),
                ("Password of \(account.username): ", "wronX\u{7f}\u{15}" + account.password),
                ("Tenant key: ", account.key), ("Tenant secret: ", account.secret),
            ] {
                try await terminal.screen(showing: question)
                try terminal.type(answer + "\n")
            }
            let finished = try await terminal.finished()
            #expect(finished.status == 0, "\(finished.output)")
            #expect(finished.output.contains("Logged in as"))
            // The terminal does show what is typed, where nobody keeps it from that.
            #expect(finished.output.contains("Server: \(user.server.address)"))
            for secret in [account.password, account.key, account.secret, "wronX"] {
                #expect(!finished.output.contains(secret))
            }
        }

        @Test("Ctrl-C at a secret question gives back a terminal that shows what is typed")
        func interrupted() async throws {
            let user = try ShellUser()
            let terminal = try TerminalProcess(["login"] + user.identityFlags, environment: environment(of: user))
            try await terminal.screen(showing: "Password of")
            #expect(!terminal.echoes)
            try terminal.type("half\u{03}")
            let finished = try await terminal.finished()
            #expect(finished.status == 130, "\(finished.output)")
            #expect(terminal.echoes)
            #expect(!finished.output.contains("half"))
        }

        @Test("results are drawn as tables, in colours unless NO_COLOR is set")
        func tables() async throws {
            let user = try ShellUser()
            try await user.logIn()
            let plain = ["XDG_CONFIG_HOME": user.folder.url.path, "FORCE_COLOR": ""]
            let coloured = try TerminalProcess(["whoami"], environment: plain.merging(["NO_COLOR": ""]) { $1 })
            let screen = try await coloured.finished().output
            #expect(screen.contains("\u{1b}[1mFIELD"), "\(screen)")
            #expect(screen.contains("------------"))
            #expect(!screen.contains("\t"))
            let bare = try TerminalProcess(["whoami"], environment: plain.merging(["NO_COLOR": "1"]) { $1 })
            let text = try await bare.finished().output
            #expect(!text.contains("\u{1b}"))
            #expect(text.contains("------------"))
            let failing = try TerminalProcess(
                ["call", "GET", "/nowhere"],
                environment: plain.merging(["NO_COLOR": ""]) { $1 }
            )
            let error = try await failing.finished()
            #expect(error.status == 1)
            #expect(error.output.contains("\u{1b}["))
        }

        /// Without the tenant's key and secret, which are to be asked for.
        private func environment(of user: ShellUser) -> [String: String] {
            ["XDG_CONFIG_HOME": user.folder.url.path, "TENANT_KEY": "", "TENANT_SECRET": ""]
        }
    }
}
