import FinHubAPI
import NIOSSL
import Testing

@testable import FinHubClient

@Suite("Trust")
struct TrustTests {
    @Test("TLS is 1.2 at least, and certificates are checked against the host's name")
    func strict() throws {
        let tls = try HTTPClientTransport.tls(.system)
        #expect(tls.minimumTLSVersion == .tlsv12)
        #expect(tls.certificateVerification == .fullVerification)
    }

    @Test("trust roots that can't be read are an error, and never everybody's")
    func unreadable() {
        #expect(throws: FinHubClientError.self) { try HTTPClientTransport.tls(.file("/nowhere/roots.pem")) }
        #expect(throws: FinHubClientError.self) { try HTTPClientTransport.tls(.file("/dev/null")) }
    }
}
