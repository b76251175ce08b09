import FinHubAPI
import FinHubClient
import Foundation
import Testing

extension EndToEnd.Commands {
    @Suite("Sessions", .sharedSandbox)
    struct SessionsCommandTests {
        @Test("are listed, the one in use with a star, and ended one by one")
        func list() async throws {
            let (user, other) = (try ShellUser(), try ShellUser())
            try await user.logIn()
            try await other.logIn()
            let (own, doomed) = (try await user.session(), try await other.session())
            let list = try await user.finhub("sessions", "list")
            #expect(list.rows.first?.prefix(3) == ["SESSION", "CURRENT", "STATUS"])
            #expect(list.rows.contains { $0.prefix(3) == [own, "*", "ACTIVE"] }, "\(list.said)")
            #expect(list.rows.contains { $0.prefix(3) == [doomed, "", "ACTIVE"] })

            #expect(try await user.finhub("sessions", "end", doomed).status == 0)
            #expect(try await user.finhub("sessions", "end", doomed).status == 0)
            #expect(try await other.finhub("whoami").status == 77)
            let json = try await user.finhub("sessions", "list", "--status", "ended", "--output", "json")
            let ended = try #require(try JSON(Array(json.output.utf8)).array, "\(json.said)")
            #expect(ended.contains { $0.object?["sessionId"]?.string == doomed })
            let one = try await user.finhub("sessions", "list", "--status", "all", "--limit", "1")
            #expect(one.rows.count == 2)
        }

        @Test("are ended all, but for the one in use, or with it")
        func endAll() async throws {
            let (user, other) = (try ShellUser(.finsei), try ShellUser(.finsei))
            try await user.logIn()
            try await other.logIn()
            let spared = try await user.finhub("sessions", "end", "--all", "--except-current")
            #expect(spared.status == 0, "\(spared.said)")
            #expect(spared.output.contains("Ended 1 session."))
            #expect(try await other.finhub("whoami").status == 77)
            #expect(try await user.finhub("whoami").status == 0)
            #expect(try await user.finhub("sessions", "end", "--all").status == 0)
            #expect(try await user.finhub("whoami").status == 77)
            #expect(try await user.tokenStore().load(user.tokenIdentity()) == nil)
        }

        @Test("the one in use is ended by its id, too")
        func own() async throws {
            let user = try ShellUser()
            try await user.logIn()
            let own = try await user.session()
            #expect(try await user.finhub("sessions", "end", own).status == 0)
            #expect(try await user.tokenStore().load(user.tokenIdentity()) == nil)
        }

        @Test(
            "what makes no sense ends nothing",
            arguments: [
                [], ["--all", "ed8e1ef7-d885-4753-88ad-afc5aedfac7b"], ["--except-current"], ["no-uuid"],
                ["--user", "ed8e1ef7-d885-4753-88ad-afc5aedfac7b", "ed8e1ef7-d885-4753-88ad-afc5aedfac7b"],
            ]
        )
        func nonsense(arguments: [String]) async throws {
            let user = try ShellUser()
            let finished = try await Executable.finhub(["sessions", "end"] + arguments, environment: user.environment)
            #expect(finished.status == 64, "\(finished.said)")
        }
    }
}
