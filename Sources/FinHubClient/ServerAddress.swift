import FinHubAPI
import Foundation

/// Where a FinHub host is: scheme, host, port, and a path when it stands below one.
public struct ServerAddress: Hashable, Sendable {
    /// Where plain HTTP is good enough.
    public enum PlainHTTP: Sendable {
        /// To this host alone.
        case loopback
        /// Anywhere: something else protects the way, such as a service mesh.
        case anywhere
    }

    /// `https://host:port/path`, without a slash at the end.
    package let url: String
    /// The host alone, as it is in ``url``.
    package let host: String
    package let port: Int

    /// Reads an address such as `https://sandbox.finhub.cloud`.
    ///
    /// - Throws: ``FinHubClientError`` with ``FinHubAPI/ErrorCode/clientInvalidConfiguration`` when
    ///   it is no address, has a user, a query or a fragment, or is plain HTTP where that is not allowed.
    public init(_ text: String, plainHTTP: PlainHTTP = .loopback) throws {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "https" || scheme == "http",
            let host = parts.percentEncodedHost, !host.isEmpty
        else { throw Self.invalid("The server's address must look like https://finhub.example.") }
        guard parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil else {
            throw Self.invalid("The server's address must have no user, query or fragment.")
        }
        guard scheme == "https" || plainHTTP == .anywhere || Self.isLoopback(host) else {
            throw Self.invalid("Plain HTTP would send secrets in the clear; use https.")
        }
        let path = String(parts.percentEncodedPath.reversed().drop { $0 == "/" }.reversed())
        guard path.isEmpty || APIPath(path).encoded != nil else {
            throw Self.invalid("The path of the server's address is malformed.")
        }
        self.host = host
        port = parts.port ?? (scheme == "https" ? 443 : 80)
        url = "\(scheme)://\(host)\(parts.port.map { ":\($0)" } ?? "")\(path)"
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "[::1]"
            || host.wholeMatch(of: /127\.\d{1,3}\.\d{1,3}\.\d{1,3}/) != nil
    }

    private static func invalid(_ message: String) -> FinHubClientError {
        FinHubClientError(code: .clientInvalidConfiguration, message: message)
    }
}

extension ServerAddress: CustomStringConvertible {
    public var description: String { url }
}

/// Whose word for a server's certificate is believed; there is no way to believe everybody's.
public enum TrustRoots: Hashable, Sendable {
    /// The operating system's authorities.
    case system
    /// The authorities in a PEM file, and no others.
    case file(String)
}
