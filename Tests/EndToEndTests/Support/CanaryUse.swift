import FinHubAPI
import FinHubTestSupport
import Foundation
import NIOHTTP1
import Testing

/// A secret that must not be seen.
struct Canary: Sendable {
    let name: String
    let bytes: Data
    /// The one file of the data folder that may hold it.
    var home: String?
}

/// An answer, as it came over the wire.
struct SeenAnswer: Sendable {
    let what: String
    let bytes: Data
    /// The secrets that this very answer is there to carry.
    let owned: Set<Data>
}

/// Every kind of request, with every kind of secret, also where a secret has no business.
struct CanaryUse {
    let server: RunningServer
    let account: Account
    private(set) var canaries: [Canary] = []
    private(set) var answers: [SeenAnswer] = []
    private let api: APIClient
    private let wrongPassword = "canary-wrong-password-6f1d2a"
    private let wrongSecret = "canary-wrong-secret-83c4e9"
    private let wrongCode = "canary-wrong-code-2b77f0"

    init(server: RunningServer, account: Account) {
        self.server = server
        self.account = account
        api = APIClient(server, tenant: account.tenant)
        add("the password", account.password)
        add("the tenant secret", account.secret)
        add("the Basic header", account.basic)
        add("a wrong password", wrongPassword)
        add("a wrong tenant secret", wrongSecret)
        add("a wrong code", wrongCode)
    }

    /// Does all there is to do.
    mutating func everything() async throws {
        try await logins()
        let tokens = try await session()
        try await introspections(tokens)
        try await hierarchy(tokens)
        try await secondFactor(tokens)
        try await tenantCredentials(tokens)
        try await malformedBodies(tokens)
        try await oddPlaces(tokens)
        try await rawRequests(tokens)
        try await endings()
    }

    private mutating func logins() async throws {
        var wrong = account
        wrong.password = wrongPassword
        note("login with a wrong password", try await api.tryLogin(as: wrong), 401)
        wrong = account
        wrong.secret = wrongSecret
        note("login with a wrong secret", try await api.tryLogin(as: wrong), 403)
        wrong = account
        (wrong.username, wrong.password) = (account.password, account.secret)
        note("login with everything one place off", try await api.tryLogin(as: wrong), 401)
        let nowhere = APIClient(server, tenant: "tenant_unknown")
        note("login to an unknown tenant", try await nowhere.tryLogin(as: account), 403)
    }

    /// A session that was looked at, refreshed, and retried.
    private mutating func session() async throws -> SessionTokens {
        let login = try await api.tryLogin(as: account)
        note("login", login, 200)
        let first = try SessionTokens(login)
        let refresh = try await api.refresh(first)
        note("refresh", refresh, 200)
        note("retried refresh", try await api.refresh(first), 200)
        let tokens = try SessionTokens(refresh)
        note("current session", try await api.current(tokens.access), 200)
        note("one session", try await api.send(.GET, "/admin/sessions/\(tokens.session)", token: tokens.access), 200)
        note("sessions", try await api.send(.GET, account.sessionsPath + "?status=all", token: tokens.access), 200)
        return tokens
    }

    private mutating func introspections(_ tokens: SessionTokens) async throws {
        var wrong = account
        wrong.secret = wrongSecret
        add("a wrong Basic header", wrong.basic)
        for token in [tokens.access, tokens.access + "x", tokens.refresh, account.password] {
            for basic in [account.basic, wrong.basic] {
                let answer = try await api.send(
                    .POST,
                    "/admin/sessions/introspect",
                    body: #"{"token":"\#(token)"}"#,
                    headers: ["Authorization": "Basic \(basic)"]
                )
                note("introspection", answer, basic == account.basic ? 200 : 403)
            }
        }
    }

    /// A rotation, the use of the new secret, and secrets where a key belongs.
    private mutating func tenantCredentials(_ tokens: SessionTokens) async throws {
        let path = "/admin/tenant/credentials"
        let rotation = try await api.send(.POST, path, token: tokens.access, body: "{}")
        note("rotation", rotation, 201)
        var renewed = account
        renewed.key = try #require(rotation.data("tenantKey"))
        renewed.secret = try #require(rotation.data("tenantSecret"))
        note("login with the new secret", try await api.tryLogin(as: renewed), 200)
        note("rotation beyond the limit", try await api.send(.POST, path, token: tokens.access, body: "{}"), 409)
        note("credentials", try await api.send(.GET, path, token: tokens.access), 200)
        note("clients", try await api.send(.GET, path + "/\(renewed.key)/clients", token: tokens.access), 200)
        for secret in [account.secret, renewed.secret, tokens.access] {
            note("a secret as a key", try await api.send(.DELETE, path + "/\(secret)", token: tokens.access), 404)
        }
    }

