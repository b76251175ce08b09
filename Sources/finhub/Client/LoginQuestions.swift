import FinHubAPI
import FinHubClient
import Foundation

/// Finds out what a login needs: from flags, the environment, the last login, or the person at the
/// terminal, in that order.
struct LoginQuestions {
    /// The profile as it was left by the last login.
    let last: Profile?
    private let environment = EnvironmentReader(ProcessInfo.processInfo.environment)

    init(last: Profile?) {
        self.last = last
    }

    /// One of a profile's values.
    ///
    /// - Throws: ``ClientFailure`` when nobody knows it.
    func answer(
        _ given: String?,
        _ variable: String,
        _ member: KeyPath<Profile, String>,
        _ question: String,
        flag: String
    ) throws -> String {
        if let given { return given }
        if let value = try environment.value(ofFirst: [variable]) { return value }
        if let last { return last[keyPath: member] }
        return try ask(or: ["Pass --\(flag), or set \(variable)."]) { try Prompt.ask(question) }
    }

    /// The secrets of a login.
    ///
    /// - Parameters:
    ///   - username: Whose password.
    ///   - password: From standard input; `nil` when it is not to come from there.
    /// - Returns: All that a login proves itself with.
    /// - Throws: ``ClientFailure`` when one can't be had, `FinHubClientError` when a file can't be read.
    func credentials(username: String, password: Secret<String>?) throws -> LoginCredentials {
        LoginCredentials(
            username: username,
            password: try password
                ?? secret(
                    [ClientVariables.password],
                    "Password of \(username)",
                    remedy: "Pass --password-stdin, or set FINHUB_PASSWORD or FINHUB_PASSWORD_FILE."
                ),
            tenantKey: try secret(
                ClientVariables.tenantKey,
                "Tenant key",
                remedy: "Set TENANT_KEY, or TENANT_KEY_FILE to the path of a file that holds it."
            ).reveal(),
            tenantSecret: try secret(
                ClientVariables.tenantSecret,
                "Tenant secret",
                remedy: "Set TENANT_SECRET, or TENANT_SECRET_FILE to the path of a file that holds it."
            )
        )
    }

    /// Runs `logIn` with the second factor's code that the environment has, if any; once more with one from the
    /// person at the terminal, when the server asks for it.
    ///
    /// - Throws: ``ClientFailure``; `FinHubClientError` when the code's file can't be read.
    func askingForCode(_ logIn: (_ code: Secret<String>?) async throws -> Void) async throws {
        do {
            try await logIn(environment.value(ofFirst: [ClientVariables.otp]).map { Secret($0) })
        } catch let failure as ClientFailure where failure.code == .otpRequired {
            let code = try ask(or: ["Set \(ClientVariables.otp) to the code, or log in at a terminal."]) {
                try Prompt.askSecretly("Code of the second factor")
            }
            try await logIn(code)
        }
    }

    private func secret(_ variables: [String], _ question: String, remedy: String) throws -> Secret<String> {
        if let value = try environment.value(ofFirst: variables) { return Secret(value) }
        return try ask(or: [remedy]) { try Prompt.askSecretly(question) }
    }

    private func ask<Answer>(or remedies: [String], _ prompt: () throws -> Answer) throws -> Answer {
        guard Prompt.isPossible else {
            throw ClientFailure(
                status: .usage,
                message: "Something is missing, and there is no terminal to ask at.",
                suggestions: remedies
            )
        }
        return try prompt()
    }
}

extension LoginCredentials {
    func with(otp: Secret<String>?) -> LoginCredentials {
        LoginCredentials(
            username: username,
            password: password,
            tenantKey: tenantKey,
            tenantSecret: tenantSecret,
            otp: otp
        )
    }
}
