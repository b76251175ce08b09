import FinHubAPI
import FinHubClientTesting
import Foundation
import HTTPTypes
import Logging
import NIOCore
import Testing

@testable import FinHubClient

@Suite("Nothing printable leaks")
struct RedactionTests {
    private static let canary = "canary"

    @Test("however a value is printed, no secret is in it")
    func printed() async throws {
        let rig = try Rig()
        rig.transport.script(.post, Rig.loginPath, .tokens("canary-token", refreshToken: "canary-refresh"))
        rig.transport.script(.get, "/thing", .success(json: #"{"x":1,"y":"canary-data"}"#))
        let session = try await rig.client.ensureAuthenticated()
        let options = CallOptions(headers: [.cookie: "canary-cookie"])
        let request = FinHubRequest(.post, "/x", body: ByteBuffer(string: "canary-body"), options: options)
        let tokens = StoredTokens(
            session: session.session,
            user: session.user,
            token: Secret("canary-token"),
            refreshToken: Secret("canary-refresh"),
            issuedAt: Timestamp(seconds: 0),
            expiresAt: Timestamp(seconds: 1)
        )
        let key = Secret(Array("canary-canary-canary-canary-cana".utf8))
        let store = MemoryTokenStore()
        let identity = TokenIdentity(server: rig.client.configuration.server, identity: try Rig.identity())
        try await store.save(tokens, for: identity)
        let values: [Any] = [
            rig.client, rig.client.configuration, Rig.credentials, CredentialSource.fixed(Rig.credentials), session,
            options, request, tokens, try TokenSeal(key: key), try FileTokenStore(folder: "/tmp", key: key), store,
            identity, rig.client.sessions, rig.client.hierarchy, rig.client.batch([request]),
            try await rig.client.send(FinHubRequest(.get, "/thing")),
            StreamedResponse(status: .ok, headers: [:], body: ResponseBody(EmptyBody())),
            rig.transport.requests, rig.client.engine,
            CreateSessionBody(
                username: "u",
                password: Secret("canary"),
                tenantKey: "k",
                tenantSecret: Secret("canary"),
                otp: Secret("canary")
            ),
            OTPBody(otp: Secret("canary")), RecoveryCodesBody(recoveryCodes: [Secret("canary")]),
            EnrolmentBody(secret: Secret("canary"), otpauthURI: Secret("canary")),
            RefreshSessionBody(refreshToken: Secret("canary")), IntrospectBody(token: Secret("canary")),
        ]
        for value in values {
            var dumped = ""
            dump(value, to: &dumped)
            for text in [String(describing: value), String(reflecting: value), dumped] {
                #expect(!text.contains(Self.canary), "\(type(of: value)): \(text.prefix(400))")
            }
        }
    }

    @Test("a server that repeats secrets does not get them into errors or the log")
    func repeated() async throws {
        let (logger, lines) = LogBook.logger()
        let rig = try Rig { $0.logger = logger }
        let details = "No: \(Rig.password) and \(Rig.tenantSecret)."
        rig.transport.script(.post, Rig.loginPath, .refusal(401, .invalidCredentials, details: details))
        let error = await failure { try await rig.client.ensureAuthenticated() }
        #expect(error?.message == "No: ‹redacted› and ‹redacted›.")
        #expect(error.map { "\($0)" }?.contains(Self.canary) == false)

        rig.clock.advance(by: .seconds(60))
        rig.transport.script(.post, Rig.loginPath, .tokens("canary-token", refreshToken: "canary-refresh"))
        rig.transport.script(
            .post,
            Rig.refreshPath,
            .refusal(503, .overloaded, details: "canary-token canary-refresh")
        )
        try await rig.client.ensureAuthenticated()
        let failed = await failure { try await rig.client.sessions.refresh() }
        #expect(failed?.message == "‹redacted› ‹redacted›")
        #expect(!lines.all.isEmpty)
        #expect(!lines.all.contains { $0.contains(Self.canary) }, "\(lines.all)")
    }

    @Test("a server that repeats a call's token does not get it into the call's error")
    func repeatedToken() async throws {
        let rig = try Rig()
        rig.transport.script(.post, Rig.loginPath, .tokens("canary-token"))
        rig.transport.script(.get, "/thing", .refusal(403, .tenantMismatch, details: "Not with canary-token."))
        #expect(await failure { try await rig.thing() }?.message == "Not with ‹redacted›.")
    }

    @Test("a server can't forge a line of a log, whichever part of its refusal it tries")
    func forged() async throws {
        let rig = try Rig()
        let data = #"{"error":"X\nerror forged","details":"a\u001b[2J\u202eb\u2066c","suggestions":["d\ne"]}"#
        let answer = #"{"code":400,"message":"","data":\#(data)}"#
        rig.transport.script(.get, "/thing", .raw(400, body: answer))
        rig.transport.script(.get, "/page", .raw(400, headers: [.correlationID: "a\u{202e}b"], body: "<html>"))
        let error = await failure { try await rig.thing() }
        #expect(error?.code.rawValue == "X error forged")
        #expect(error?.message == "a [2J b c")
        #expect(error?.suggestions == ["d e"])
        #expect(await failure { try await rig.client.request(.get, "/page") }?.correlationID == "a b")
    }

    private struct EmptyBody: AsyncSequence, Sendable {
        struct Iterator: AsyncIteratorProtocol {
            mutating func next() async throws -> ByteBuffer? { nil }
        }

        func makeAsyncIterator() -> Iterator { Iterator() }
    }
}