    private mutating func hierarchy(_ tokens: SessionTokens) async throws {
        let read = try await api.send(.GET, account.hierarchyPath, token: tokens.access)
        note("hierarchy", read, 200)
        let tag = try #require(read.headers.first(name: "ETag"))
        let categories = try #require(read.data?["categories"])
        let features = try #require(read.data?["features"])
        var writer = JSONWriter()
        writer.object {
            $0.name("categories")
            $0.value(categories)
            $0.name("features")
            $0.value(features)
        }
        let body = String(decoding: writer.bytes, as: UTF8.self)
        for (match, status) in [(tag, UInt(200)), ("\"\(account.secret)\"", 412)] {
            let headers: HTTPHeaders = ["If-Match": match]
            note(
                "replaced hierarchy",
                try await api.send(.PUT, account.hierarchyPath, token: tokens.access, body: body, headers: headers),
                status
            )
        }
        let broken = #"{"categories":"\#(account.password)","features":["\#(tokens.refresh)"]}"#
        note(
            "broken hierarchy",
            try await api.send(
                .PUT,
                account.hierarchyPath,
                token: tokens.access,
                body: broken,
                headers: ["If-Match": tag]
            ),
            400
        )
    }

    /// A second factor from its seed to its removal; codes of six digits are too short to be looked for.
    private mutating func secondFactor(_ tokens: SessionTokens) async throws {
        let path = "/admin/users/\(account.user)/second-factor"
        let password = #"{"currentPassword":"\#(account.password)"}"#
        let begun = try await api.send(.POST, path, token: tokens.access, body: password)
        note("enrolment", begun, 200)
        let secret = try #require(begun.data("secret"))
        let phone = try #require(Phone(secret: secret))
        canaries.append(Canary(name: "the seed", bytes: Data(phone.seed)))
        let now = Timestamp(seconds: Int64(Date.now.timeIntervalSince1970))
        let code = phone.code(at: now)
        for (otp, status) in [(wrongCode, UInt(401)), (code, 200), (code, 409)] {
            let answer = try await api.send(.PUT, path, token: tokens.access, body: #"{"otp":"\#(otp)"}"#)
            note("confirmation", answer, status)
        }
        note("second factor", try await api.send(.GET, path, token: tokens.access), 200)
        let renewal = #"{"otp":"\#(phone.code(at: now, steps: 1))"}"#
        let renewed = try await api.send(.POST, path + "/recovery-codes", token: tokens.access, body: renewal)
        note("renewal", renewed, 200)
        let codes = renewed.data?["recoveryCodes"]?.array?.compactMap(\.string) ?? []
        try #require(codes.count == 10)
        for (otp, status) in [(wrongCode, UInt(401)), (codes[0], 200), (codes[0], 401)] {
            let body = String(account.loginBody.dropLast()) + #","otp":"\#(otp)"}"#
            note("login with a code", try await api.send(.POST, account.sessionsPath, body: body), status)
        }
        note("login without a code", try await api.tryLogin(as: account), 401)
        let malformed = #"{"otp":["\#(codes[1])"]}"#
        note("malformed code", try await api.send(.PUT, path, token: tokens.access, body: malformed), 400)
        let removal = #"{"otp":"\#(codes[1])"}"#
        note("removal", try await api.send(.DELETE, path, token: tokens.access, body: removal), 200)
    }

    private mutating func malformedBodies(_ tokens: SessionTokens) async throws {
        let good = account.loginBody
        let filler = String(repeating: "x", count: 1_100)
        let bodies = [
            String(good.dropLast()), good + "}", good.replacing("\",\"", with: "\", ,\""),
            "[\(good)]", "\u{FEFF}" + good, #"{"password":"\#(account.password)",\#(good.dropFirst())"#,
            good.replacing(#""\#(account.password)""#, with: #"["\#(account.password)"]"#),
            good.replacing(account.password, with: account.password + #"\ud800"#),
            good.replacing(account.password, with: account.password + "\u{0}"),
            good.replacing(account.password, with: account.password + filler),
            good.replacing(account.secret, with: account.secret + filler),
            good.replacing(#""username""#, with: #""user""#),
        ]
        for body in bodies { note("malformed login", try await api.send(.POST, account.sessionsPath, body: body), 400) }
        let path = "/admin/sessions/\(tokens.session)/refresh"
        for body in [#"{"refreshToken":"\#(tokens.refresh)"#, #"{"refreshToken":["\#(tokens.refresh)"]}"#] {
            note("malformed refresh", try await api.send(.POST, path, token: tokens.access, body: body), 400)
        }
        let altered = #"{"refreshToken":"\#(tokens.refresh.dropLast())"}"#
        note("altered refresh", try await api.send(.POST, path, token: tokens.access, body: altered), 401)
        let media: HTTPHeaders = ["Content-Type": "text/\(account.secret)"]
        note("wrong media type", try await api.send(.POST, account.sessionsPath, body: good, headers: media), 415)
        let large = good + String(repeating: " ", count: 17_000)
        note("large body", try await api.send(.POST, account.sessionsPath, body: large), 413)
    }

    private mutating func oddPlaces(_ tokens: SessionTokens) async throws {
        let query = "token=\(tokens.access)&refreshToken=\(tokens.refresh)&password=\(account.password)"
        for path in [
            "/admin/sessions/current?" + query, account.sessionsPath + "?cursor=" + tokens.access,
            account.sessionsPath + "?status=" + account.password, account.sessionsPath + "?limit=" + account.secret,
            "/admin/sessions/" + tokens.access, "/admin/sessions/" + tokens.refresh, "/" + account.secret,
            "/admin/sessions/\(tokens.session)?" + account.basic,
        ] {
            note("secrets in the target", try await api.send(.GET, path, token: tokens.access), nil)
        }
        let secrets = [tokens.access, tokens.refresh, account.password, account.secret, account.basic]
        for secret in secrets {
            for name in ["Cookie", "X-Api-Key", "Proxy-Authorization", "X-Tenant-ID", "If-None-Match", "Accept"] {
                let headers: HTTPHeaders = [name: secret]
                note(
                    "secrets in \(name)",
                    try await api.send(.GET, "/admin/sessions/current", headers: headers),
                    401,
                    400
                )
            }
            for value in [secret, "Bearer \(secret)x", "Bearer x.\(secret).x", "Basic \(secret)", "Digest \(secret)"] {
                let headers: HTTPHeaders = ["Authorization": value]
                note("odd Authorization", try await api.send(.GET, "/admin/sessions/current", headers: headers), 401)
            }
        }
    }

    /// What no HTTP client would send, and the parser refuses.
    private mutating func rawRequests(_ tokens: SessionTokens) async throws {
        for secret in [tokens.access, tokens.refresh, account.password, account.basic] {
            let head = "GET /api/v2.1/admin/sessions/current HTTP/1.1\r\nHost: finhub\r\n"
            for request in [
                head + "Authorization : Bearer \(secret)\r\n\r\n", head + "\(secret)\r\n\r\n",
                "GET /\(secret) HTTP/9\r\n\r\n", "\(secret)\r\n\r\n", head + "Content-Length: \(secret)\r\n\r\n",
                Login.head(length: 5_000) + secret, Login.chunkedHead + "\(secret)\r\n",
            ] {
                let port = server.port
                let received = try await offPool {
                    let connection = try RawConnection(port: port)
                    connection.send(request.utf8)
                    return connection.receive(within: .milliseconds(200))
                }
                answers.append(SeenAnswer(what: "a raw request", bytes: Data(received.bytes), owned: []))
            }
        }
    }

    private mutating func endings() async throws {
        let reused = try await api.tryLogin(as: account)
        note("login", reused, 200)
        let first = try SessionTokens(reused)
        let second = try SessionTokens(try await api.refresh(first))
        add("access token", second.access)
        add("refresh token", second.refresh)
        note("refresh", try await api.refresh(second), 200)
        note("reuse", try await api.refresh(first), 401)
        note("refresh of a revoked session", try await api.refresh(second), 401)
        let login = try await api.tryLogin(as: account)
        note("login", login, 200)
        let tokens = try SessionTokens(login)
        note("end", try await api.end(tokens), 200)
        note("end again", try await api.end(tokens), 200)
        note("use after the end", try await api.current(tokens.access), 401)
        let last = try await api.tryLogin(as: account)
        note("login", last, 200)
        let bearer = try SessionTokens(last).access
        note("end all", try await api.send(.DELETE, account.sessionsPath, token: bearer), 200)
    }

    /// Keeps an answer, and the tokens it carries as canaries for everything else.
    private mutating func note(_ what: String, _ answer: Answer, _ expected: UInt?...) {
        let statuses = expected.compactMap { $0 }
        #expect(statuses.isEmpty || statuses.contains(answer.status), "\(what): \(answer.status) \(answer.text)")
        var owned: Set<Data> = []
        for (name, member) in [
            ("access token", "token"), ("refresh token", "refreshToken"), ("the seed", "secret"),
            ("the new tenant secret", "tenantSecret"),
        ] {
            guard let token = answer.data(member) else { continue }
            owned.formUnion(add(name, token))
        }
        for code in answer.data?["recoveryCodes"]?.array?.compactMap(\.string) ?? [] {
            owned.formUnion(add("a recovery code", code))
        }
        let head = answer.headers.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
        answers.append(SeenAnswer(what: what, bytes: Data((head + "\n").utf8 + answer.body), owned: owned))
    }

    /// Adds a secret and, of a token, the part that alone gives it its power.
    @discardableResult
    private mutating func add(_ name: String, _ secret: String) -> [Data] {
        let core = name.hasSuffix("token") ? String(secret.suffix(43)) : secret
        let new = Set([secret, core]).map { Data($0.utf8) }
        canaries += new.filter { bytes in !canaries.contains { $0.bytes == bytes } }
            .map { Canary(name: name, bytes: $0) }
        return new
    }
}
