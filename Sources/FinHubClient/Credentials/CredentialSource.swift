import FinHubAPI
import Foundation

/// Where the credentials of a login are kept.
///
/// It is asked at every login, and once more when a login is refused: a secret that was rotated in
/// between needs no restart.
public struct CredentialSource: Sendable {
    private let read: @Sendable () async throws -> LoginCredentials

    /// Asks `read`: for a secret manager of any kind.
    ///
    /// Whatever it throws becomes ``FinHubAPI/ErrorCode/clientCredentialsUnavailable``; its words are
    /// logged nowhere, for they might quote the secret.
    public init(_ read: @escaping @Sendable () async throws -> LoginCredentials) {
        self.read = read
    }

    /// Always these.
    public static func fixed(_ credentials: LoginCredentials) -> CredentialSource {
        CredentialSource { credentials }
    }

    /// The environment, and the files that it names.
    ///
    /// Each value comes from the first of these that is set: `FINHUB_NAME`, `FINHUB_NAME_FILE`,
    /// `NAME`, `NAME_FILE`, for the names `USERNAME`, `PASSWORD`, `TENANT_KEY` and `TENANT_SECRET`.
    /// `USERNAME` and `PASSWORD` are read with the prefix alone, since shells set them for other purposes.
    /// A file (Docker, Kubernetes and Vault's agent put secrets there) is read anew at each login;
    /// one line end at its end is not part of the value.
    ///
    /// - Parameter environment: Names and values; `nil` for this process's.
    /// - Returns: A source that reads them anew each time.
    public static func environment(_ environment: [String: String]? = nil) -> CredentialSource {
        CredentialSource {
            let reader = EnvironmentReader(environment ?? ProcessInfo.processInfo.environment)
            return LoginCredentials(
                username: try reader.required("FINHUB_USERNAME"),
                password: Secret(try reader.required("FINHUB_PASSWORD")),
                tenantKey: try reader.required("FINHUB_TENANT_KEY", "TENANT_KEY"),
                tenantSecret: Secret(try reader.required("FINHUB_TENANT_SECRET", "TENANT_SECRET"))
            )
        }
    }

    /// The credentials as they are now.
    ///
    /// - Throws: ``FinHubClientError``, or `CancellationError`.
    func credentials() async throws -> LoginCredentials {
        do {
            return try await read()
        } catch let error as CancellationError {
            throw error
        } catch let error as FinHubClientError {
            throw error
        } catch {
            throw FinHubClientError(
                code: .clientCredentialsUnavailable,
                message: "The credentials could not be read: the source threw \(type(of: error)).",
                suggestions: ["Check the place where the credentials are kept, and that this process may read it."]
            )
        }
    }
}

extension CredentialSource: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "CredentialSource(‹redacted›)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Reads variables, and the files that they name.
package struct EnvironmentReader {
    private let environment: [String: String]

    package init(_ environment: [String: String]) {
        self.environment = environment
    }

    /// The value of the first of `names` that is set, itself or as `…_FILE`.
    ///
    /// - Throws: ``FinHubClientError`` that says which name is missing or which file can't be read.
    func required(_ names: String...) throws -> String {
        if let value = try value(ofFirst: names) { return value }
        throw FinHubClientError(
            code: .clientCredentialsUnavailable,
            message: "\(names.joined(separator: " or ")) is not set.",
            suggestions: names.map { "Set \($0), or \($0)_FILE to the path of a file that holds it." }
        )
    }

    /// The value of the first of `names` that is set, itself or as `…_FILE`; `nil` when none is.
    ///
    /// - Throws: ``FinHubClientError`` that says which file can't be read.
    package func value(ofFirst names: [String]) throws -> String? {
        for name in names {
            if let value = environment[name], !value.isEmpty { return value }
            if let path = environment[name + "_FILE"], !path.isEmpty { return try contents(of: path, for: name) }
        }
        return nil
    }

    private func contents(of path: String, for name: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path), data.count <= 64 * 1_024,
            var text = String(validating: data, as: UTF8.self)
        else {
            throw FinHubClientError(
                code: .clientCredentialsUnavailable,
                message: "The file that \(name)_FILE names can't be read as text: \(path).",
                suggestions: ["Check that the file is there and that this process may read it."]
            )
        }
        if text.last?.isNewline == true { text.removeLast() }
        return text
    }
}
