import FinHubAPI
import FinHubCore
import FinHubTestSupport
import HTTPTypes
import Testing

@Suite("Second-factor routes")
struct SecondFactorRouteTests {
    @Test("enrolling shows the seed once and the recovery codes once, and counts from the first code on")
    func enrolment() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            let none = try await server.factor(.get, by: lin.token)
            #expect(none.data?["enrolled"] == .bool(false))
            #expect(none.data?["confirmedAt"] == .null)
            #expect(none.data?["recoveryCodesLeft"] == .number("0"))
            let begun = try await server.factor(.post, by: lin.token)
            let secret = try begun.text("secret")
            #expect(secret.utf8.count == 32)
            #expect(begun.headers[.cacheControl] == "no-store")
            let uri = """
                otpauth://totp/%C3%9Cnit%3A%203:admin3%40example.org?secret=\(secret)&issuer=%C3%9Cnit%3A%203\
                &algorithm=SHA1&digits=6&period=30
                """
            #expect(try begun.text("otpauthUri") == uri)
            // Nothing is asked for yet.
            #expect(try await server.factor(.get, by: lin.token).json == none.json)
            #expect(try await server.login(.lin).status == 200)
            let code = try Phone(begun).code(at: server.clock.now)
            let confirmed = try await server.factor(.put, by: lin.token, otp: code)
            #expect(confirmed.status == 200)
            let codes = try #require(confirmed.recoveryCodes)
            #expect(Set(codes).count == 10)
            #expect(confirmed.headers[.cacheControl] == "no-store")
            let shown = try await server.factor(.get, by: lin.token)
            #expect(shown.data?["enrolled"] == .bool(true))
            #expect(try shown.text("confirmedAt") == server.clock.now.description)
            #expect(shown.data?["recoveryCodesLeft"] == .number("10"))
            #expect(shown.data?.members.count == 3)
            #expect(try await server.login(.lin).error == "OTP_REQUIRED")
        }
    }

    @Test("beginning takes the present password, for a token alone may be a stolen one; guessing at it costs waits")
    func password() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            #expect(try await server.factor(.post, by: lin.token, password: nil).status == 415)
            let none = try await server.factor(.post, by: lin.token, password: "")
            #expect(none.status == 400)
            #expect(try none.text("field") == "currentPassword")
            for _ in 0..<5 {
                let wrong = try await server.factor(.post, by: lin.token, password: "a wrong guess")
                #expect(wrong.status == 401)
                #expect(wrong.error == "INVALID_CREDENTIALS")
            }
            #expect(try await server.factor(.post, by: lin.token).error == "TOO_MANY_ATTEMPTS")
            try await server.unlock(.lin)
            #expect(try await server.factor(.post, by: lin.token).status == 200)
        }
        try await withOffice(requiresSecondFactor: true) { server in
            let lin = try Tokens(try await server.login(.lin))
            #expect(try await server.factor(.post, by: lin.token, password: nil).status == 200)
        }
    }

    @Test("a seed that was not confirmed is replaced, one in force is not")
    func replaced() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            #expect(try await server.factor(.put, by: lin.token, otp: "000000").error == "SECOND_FACTOR_NOT_FOUND")
            let first = try Phone(try await server.factor(.post, by: lin.token))
            let second = try Phone(try await server.factor(.post, by: lin.token))
            let late = try await server.factor(.put, by: lin.token, otp: first.code(at: server.clock.now))
            #expect(late.status == 401)
            #expect(late.error == "INVALID_CREDENTIALS")
            #expect(late.headers[.wwwAuthenticate] == "Bearer realm=\"finhub\"")
            #expect(try await server.login(.lin).status == 200)
            let code = second.code(at: server.clock.now)
            #expect(try await server.factor(.put, by: lin.token, otp: code).status == 200)
            let again = try await server.factor(.post, by: lin.token)
            #expect(again.status == 409)
            #expect(again.error == "SECOND_FACTOR_EXISTS")
            let next = second.code(at: server.clock.now, steps: 1)
            #expect(try await server.factor(.put, by: lin.token, otp: next).error == "SECOND_FACTOR_EXISTS")
            #expect(try await server.login(.lin, otp: next).status == 200)
        }
    }

    @Test("who must have a second factor can do nothing but enrol, and after a refresh everything")
    func required() async throws {
        try await withOffice(requiresSecondFactor: true) { server in
            let lin = try Tokens(try await server.login(.lin))
            for answer in [
                try await server.current(lin.token, .lin),
                try await server.factor(.delete, by: lin.token, otp: "000000"),
                try await server.factor(.post, .lin, "/recovery-codes", by: lin.token, otp: "000000"),
                try await server.factor(.get, .kai, by: lin.token), try await server.factor(.post, .kai, by: lin.token),
            ] {
                #expect(answer.status == 403)
                #expect(answer.error == "SECOND_FACTOR_REQUIRED")
            }
            #expect(try await server.factor(.get, by: lin.token).status == 200)
            let (phone, _) = try await server.enrol(by: lin.token)
            #expect(try await server.current(lin.token, .lin).error == "SECOND_FACTOR_REQUIRED")
            let renewed = try Tokens(try await server.refresh(lin, tenant: Account.lin.slug))
            #expect(try await server.current(renewed.token, .lin).status == 200)
            let code = phone.code(at: server.clock.now)
            let next = try Tokens(try await server.login(.lin, otp: code))
            #expect(try await server.current(next.token, .lin).status == 200)
            // Without the factor it is as it was in the beginning.
            let after = phone.code(at: server.clock.now, steps: 1)
            #expect(try await server.factor(.delete, by: next.token, otp: after).status == 200)
            let last = try Tokens(try await server.login(.lin))
            #expect(try await server.current(last.token, .lin).error == "SECOND_FACTOR_REQUIRED")
        }
    }

    @Test("new recovery codes cost a code and make the old ones worthless")
    func renewal() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            func renew(_ otp: String) async throws -> Answer {
                try await server.factor(.post, .lin, "/recovery-codes", by: lin.token, otp: otp)
            }
            #expect(try await renew("000000").error == "SECOND_FACTOR_NOT_FOUND")
            let (phone, old) = try await server.enrol(by: lin.token)
            #expect(try await renew(phone.code(at: server.clock.now, steps: -1)).error == "INVALID_CREDENTIALS")
            let code = phone.code(at: server.clock.now)
            let new = try #require(try await renew(code).recoveryCodes)
            #expect(new.count == 10)
            #expect(try await renew(code).error == "INVALID_CREDENTIALS")
            for code in old {
                try await server.unlock(.lin)
                #expect(try await server.login(.lin, otp: code).error == "INVALID_CREDENTIALS")
            }
            let last = try #require(new.last)
            #expect(try await server.login(.lin, otp: last).status == 200)
        }
    }

    @Test("the own factor goes with a code of either kind, and the sessions stay", arguments: [false, true])
    func ownRemoval(byRecoveryCode: Bool) async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            #expect(try await server.factor(.delete, by: lin.token, otp: "000000").error == "SECOND_FACTOR_NOT_FOUND")
            let (phone, codes) = try await server.enrol(by: lin.token)
            let recovery = try #require(codes.first)
            let code = byRecoveryCode ? recovery : phone.code(at: server.clock.now)
            let used = phone.code(at: server.clock.now, steps: -1)
            #expect(try await server.factor(.delete, by: lin.token, otp: used).error == "INVALID_CREDENTIALS")
            #expect(try await server.factor(.delete, by: lin.token).status == 415)
            #expect(try await server.login(.lin).error == "OTP_REQUIRED")
            #expect(try await server.factor(.delete, by: lin.token, otp: code).status == 200)
            #expect(try await server.factor(.get, by: lin.token).data?["enrolled"] == .bool(false))
            #expect(try await server.login(.lin).status == 200)
            #expect(try await server.enrol(by: lin.token).recoveryCodes.count == 10)
        }
    }

    @Test("another administrator removes a factor without a code, which ends the user's sessions, elsewhere too")
    func withdrawal() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            let kai = try Tokens(try await server.login(.kai))
            #expect(try await server.factor(.delete, by: kai.token).error == "SECOND_FACTOR_NOT_FOUND")
            _ = try await server.enrol(by: lin.token)
            try await server.another { other in
                let removed = try await other.factor(.delete, by: kai.token)
                #expect(removed.status == 200)
                #expect(try await other.current(lin.token, .lin).error == "SESSION_REVOKED")
                #expect(try await other.login(.lin).status == 200)
            }
            try await server.beat()
            #expect(try await server.current(lin.token, .lin).error == "SESSION_REVOKED")
            #expect(try await server.refresh(lin, tenant: Account.lin.slug).error == "SESSION_REVOKED")
            #expect(try await server.login(.lin).status == 200)
            #expect(try await server.current(kai.token, .lin).status == 200)
        }
    }

    @Test("only the user enrols, confirms and renews; anybody of the tenant looks")
    func others() async throws {
        try await withOffice { server in
            let kai = try Tokens(try await server.login(.kai))
            for (method, subpath) in [(.post, ""), (.put, ""), (.post, "/recovery-codes")]
                as [(HTTPRequest.Method, String)]
            {
                let answer = try await server.factor(method, .lin, subpath, by: kai.token, otp: "000000")
                #expect(answer.status == 403)
                #expect(answer.error == "OWN_ACCOUNT_ONLY")
            }
            #expect(try await server.factor(.get, by: kai.token).status == 200)
        }
    }

    @Test("a user of another tenant answers as an unknown one, whatever is asked")
    func otherTenant() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            _ = try await server.enrol(by: lin.token)
            let grace = try await server.session(.grace)
            for (method, subpath) in [(.get, ""), (.post, ""), (.put, ""), (.delete, ""), (.post, "/recovery-codes")]
                as [(HTTPRequest.Method, String)]
            {
                let answers = try await [Account.lin.user, UserID.random()].asyncMap { user in
                    try await server.call(
                        method,
                        "/api/v2.1/admin/users/\(user)/second-factor\(subpath)",
                        tenant: Account.grace.slug,
                        token: grace.token,
                        body: method == .get ? nil : #"{"otp":"000000"}"#
                    )
                }
                #expect(answers.map(\.status) == [404, 404])
                #expect(answers.map(\.error) == ["USER_NOT_FOUND", "USER_NOT_FOUND"])
                #expect(answers.first?.json == answers.last?.json)
            }
            #expect(try await server.login(.lin).error == "OTP_REQUIRED")
            #expect(try await server.current(lin.token, .lin).status == 200)
        }
    }

    @Test("a code must be there, be a string and be of a code's length")
    func fields() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            for body in ["{}", #"{"otp":123456}"#, #"{"otp":""}"#, #"{"otp":null}"#] {
                for method in [HTTPRequest.Method.put, .delete] {
                    let path = Account.lin.factorPath
                    let answer = try await server.call(
                        method,
                        path,
                        tenant: Account.lin.slug,
                        token: lin.token,
                        body: body
                    )
                    #expect(answer.status == 400)
                    #expect(answer.data?["field"]?.string == "otp")
                }
            }
        }
    }
}

extension Sequence {
    fileprivate func asyncMap<Output>(_ transform: (Element) async throws -> Output) async rethrows -> [Output] {
        var outputs: [Output] = []
        for element in self { outputs.append(try await transform(element)) }
        return outputs
    }
}
