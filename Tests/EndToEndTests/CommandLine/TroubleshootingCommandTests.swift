import FinHubAPI
import NIOHTTP1
import Testing

extension EndToEnd.Commands {
    /// The reference's *Troubleshooting*, over the commands on the data folder, beside a running server.
    ///
    /// `TroubleshootingTests` has the same over the API. Expired tokens are the caller's affair: `ClientSoakTests`.
    @Suite("The reference's troubleshooting list, over the commands")
    struct TroubleshootingCommandTests {
        @Test("who can't sign in: a new password, an active account, the ADMIN role")
        func users() async throws {
            try await withPatient { patient in
                let ada = patient.account
                _ = try await patient.finhub("user", ["create", "--username", "mia", "--email", "mia@acme.example"])

                var wrong = ada
                wrong.password = "correct horse battery"
                #expect(try await patient.api.tryLogin(as: wrong).error == "INVALID_CREDENTIALS")
                let reset = try await patient.finhub("user", ["reset-password", ada.user])
                var changed = ada
                let shown = reset.output.firstMatch(of: /temporary password +(\S+)/)
                changed.password = String(try #require(shown?.output.1))
                let restricted = try await patient.api.login(as: changed)
                let new = try await patient.api.send(
                    .PUT,
                    "/admin/users/\(ada.user)/credentials",
                    token: restricted.access,
                    body: #"{"currentPassword":"\#(changed.password)","newPassword":"\#(ada.password)+1"}"#
                )
                #expect(new.status == 200, "\(new.text)")
                changed.password = ada.password + "+1"

                _ = try await patient.finhub("user", ["update", ada.user, "--disable-access"])
                try await patient.expectLogin("ACCOUNT_DISABLED", of: changed)
                #expect(try await patient.finhub("user", ["show", ada.user]).output.contains("status\tDISABLED"))
                _ = try await patient.finhub("user", ["update", ada.user, "--enable-access"])
                try await patient.expectLogin(nil, of: changed)

                _ = try await patient.finhub("user", ["update", ada.user, "--role", "MEMBER"])
                try await patient.expectLogin("ADMIN_ROLE_REQUIRED", of: changed)
                _ = try await patient.finhub("user", ["update", ada.user, "--role", "ADMIN"])
                try await patient.expectLogin(nil, of: changed)
            }
        }

        @Test("whose backend is refused: new tenant keys, another allowlist, a tenant that is let in again")
        func tenants() async throws {
            try await withPatient { patient in
                var lost = patient.account
                lost.secret = "lost, alas"
                #expect(try await patient.api.tryLogin(as: lost).error == "INVALID_TENANT_CREDENTIALS")
                let new = try await patient.finhub("tenant", ["credentials", "rotate"])
                lost.key = try #require(new.output.word(after: "tenantKey"))
                lost.secret = try #require(new.output.word(after: "tenantSecret"))
                try await patient.expectLogin(nil, of: lost)

                let tokens = try await patient.api.login(as: patient.account)
                _ = try await patient.finhub("tenant", ["allowlist", "set", "192.0.2.0/24"])
                try await patient.expectLogin("IP_NOT_ALLOWED")
                #expect(try await patient.api.current(tokens.access).error == "IP_NOT_ALLOWED")
                #expect(patient.server.process.standardError.contains("authz_fail"))
                #expect(try await patient.finhub("tenant", ["allowlist", "show"]).output.contains("192.0.2.0/24"))
                _ = try await patient.finhub("tenant", ["allowlist", "set", "192.0.2.0/24", "127.0.0.1/32"])
                try await patient.expectLogin(nil)

                _ = try await patient.finhub("tenant", ["suspend"])
                try await patient.expectLogin("TENANT_SUSPENDED")
                _ = try await patient.finhub("tenant", ["activate"])
                try await patient.expectLogin(nil)
            }
        }

        @Test("whose session is gone: it was ended, a newer one took its place, or its policy is short")
        func sessions() async throws {
            try await withPatient { patient in
                let (user, api) = (patient.account.user, patient.api)
                let first = try await api.login(as: patient.account)
                let active = ["list", "--user", user]
                #expect(try await patient.finhub("session", active).output.contains("\(first.session)\t\tACTIVE"))
                _ = try await patient.finhub("session", ["end", first.session])
                try await patient.expect("SESSION_REVOKED", of: first)
                let shown = try await patient.finhub("session", ["show", first.session])
                #expect(shown.output.contains("endReason\tENDED_BY_ADMINISTRATOR"), "\(shown.said)")
                #expect(try await !patient.finhub("session", active).output.contains(first.session))
                let ended = ["list", "--user", user, "--status", "ended"]
                #expect(try await patient.finhub("session", ended).output.contains(first.session))

                let second = try await api.login(as: patient.account)
                let third = try await api.login(as: patient.account)
                _ = try await patient.finhub("tenant", ["policy", "set", "--concurrent-sessions", "1"])
                let fourth = try await patient.untilLimited(second)
                try await patient.expect("SESSION_SUPERSEDED", of: third)
                #expect(try await api.current(fourth.access).status == 200)
                let all = try await patient.finhub("session", ["end", "--user", user])
                #expect(all.output == "Active sessions ended: 1.\n", "\(all.said)")
                try await patient.expect("SESSION_REVOKED", of: fourth)

                _ = try await patient.finhub("tenant", ["policy", "set", "--concurrent-sessions", "0"])
                let longer = ["policy", "set", "--absolute-lifetime-minutes", "43200"]
                #expect(try await patient.finhub("tenant", longer).output.contains("concurrentSessions\t\n"))
                try await patient.expectLogin(nil)
            }
        }

        @Test("whose token is used from elsewhere: it is refused there, and the log says so")
        func elsewhere() async throws {
            try await withPatient(["--trusted-proxies", "127.0.0.0/8"]) { patient in
                _ = try await patient.finhub("tenant", ["policy", "set", "--bind-to-address", "true"])
                var tokens = try await patient.api.login(as: patient.account)
                func current(from address: String) async throws -> Answer {
                    let headers: HTTPHeaders = ["X-Forwarded-For": address]
                    return try await patient.api.send(
                        .GET,
                        "/admin/sessions/current",
                        token: tokens.access,
                        headers: headers
                    )
                }
                try await patient.eventually("TOKEN_INVALID") {
                    tokens = try await patient.api.login(as: patient.account)
                    return try await current(from: "198.51.100.7").error
                }
                #expect(try await patient.api.current(tokens.access).status == 200)
                let logged = patient.server.process.standardError
                #expect(logged.contains("authn_token_other_client"))
                #expect(!logged.contains(tokens.access))
            }
        }

        @Test("a session that is not there is said to be so, and a command that says nothing is refused")
        func refused() async throws {
            try await withPatient { patient in
                let nobody = "00000000-0000-4003-8000-00000000dead"
                for command in [["show", nobody], ["end", nobody]] {
                    let finished = try await patient.tried("session", command)
                    #expect(finished.status == 1)
                    #expect(finished.errors.contains("SESSION_NOT_FOUND"), "\(finished.said)")
                }
                let list = try await patient.tried("session", ["list", "--user", nobody])
                #expect(list.errors.contains("USER_NOT_FOUND"), "\(list.said)")
                #expect(try await patient.tried("session", ["end"]).status == 64)
                let both = ["end", nobody, "--user", nobody]
                #expect(try await patient.tried("session", both).status == 64)
                let limit = ["list", "--user", nobody, "--limit", "0"]
                #expect(try await patient.tried("session", limit).status == 64)
            }
        }
    }
}

/// Somebody in trouble, and the operator at the data folder who helps.
private struct Patient {
    let account: Account
    let server: RunningServer
    let api: APIClient
    let folder: TemporaryFolder

