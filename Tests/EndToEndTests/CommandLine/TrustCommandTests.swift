import Foundation
import Testing

extension EndToEnd.Commands {
    @Suite("Whom to trust")
    struct TrustCommandTests {
        @Test("a certificate is believed by --ca-file alone, at the login and ever after")
        func authority() async throws {
            let installation = try await Installation(in: try TemporaryFolder())
            let (folder, account) = (installation.folder, installation.account)
            try await EndToEnd.TLSTests.makeCertificate(in: folder)
            let certificate = folder.path("certificate.pem")
            let server = try await installation.serve([
                "--tls-certificate", certificate, "--tls-key", folder.path("key.pem"),
            ])
            let environment = [
                "XDG_CONFIG_HOME": folder.path("config"), "TENANT_KEY": account.key, "TENANT_SECRET": account.secret,
            ]
            let login = [
                "login", "--server", server.address, "--tenant", account.tenant, "--organization", account.organization,
                "--user", account.user, "--username", account.username, "--password-stdin",
            ]
            func run(_ arguments: [String]) async throws -> Finished {
                try await Executable.finhub(arguments, environment: environment, input: account.password)
            }

            let stranger = try await run(login)
            #expect(stranger.status == 69, "\(stranger.said)")
            #expect(stranger.errors.contains("CLIENT_TLS_FAILED"))
            let missing = try await run(login + ["--ca-file", folder.path("nowhere.pem")])
            #expect(missing.status == 78, "\(missing.said)")
            let trusted = try await run(login + ["--ca-file", certificate])
            #expect(trusted.status == 0, "\(trusted.said)")
            // The profile remembers it.
            #expect(try await run(["whoami"]).status == 0)
            try await server.kill()
        }
    }
}
