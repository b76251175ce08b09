import FinHubAPI
import FinHubCore
import FinHubTestSupport
import HTTPTypes
import Testing

@Suite("Log in with a second factor")
struct SecondFactorLoginTests {
    @Test("a code is asked for once everything else was right, and of nobody else")
    func asked() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            let (phone, _) = try await server.enrol(by: lin.token)
            let answer = try await server.login(.lin)
            #expect(answer.status == 401)
            #expect(answer.error == "OTP_REQUIRED")
            #expect(answer.headers[.wwwAuthenticate] == "Bearer realm=\"finhub\"")
            #expect(try await server.login(.lin, password: "wrong").error == "INVALID_CREDENTIALS")
            let code = phone.code(at: server.clock.now)
            let wrongPassword = try await server.login(.lin, otp: code, password: "wrong")
            #expect(wrongPassword.error == "INVALID_CREDENTIALS")
            // The wrong password did not use up the code.
            #expect(try await server.login(.lin, otp: code).status == 200)
            #expect(try await server.login(.kai).status == 200)
            #expect(try await server.login(.kai, otp: "whatever").status == 200)
        }
    }

    @Test("a wrong code answers as a wrong password does")
    func wrong() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            let (phone, codes) = try await server.enrol(by: lin.token)
            let kai = try Tokens(try await server.login(.kai))
            let (otherPhone, otherCodes) = try await server.enrol(.kai, by: kai.token)
            let wrongPassword = try await server.login(.lin, password: "wrong")
            let recovery = try #require(codes.first)
            let otherRecovery = try #require(otherCodes.first)
            for otp in [
                phone.code(at: server.clock.now, steps: 2), phone.code(at: server.clock.now, steps: -2), "000 00", "x",
                otherPhone.code(at: server.clock.now), otherRecovery, String(recovery.dropLast()),
            ] {
                try await server.unlock(.lin)
                let answer = try await server.login(.lin, otp: otp)
                #expect(answer.status == 401)
                #expect(answer.json == wrongPassword.json)
                #expect(answer.headers[.wwwAuthenticate] == "Bearer realm=\"finhub\"")
            }
        }
    }

    @Test("a code that is no string, empty or too long is a bad field")
    func malformed() async throws {
        try await withOffice { server in
            for otp in ["7", "\"\"", "[]", "\"\(String(repeating: "1", count: 65))\""] {
                let body = """
                    {"username":"u","password":"p","tenantKey":"k","tenantSecret":"s","otp":\(otp)}
                    """
                let answer = try await server.call(.post, Account.lin.sessionsPath, body: body)
                #expect(answer.status == 400)
                #expect(answer.data?["field"]?.string == "otp")
            }
            let null = #"{"username":"u","password":"p","tenantKey":"k","tenantSecret":"s","otp":null}"#
            let answer = try await server.call(.post, Account.lin.sessionsPath, body: null)
            #expect(answer.error == "INVALID_TENANT_CREDENTIALS")
        }
    }

    @Test("a code is good one step early and late, once, and none before it afterwards")
    func once() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            let (phone, _) = try await server.enrol(by: lin.token)
            let now = server.clock.now
            // Confirming used up the step before this.
            #expect(try await server.login(.lin, otp: phone.code(at: now, steps: -1)).error == "INVALID_CREDENTIALS")
            #expect(try await server.login(.lin, otp: phone.code(at: now, steps: 1)).status == 200)
            for steps: Int64 in [-1, 0, 1] {
                let answer = try await server.login(.lin, otp: phone.code(at: now, steps: steps))
                #expect(answer.error == "INVALID_CREDENTIALS")
            }
            server.clock.advance(by: 90)
            #expect(try await server.login(.lin, otp: phone.code(at: server.clock.now, steps: -1)).status == 200)
        }
    }

    @Test("of sixteen logins at once with one code one gets in")
    func race() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            let (phone, codes) = try await server.enrol(by: lin.token)
            let recovery = try #require(codes.first)
            for otp in [phone.code(at: server.clock.now), recovery] {
                try await server.unlock(.lin)
                let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<16 { group.addTask { try await server.login(.lin, otp: otp).status } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(statuses.count(where: { $0 == 200 }) == 1)
                #expect(Set(statuses).isSubset(of: [200, 401, 429]))
            }
        }
    }

    @Test(
        "a used code can't be used again by setting back the clock, over a restart too",
        arguments: [30, 7_200] as [Int64]
    )
    func clockSetBack(seconds: Int64) async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            let (phone, codes) = try await server.enrol(by: lin.token)
            let spare = try #require(codes.first)
            let before = phone.code(at: server.clock.now)
            server.clock.advance(by: seconds)
            let used = phone.code(at: server.clock.now)
            #expect(try await server.login(.lin, otp: used).status == 200)
            try await server.another { server in
                let again = try await server.login(.lin, otp: used)
                #expect(again.error == "INVALID_CREDENTIALS")
                server.clock.advance(by: -seconds)
                #expect(try await server.login(.lin, otp: used).error == "INVALID_CREDENTIALS")
                #expect(try await server.login(.lin, otp: before).error == "INVALID_CREDENTIALS")
                // Until the clock is back where it was, paper helps.
                #expect(try await server.login(.lin, otp: spare).status == 200)
                server.clock.advance(by: seconds + 30)
                #expect(try await server.login(.lin, otp: phone.code(at: server.clock.now)).status == 200)
            }
        }
    }

    @Test("each recovery code lets in once, however it is typed")
    func recovery() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            let (_, codes) = try await server.enrol(by: lin.token)
            #expect(codes.count == 10)
            for (number, code) in codes.enumerated() {
                let typed = number.isMultiple(of: 2) ? code : code.lowercased().replacing("-", with: " ")
                #expect(try await server.login(.lin, otp: typed).status == 200)
                #expect(try await server.login(.lin, otp: code).error == "INVALID_CREDENTIALS")
            }
            let left = try await server.factor(.get, by: lin.token)
            #expect(left.data?["recoveryCodesLeft"] == .number("0"))
        }
    }

    @Test("a seed that was moved to another user's row lets nobody in")
    func moved() async throws {
        try await withOffice { server in
            let kai = try Tokens(try await server.login(.kai))
            let (phone, _) = try await server.enrol(.kai, by: kai.token)
            let factors = server.stores.secondFactors
            let factor = try #require(try await factors.factor(of: Account.kai.user, in: Account.kai.tenant))
            let moved = try await factors.begin(
                of: Account.lin.user,
                in: Account.lin.tenant,
                sealedSeed: factor.sealedSeed,
                at: server.clock.now
            )
            #expect(moved)
            let step = CheckedCode.Proof.step(1, sealedSeed: factor.sealedSeed)
            let code = CheckedCode(step, of: Account.lin.user, in: Account.lin.tenant, at: server.clock.now)
            #expect(try await factors.spend(code, for: .confirmation(recoveryCodes: [])))
            try await server.beat()
            let answer = try await server.login(.lin, otp: phone.code(at: server.clock.now))
            #expect(answer.status == 500)
            #expect(try await server.login(.kai, otp: phone.code(at: server.clock.now)).status == 200)
        }
    }
}