    /// Runs a command that must succeed.
    func finhub(_ noun: String, _ command: [String]) async throws -> Finished {
        let finished = try await tried(noun, command)
        try #require(finished.status == 0, "\(finished.said)")
        return finished
    }

    func tried(_ noun: String, _ command: [String]) async throws -> Finished {
        let place = ["--data-dir", folder.path("data"), "--tenant", account.tenant]
        return try await Executable.finhub([noun] + command + place)
    }

    /// Expects that the running server, which follows within a second, comes to answer a login so.
    func expectLogin(_ error: String?, of account: Account? = nil) async throws {
        try await eventually(error) { try await api.tryLogin(as: account ?? self.account).error }
    }

    /// Expects that it comes to answer a call so.
    func expect(_ error: String?, of tokens: SessionTokens) async throws {
        try await eventually(error) { try await api.current(tokens.access).error }
    }

    /// Logs in until that takes the place of `old`.
    func untilLimited(_ old: SessionTokens) async throws -> SessionTokens {
        var last = try await api.login(as: account)
        try await eventually("SESSION_SUPERSEDED") {
            last = try await api.login(as: account)
            return try await api.current(old.access).error
        }
        return last
    }

    func eventually(_ error: String?, _ answer: () async throws -> String?) async throws {
        let deadline = ContinuousClock.now + .seconds(5)
        var last: String?
        repeat {
            last = try await answer()
            if last == error { return }
        } while ContinuousClock.now < deadline
        Issue.record("the server answers \(last ?? "200"), not \(error ?? "200")")
    }
}

private func withPatient(_ options: [String] = [], _ body: (Patient) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    let installation = try await Installation(in: folder)
    let server = try await installation.serve(options)
    let api = APIClient(server, tenant: installation.account.tenant)
    try await body(Patient(account: installation.account, server: server, api: api, folder: folder))
    #expect(try await server.stop() == 0)
}

extension String {
    /// The word that comes next.
    fileprivate func word(after label: String) -> String? {
        let words = split(whereSeparator: \.isWhitespace).map(String.init)
        return words.firstIndex(of: label).flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
    }
}
