import FinHubAPI
import Testing

@Suite("Parts of two tenants in one login")
struct MixUpTests {
    /// Two tenants have the same password and secret here: only the parts' belonging together decides.
    @Test("let in only where all four are of the same one")
    func sixteen() async throws {
        try await withServer { server in
            var errors: [String?: Int] = [:]
            for choice in 0..<16 {
                func part(_ bit: Int) -> Account { choice >> bit & 1 == 0 ? .ada : .grace }
                let (header, credential, path, name) = (part(0), part(1), part(2), part(3))
                let answer = try await server.login(
                    tenant: header.slug,
                    username: name.username,
                    key: credential.key,
                    path: path.sessionsPath
                )
                let expected =
                    header.key != credential.key
                    ? "INVALID_TENANT_CREDENTIALS"
                    : path.user == header.user && name.user == header.user ? nil : "INVALID_CREDENTIALS"
                #expect(answer.error == expected, "choice \(choice)")
                #expect((answer.status == 200) == (expected == nil))
                errors[answer.error, default: 0] += 1
                guard answer.status == 200 else { continue }
                let current = try await server.current(Tokens(answer).token, header)
                #expect(current.data?["tenant"]?.object?["tenantId"]?.string == "\(header.tenant)")
            }
            #expect(errors == [nil: 2, "INVALID_CREDENTIALS": 6, "INVALID_TENANT_CREDENTIALS": 8])
        }
    }

    @Test("an organization of the one and a user of the other belong to neither", arguments: [Account.ada, .grace])
    func halves(_ account: Account) async throws {
        try await withServer { server in
            let other = account.tenant == Account.ada.tenant ? Account.grace : .ada
            for (organization, user) in [(account, other), (other, account)] {
                let path = "/api/v2.1/admin/organization/\(organization.organization)/users/\(user.user)/sessions"
                let answer = try await server.login(account, path: path)
                #expect(answer.error == "INVALID_CREDENTIALS")
            }
        }
    }
}
