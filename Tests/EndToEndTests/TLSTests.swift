import Foundation
import Testing

extension EndToEnd {
    /// TLS by certificate and key file (security, *HTTP*): 1.2 at least, AEAD with ECDHE.
    @Suite("TLS")
    struct TLSTests {
        @Test("answers over HTTPS with a certificate that the client can check")
        func https() async throws {
            let (server, folder) = try await secureServer()
            #expect(server.address.hasPrefix("https://"))
            let curl = "curl --silent --show-error --noproxy '*' --cacert '\(folder.path("certificate.pem"))'"
            let finished = try await Executable.shell("\(curl) --write-out ' %{http_code}' \(server.address)/livez")
            #expect(finished.status == 0, "\(finished.errors)")
            #expect(finished.output == "up\n 200")
            let plain = try await Executable.shell("curl --silent --noproxy '*' http://127.0.0.1:\(server.port)/livez")
            #expect(plain.output.isEmpty)
            #expect(plain.status != 0, "plain HTTP was answered on the TLS port")
        }

        @Test("speaks TLS 1.2 and 1.3", arguments: ["-tls1_2", "-tls1_3"])
        func accepted(version: String) async throws {
            let (server, _) = try await secureServer()
            let finished = try await handshake(server, version)
            #expect(finished.status == 0, "\(finished.said)")
        }

        @Test("refuses TLS 1.0 and 1.1", arguments: ["-tls1", "-tls1_1"])
        func refusedVersion(version: String) async throws {
            let (server, _) = try await secureServer()
            let finished = try await handshake(server, version)
            #expect(finished.status != 0)
            // 70: protocol_version (RFC 8446, section 6): it is the server that refused.
            #expect(finished.said.contains("SSL alert number 70"), "\(finished.said)")
        }

        @Test(
            "refuses cipher suites without forward secrecy or authenticated encryption",
            arguments: ["AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA"]
        )
        func refusedCipher(suite: String) async throws {
            let (server, _) = try await secureServer()
            let finished = try await handshake(server, "-tls1_2", cipher: suite)
            #expect(finished.status != 0)
            // 40: handshake_failure.
            #expect(finished.said.contains("SSL alert number 40"), "\(finished.said)")
        }

        @Test("a client that never says hello is cut off")
        func silence() async throws {
            let (server, _) = try await secureServer("--header-timeout", "1")
            let received = try await offPool { try RawConnection(port: server.port).receive(within: .seconds(15)) }
            #expect(received.isClosed)
        }

        @Test("half of a certificate and key is refused by name", arguments: ["--tls-certificate", "--tls-key"])
        func half(option: String) async throws {
            let installation = try await Installation(in: try TemporaryFolder())
            try await Self.makeCertificate(in: installation.folder)
            let finished = try await installation.refusedServe([option, installation.folder.path("certificate.pem")])
            #expect(finished.status == 78)
            #expect(finished.errors.contains("tls-certificate") && finished.errors.contains("tls-key"))
        }

        private func secureServer(_ options: String...) async throws -> (RunningServer, TemporaryFolder) {
            let installation = try await Installation(in: try TemporaryFolder())
            let folder = installation.folder
            try await Self.makeCertificate(in: folder)
            let files = ["--tls-certificate", folder.path("certificate.pem"), "--tls-key", folder.path("key.pem")]
            return (try await installation.serve(files + options), folder)
        }

        /// Makes `certificate.pem`, which signs itself, and `key.pem` for 127.0.0.1.
        static func makeCertificate(in folder: TemporaryFolder) async throws {
            let finished = try await Executable.shell(
                """
                openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=finhub.test \
                  -addext subjectAltName=IP:127.0.0.1 \
                  -keyout '\(folder.path("key.pem"))' -out '\(folder.path("certificate.pem"))'
                chmod 600 '\(folder.path("key.pem"))'
                """
            )
            try #require(finished.status == 0, "\(finished.errors)")
        }

        /// Tries to agree on TLS with the server, with everything allowed on the client's side.
        private func handshake(
            _ server: RunningServer,
            _ version: String,
            cipher: String = "ALL"
        ) async throws -> Finished {
            try await Executable.shell(
                """
                openssl s_client -connect 127.0.0.1:\(server.port) \(version) \
                  -cipher '\(cipher):@SECLEVEL=0' </dev/null
                """
            )
        }
    }
}
