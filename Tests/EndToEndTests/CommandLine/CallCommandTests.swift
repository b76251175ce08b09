import FinHubAPI
import FinHubClient
import Foundation
import Testing

extension EndToEnd.Commands {
    @Suite("Call", .sharedSandbox)
    struct CallCommandTests {
        @Test("an answer's data is one line of JSON, or tab-separated values")
        func formats() async throws {
            let user = try ShellUser()
            try await user.logIn()
            let json = try await user.finhub("call", "get", user.account.hierarchyPath)
            #expect(json.status == 0, "\(json.said)")
            #expect(json.output.split(separator: "\n").count == 1)
            let data = try #require(try JSON(Array(json.output.utf8)).object)
            #expect(data["tenantId"]?.string == user.account.tenantID)

            let table = try await user.finhub("call", "GET", user.account.hierarchyPath, "--output", "table")
            #expect(table.rows.first == ["FIELD", "VALUE"])
            #expect(table.rows.contains(["tenantId", user.account.tenantID]))
            #expect(table.rows.contains(["features.CUSTOMER_PROFILE.allowedValues.level", "BASIC,FULL"]))

            let page = user.account.sessionsPath + "?status=all&limit=1"
            let list = try await user.finhub("call", "GET", page, "--output", "table")
            #expect(list.rows.count == 2, "\(list.said)")
            #expect(list.rows.first?.first == "sessionId")
        }

        @Test("body and headers go along, and nothing that came from outside moves the cursor")
        func body() async throws {
            let user = try ShellUser()
            try await user.logIn()
            let path = user.account.hierarchyPath
            let now = try await user.finhub("call", "GET", path, "--include")
            let tag = try #require(now.errors.firstMatch(of: /(?i)etag: ("[^"]+")/)?.output.1, "\(now.errors)")
            let hostile = now.output.replacing("Individual, basic", with: #"\u001b[2J\u202eevil\tname"#)
            let put = try await user.finhub(
                "call",
                "PUT",
                path,
                "--header",
                "If-Match: \(tag)",
                "--body-file",
                "-",
                input: hostile
            )
            #expect(put.status == 0, "\(put.said)")
            for format in ["json", "table"] {
                let shown = try await user.finhub("call", "GET", path, "--output", format)
                #expect(shown.output.contains("evil"), "\(shown.said)")
                #expect(!shown.output.unicodeScalars.contains { $0.value == 0x1b || $0.value == 0x202e })
            }
            let stale = try await user.finhub(
                "call",
                "PUT",
                path,
                "-H",
                "If-Match: \(tag)",
                "--body",
                now.output
            )
            #expect(stale.status == 1)
            #expect(stale.errors.contains("PRECONDITION_FAILED"))
        }

        @Test("every class of failure has a status of its own")
        func statuses() async throws {
            let user = try ShellUser()
            try await user.logIn()
            let refused = try await user.finhub("call", "GET", "/nowhere")
            #expect(refused.status == 1)
            #expect(refused.output.isEmpty)
            for wrong in [
                ["GET", "no-slash"], ["G T", "/x"], ["GET", "/x?y"], ["GET", "/x", "-H", "Authorization: me"],
                ["GET", "/x", "-H", "no colon"], ["PUT", "/x", "--body-file", "/nowhere/at/all"],
                ["PUT", "/x", "--body", "{}", "--body-file", "-"],
            ] {
                let finished = try await Executable.finhub(["call"] + wrong, environment: user.environment)
                #expect(finished.status == 64, "\(wrong): \(finished.said)")
            }
        }

        @Test("a session that was ended elsewhere asks for a login")
        func ended() async throws {
            let user = try ShellUser(.finsei)
            try await user.logIn()
            let session = try await user.session()
            let administrator = try user.account.client(at: user.server.address)
            try await administrator.sessions.end(try #require(SessionID(session)))
            await administrator.shutdown()
            let finished = try await user.finhub("call", "GET", "/admin/sessions/current")
            #expect(finished.status == 77, "\(finished.said)")
            #expect(finished.errors.contains("finhub login"))
            #expect(try await user.finhub("logout").status == 0)
        }
    }
}
