import FinHubAPI
import FinHubCore
import FinHubTestSupport
import Foundation
import HTTPTypes
import Testing

@Suite("Password routes")
struct PasswordRouteTests {
    private static let own = "\(Account.lin.user)"

    @Test("one's own password needs the present one, and ends all sessions but the one in use")
    func own() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            let other = try Tokens(try await server.login(.lin))
            #expect(try await server.setPassword(of: Self.own, by: lin.token, from: nil).status == 400)
            let wrong = try await server.setPassword(of: Self.own, by: lin.token, from: "not it, not by far")
            #expect(wrong.status == 401)
            #expect(wrong.error == "INVALID_CREDENTIALS")
            let changed = try await server.setPassword(of: Self.own, by: lin.token, from: Account.password)
            #expect(changed.status == 200)
            #expect(changed.data?["ended"] == .number("1"))
            #expect(try await server.current(lin.token, .lin).status == 200)
            #expect(try await server.refresh(lin, tenant: Account.lin.slug).status == 200)
            #expect(try await server.current(other.token, .lin).error == "SESSION_REVOKED")
            #expect(try await server.login(.lin).error == "INVALID_CREDENTIALS")
            #expect(try await server.login(.lin, password: .fresh).status == 200)
        }
    }

    @Test("guessing one's present password is counted like a login")
    func guessed() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            for _ in 0..<5 {
                let answer = try await server.setPassword(of: Self.own, by: lin.token, from: "wrong, wrong, wrong")
                #expect(answer.status == 401)
            }
            let answer = try await server.setPassword(of: Self.own, by: lin.token, from: Account.password)
            #expect(answer.status == 429)
            #expect(answer.error == "TOO_MANY_ATTEMPTS")
        }
    }

    @Test("none of the last five passwords comes back, and the sixth may")
    func history() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            let passwords = [Account.password] + (1...5).map { "heron \($0) left the quiet pond" }
            for (old, new) in zip(passwords, passwords.dropFirst()) {
                server.clock.advance(by: 1)
                #expect(try await server.setPassword(of: Self.own, by: lin.token, from: old, to: new).status == 200)
            }
            for used in passwords.dropFirst() {
                let answer = try await server.setPassword(of: Self.own, by: lin.token, from: passwords[5], to: used)
                #expect(answer.status == 422)
                #expect(answer.error == "PASSWORD_REJECTED")
            }
            let back = try await server.setPassword(of: Self.own, by: lin.token, from: passwords[5], to: passwords[0])
            #expect(back.status == 200)
        }
    }

    @Test("a password that the rules refuse changes nothing, and the answer says why")
    func rejected() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            let reasons = [
                "short": "fewer than 12", "passwordpassword": "common words", "admin3example.org": "own words",
                Account.password: "last five",
            ]
            for (password, reason) in reasons {
                let answer = try await server.setPassword(
                    of: Self.own,
                    by: lin.token,
                    from: Account.password,
                    to: password
                )
                #expect(answer.status == 422, "\(password)")
                #expect(try answer.text("details").contains(reason))
            }
            for long in [String(repeating: "ab", count: 129), String(repeating: "x", count: 1_025)] {
                let answer = try await server.setPassword(
                    of: Self.own,
                    by: lin.token,
                    from: Account.password,
                    to: long
                )
                #expect(answer.status == 400)
                #expect(answer.error == "VALIDATION_FAILED")
            }
            #expect(try await server.login(.lin).status == 200)
        }
    }

    @Test("somebody else's password is set for once, ends their sessions, and lets them in again")
    func reset() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            let kai = try Tokens(try await server.login(.kai))
            for _ in 0..<6 { _ = try await server.login(.kai, password: "wrong, wrong, wrong") }
            #expect(try await server.login(.kai).status == 429)
            let answer = try await server.reset("\(Account.kai.user)", by: lin.token)
            #expect(answer.status == 200)
            #expect(answer.data?["ended"] == .number("1"))
            let password = try answer.text("temporaryPassword")
            #expect(try await server.current(kai.token, .kai).error == "SESSION_REVOKED")
            let tokens = try Tokens(try await server.login(.kai, password: password))
            #expect(try await server.current(tokens.token, .kai).error == "PASSWORD_CHANGE_REQUIRED")
            let others = try await server.setPassword(of: Self.own, by: tokens.token, from: nil)
            #expect(others.error == "PASSWORD_CHANGE_REQUIRED")
            let set = try await server.setPassword(of: "\(Account.kai.user)", by: lin.token, from: nil)
            #expect(set.status == 200)
            let again = try Tokens(try await server.login(.kai, password: .fresh))
            #expect(try await server.current(again.token, .kai).error == "PASSWORD_CHANGE_REQUIRED")
            let own = try await server.reset(Self.own, by: lin.token)
            #expect(own.status == 403)
            #expect(own.error == "CURRENT_PASSWORD_REQUIRED")
            #expect(try await server.reset("\(Account.ada.user)", by: lin.token).error == "USER_NOT_FOUND")
        }
    }

    @Test("a password too old to sign in with is changed with the tenant's secret and nothing else")
    func expired() async throws {
        try await withOffice(passwordMaximumAgeDays: 30) { server in
            let lin = try Tokens(try await server.login(.lin))
            server.clock.advance(by: 30 * 86_400)
            #expect(try await server.login(.lin).error == "PASSWORD_EXPIRED")
            let other = try await server.changeExpired(username: "admin4@example.org")
            #expect(other.error == "INVALID_CREDENTIALS")
            #expect(try await server.changeExpired(current: "wrong, wrong, wrong").error == "INVALID_CREDENTIALS")
            let stranger = try await server.changeExpired(secret: "not the secret")
            #expect(stranger.status == 403)
            #expect(stranger.error == "INVALID_TENANT_CREDENTIALS")
            #expect(try await server.changeExpired(new: "passwordpassword").error == "PASSWORD_REJECTED")
            #expect(try await server.login(.lin).error == "PASSWORD_EXPIRED")
            #expect(try await server.changeExpired().status == 200)
            #expect(try await server.login(.lin, password: .fresh).status == 200)
            #expect(try await server.current(lin.token, .lin).status == 401)
        }
    }

    @Test("a change without a session asks for the second factor's code")
    func secondFactor() async throws {
        try await withOffice { server in
            let lin = try Tokens(try await server.login(.lin))
            let (phone, _) = try await server.enrol(by: lin.token)
            #expect(try await server.changeExpired().error == "OTP_REQUIRED")
            #expect(try await server.changeExpired(otp: "000000").error == "INVALID_CREDENTIALS")
            let code = phone.code(at: server.clock.now)
            #expect(try await server.changeExpired(new: "short", otp: code).error == "PASSWORD_REJECTED")
            #expect(try await server.changeExpired(new: "x7Kq!m2Z", otp: code).status == 200)
        }
    }
}

extension TestServer {
    fileprivate func changeExpired(
        username: String = Account.lin.username,
        current: String = Account.password,
        new: String = .fresh,
        secret: String = Account.secret,
        otp: String? = nil
    ) async throws -> Answer {
        let basic = Data("\(Account.lin.key):\(secret)".utf8).base64EncodedString()
        let code = otp.map { #","otp":"\#($0)""# } ?? ""
        let body =
            #"{"username":"\#(username)","currentPassword":"\#(current)","newPassword":"\#(new)"\#(code)}"#
        return try await call(
            .post,
            "/api/v2.1/admin/users/\(Account.lin.user)/credentials",
            tenant: Account.lin.slug,
            headers: [.authorization: "Basic \(basic)"],
            body: body
        )
    }
}
