import FinHubAPI
import FinHubCore
import FinHubTestSupport
import Foundation
import HTTPTypes
import Testing

@testable import FinHubServer

@Suite("Guessing from one client")
struct SprayingTests {
    @Test("a client that fails with many users must wait, whatever its address within its network")
    func spraying() async throws {
        try await withServer { server in
            _ = await server.attempt(.right(from: "2001:db8:1:2::1"))
            for index in 0..<30 { #expect(await server.attempt(.spray(index)) == .isWrong) }
            #expect(await server.attempt(.spray(30)) == .mustWait(60))
            #expect(await server.attempt(.spray(31, from: "2001:db8:1:3::1")) == .isWrong)
            // Ada's sign-ins from there go on, and so does another tenant's whole business.
            #expect(await server.attempt(.right(from: "2001:db8:1:2::1")) == .isIn)
            #expect(await server.attempt(.right(.grace, from: "2001:db8:1:2::1")) == .isIn)
            server.clock.advance(by: 60)
            #expect(await server.attempt(.spray(32)) == .isWrong)
            #expect(await server.attempt(.spray(33)) == .mustWait(120))
            server.clock.advance(by: 3_600)
            for index in 34..<64 { #expect(await server.attempt(.spray(index)) == .isWrong) }
            #expect(await server.attempt(.spray(64)) == .mustWait(60))
        }
    }

    @Test("a client that guesses at a tenant's secret must wait, and who knows it is let in from there too")
    func tenantSecret() async throws {
        try await withServer { server in
            for index in 0..<10 {
                let name = index.isMultiple(of: 2) ? Account.ada.slug : Account.ada.tenant.description.uppercased()
                #expect(await server.attempt(.wrongSecret(tenant: name)) == .isNoCredential)
            }
            #expect(await server.attempt(.wrongSecret()) == .mustWait(60))
            #expect(await server.attempt(.right(from: "203.0.113.9")) == .isIn)
            #expect(await server.attempt(.wrongSecret()) == .mustWait(60))
            #expect(await server.attempt(.wrongSecret(from: "203.0.113.10")) == .isNoCredential)
            #expect(await server.attempt(.right(.grace, from: "203.0.113.9")) == .isIn)
        }
    }

    @Test("a tenant that is not there is guessed at like one that is")
    func noTenant() async throws {
        try await withServer { server in
            let names = [TenantID.random().description, Account.ada.slug, "tenant_x"]
            for name in names {
                let attempts = await server.attempts(11, .wrongSecret(tenant: name))
                #expect(attempts == Array(repeating: .isNoCredential, count: 10) + [.mustWait(60)], "\(name)")
                server.clock.advance(by: 7_200)
            }
        }
    }

    @Test("guessing at many tenants is guessing from one client")
    func tenants() async throws {
        try await withServer { server in
            for index in 0..<30 {
                #expect(await server.attempt(.wrongSecret(tenant: "tenant_x\(index)")) == .isNoCredential)
            }
            #expect(await server.attempt(.wrongSecret(tenant: "tenant_x30")) == .mustWait(60))
            #expect(await server.attempt(.wrongSecret()) == .mustWait(60))
            #expect(await server.attempt(.right(from: "203.0.113.9")) == .isIn)
        }
    }

    @Test("wrong credentials at introspection are guesses at the tenant's secret")
    func introspection() async throws {
        try await withServer { server in
            let tokens = try await server.session()
            let body = #"{"token":"\#(tokens.token)"}"#
            func introspect(_ secret: String) async throws -> Answer {
                let basic = Data("\(Account.ada.key):\(secret)".utf8).base64EncodedString()
                let path = "/api/v2.1/admin/sessions/introspect"
                return try await server.call(.post, path, headers: [.authorization: "Basic \(basic)"], body: body)
            }
            for _ in 0..<10 { #expect(try await introspect("wrong").error == "INVALID_TENANT_CREDENTIALS") }
            let answer = try await introspect("wrong")
            #expect(answer.error == "TOO_MANY_ATTEMPTS")
            #expect(answer.headers[.retryAfter] == "60")
            #expect(try await introspect(Account.secret).status == 200)
        }
    }
}

extension Attempt {
    /// A guess at the `index`th of many users.
    fileprivate static func spray(_ index: Int, from address: String? = nil) -> Attempt {
        Attempt(
            address: address ?? "2001:db8:1:2::\(index)",
            user: UserID(high: 9, low: UInt64(index)),
            username: "user\(index)"
        )
    }
}
