import FinHubAPI
import FinHubClientTesting
import Foundation
import HTTPTypes
import NIOCore
import Synchronization
import Testing

@testable import FinHubClient

@Suite("Logging in", .timeLimit(.minutes(10)))
struct LoginTests {
    @Test("the first call logs in, later calls use the same session")
    func once() async throws {
        let rig = try Rig()
        rig.transport.script(.get, "/thing", .thing(1, headers: [.cacheControl: "no-store"]))
        #expect(try await rig.thing() == 1)
        #expect(try await rig.thing() == 1)
        #expect(rig.logins.count == 1)
        #expect(rig.bearers == ["first", "first"])
    }

    @Test("a login is sent exactly as the reference has it")
    func wire() async throws {
        let rig = try Rig()
        try await rig.client.ensureAuthenticated()
        let login = try #require(rig.logins.first)
        #expect(login.url == "https://finhub.example/api/v2.1" + Rig.loginPath)
        #expect(login.headers[.contentType] == "application/json")
        #expect(login.headers[.tenantID] == "tenant_cloudvault")
        #expect(login.headers[.authorization] == nil)
        #expect(login.headers[.userAgent] == "finhub-sdk-swift/\(FinHubClient.version)")
        let body = try JSON(try #require(login.body).readableBytesView).object
        #expect(body?.members.map(\.name) == ["username", "password", "tenantKey", "tenantSecret"])
        #expect(body?["username"]?.string == "petr.dvorak@cloudvault.io")
        #expect(body?["password"]?.string == Rig.password)
        #expect(body?["tenantKey"]?.string == "canary-tenant-key")
        #expect(body?["tenantSecret"]?.string == Rig.tenantSecret)
    }

    @Test("ten thousand callers without a session cause one login")
    func singleFlight() async throws {
        let rig = try Rig()
        let gate = Gate()
        rig.transport.script(.post, Rig.loginPath, .tokens("first").after(gate))
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<10_000 {
                group.addTask { try await rig.client.ensureAuthenticated().token.reveal() }
            }
            await rig.waitForCallers(10_000)
            gate.open()
            for try await token in group { #expect(token == "first") }
        }
        #expect(rig.transport.requests.count == 1)
    }

    @Test("a refused login is the error of all who wait, and is not tried again for a while")
    func refused() async throws {
        let rig = try Rig { $0.refusedLoginCoolDown = .seconds(30) }
        let gate = Gate()
        rig.transport.script(
            .post,
            Rig.loginPath,
            .refusal(401, .invalidCredentials, details: "No.").after(gate),
            .tokens("second")
        )
        await withTaskGroup(of: FinHubClientError?.self) { group in
            for _ in 0..<100 { group.addTask { await failure { try await rig.client.ensureAuthenticated() } } }
            await rig.waitForCallers(100)
            gate.open()
            for await error in group {
                #expect(error?.code == .invalidCredentials)
                #expect(error?.status == 401)
                #expect(error?.message == "No.")
            }
        }
        rig.clock.advance(by: .seconds(29))
        let later = await failure { try await rig.client.ensureAuthenticated() }
        #expect(later?.code == .invalidCredentials)
        #expect(later?.retryAfter == .seconds(1))
        #expect(rig.logins.count == 1)

        rig.clock.advance(by: .seconds(1))
        #expect(try await rig.client.ensureAuthenticated().token.reveal() == "second")
        #expect(rig.logins.count == 2)
    }

    @Test("credentials that changed meanwhile are tried at once when the old ones are refused")
    func rotation() async throws {
        let reads = Mutex(0)
        let rig = try Rig { configuration in
            configuration.credentials = CredentialSource {
                let read = reads.withLock { reads in
                    reads += 1
                    return reads
                }
                return LoginCredentials(
                    username: "u",
                    password: Secret("p\(read)"),
                    tenantKey: "k",
                    tenantSecret: Secret("s")
                )
            }
        }
        rig.transport.script(.post, Rig.loginPath, .refusal(401, .invalidCredentials), .tokens("first"))
        #expect(try await rig.client.ensureAuthenticated().token.reveal() == "first")
        let passwords = try rig.logins.map {
            try JSON(try #require($0.body).readableBytesView).object?["password"]?.string
        }
        #expect(passwords == ["p1", "p2"])
    }

    @Test("a second factor's code goes along, and a used one is followed by the next at once")
    func code() async throws {
        let codes = Mutex(["111111", "222222"])
        let rig = try Rig { configuration in
            configuration.credentials = CredentialSource {
                LoginCredentials(
                    username: "u",
                    password: Secret("p"),
                    tenantKey: "k",
                    tenantSecret: Secret("s"),
                    otp: codes.withLock { $0.isEmpty ? nil : Secret($0.removeFirst()) }
                )
            }
        }
        rig.transport.script(.post, Rig.loginPath, .refusal(401, .invalidCredentials), .tokens("first"))
        #expect(try await rig.client.ensureAuthenticated().token.reveal() == "first")
        let sent = try rig.logins.map { try JSON(try #require($0.body).readableBytesView).object?["otp"]?.string }
        #expect(sent == ["111111", "222222"])
    }

    @Test("credentials that stay the same are not tried twice")
    func unchanged() async throws {
        let rig = try Rig()
        rig.transport.script(.post, Rig.loginPath, .refusal(403, .invalidTenantCredentials))
        _ = await failure { try await rig.client.ensureAuthenticated() }
        #expect(rig.logins.count == 1)
    }

    @Test("a login is repeated while the server is away, and its failure holds off the next")
    func unavailable() async throws {
        let rig = try Rig { $0.retries.attempts = 3 }
        rig.transport.script(.post, Rig.loginPath, .failure(.unreachable))
        let error = await failure { try await rig.client.ensureAuthenticated() }
        #expect(error?.code == .clientUnreachable)
        #expect(error?.isTransient == true)
        #expect(rig.logins.count == 3)
        #expect(await failure { try await rig.client.ensureAuthenticated() }?.code == .clientUnreachable)
        #expect(rig.logins.count == 3)
        rig.clock.advance(by: .seconds(300))
        rig.transport.script(.post, Rig.loginPath, .tokens("first"))
        try await rig.client.ensureAuthenticated()
    }

    @Test("a 429 on login is waited out when that is asked for and there is time")
    func tooMany() async throws {
        let rig = try Rig()
        rig.transport.script(
            .post,
            Rig.loginPath,
            .refusal(429, ErrorCode(rawValue: "TOO_MANY_ATTEMPTS"), headers: [.retryAfter: "7"]),
            .tokens("first")
        )
        try await rig.client.ensureAuthenticated()
        #expect(rig.clock.pauses == [.seconds(7)])
    }

    @Test("credentials that can't be read are a typed error that says nothing of them")
    func unreadable() async throws {
        struct Quoting: Error { let secret = "canary" }
        let rig = try Rig { $0.credentials = CredentialSource { throw Quoting() } }
        let error = await failure { try await rig.client.ensureAuthenticated() }
        #expect(error?.code == .clientCredentialsUnavailable)
        #expect(error?.description.contains("canary") == false)
    }

    @Test("who is cancelled while waiting stops waiting, and the login goes on for the others")
    func cancellation() async throws {
        let rig = try Rig()
        let gate = Gate()
        rig.transport.script(.post, Rig.loginPath, .tokens("first").after(gate))
        let impatient = Task { try await rig.client.ensureAuthenticated() }
        let patient = Task { try await rig.client.ensureAuthenticated() }
        await rig.waitForCallers(2)
        impatient.cancel()
        #expect(await isCancelled { try await impatient.value })
        gate.open()
        #expect(try await patient.value.token.reveal() == "first")
        #expect(rig.logins.count == 1)
    }

    @Test("who is cancelled already does not begin to wait")
    func cancelledBefore() async throws {
        let rig = try Rig()
        let gate = Gate()
        rig.transport.script(.post, Rig.loginPath, .tokens("first").after(gate))
        let late = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await rig.client.ensureAuthenticated()
        }
        #expect(await isCancelled { try await late.value })
        gate.open()
        try await rig.client.ensureAuthenticated()
    }

    @Test("a caller's deadline ends its waiting for a login")
    func deadline() async throws {
        let rig = try Rig()
        let gate = Gate()
        rig.transport.script(.post, Rig.loginPath, .tokens("first").after(gate))
        rig.transport.script(.get, "/thing", .thing())
        async let error = failure { try await rig.thing(options: CallOptions(deadline: .seconds(2))) }
        await rig.waitForCallers(1)
        await rig.clock.waitForSleepers(1)
        rig.clock.advance(by: .seconds(2))
        #expect(await error?.code == .clientDeadlineExceeded)
        gate.open()
        #expect(try await rig.thing() == 1)
    }
}

extension Rig {
    /// Returns once `count` callers wait for a renewal.
    func waitForCallers(_ count: Int) async {
        while client.engine.callersWaiting < count { await Task.yield() }
    }
}
