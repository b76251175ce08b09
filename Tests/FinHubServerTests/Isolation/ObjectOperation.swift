import FinHubAPI
import Foundation
import HTTPTypes
import Testing

/// The objects that a request can name.
struct NamedObjects: Sendable {
    /// By the names of the path parameters in openapi.yaml.
    var identifiers: [String: String]

    subscript(name: String) -> String { identifiers[name] ?? "?" }

    /// The same, but for some of them.
    func replacing(_ names: [String], from others: NamedObjects) -> NamedObjects {
        var copy = self
        for name in names { copy.identifiers[name] = others[name] }
        return copy
    }

    /// What an account has; a session is not part of it.
    static func of(_ account: Account, session: String) -> NamedObjects {
        NamedObjects(identifiers: [
            "organizationId": account.organization.description,
            "userId": account.user.description,
            "tenantId": account.tenant.description,
            "tenantKey": account.key,
            "sessionId": session,
        ])
    }

    /// What nobody has.
    static let invented = NamedObjects(identifiers: [
        "organizationId": "00000000-0000-4001-8000-00000000dead",
        "userId": "00000000-0000-4002-8000-00000000dead",
        "tenantId": "00000000-0000-4000-8000-00000000dead",
        "tenantKey": "key-of-nobody",
        "sessionId": "00000000-0000-4003-8000-00000000dead",
    ])
}

/// An operation of openapi.yaml that names objects, with what it takes to get as far as to look for them.
struct ObjectOperation: Sendable, CustomTestStringConvertible {
    /// How the request proves who sends it.
    enum Proof: Sendable {
        case token
        case tenantCredentials
        case body
    }

    let method: HTTPRequest.Method
    let path: String
    var proof = Proof.token
    var body: String?

    var testDescription: String { "\(method) \(path)" }

    /// The objects named, in the path or in the body.
    var names: [String] {
        (path + (body ?? "")).matches(of: #/\{([a-z]+[A-Z][A-Za-z]+)\}/#).map { String($0.output.1) }
    }

    /// The text with the objects in it.
    static func fill(_ text: String, with objects: NamedObjects) -> String {
        objects.identifiers.reduce(text) { $0.replacing("{\($1.key)}", with: $1.value) }
    }
}

extension ObjectOperation {
    /// Every operation of openapi.yaml, as written there.
    static func documented() throws -> [ObjectOperation] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        let text = try String(contentsOf: root.appending(path: "openapi.yaml"), encoding: .utf8)
        var (operations, path): ([ObjectOperation], String?) = ([], nil)
        for line in text.split(separator: "\n") {
            if let match = line.wholeMatch(of: #/  (/\S*):/#) {
                path = String(match.output.1)
            } else if line.first?.isLetter == true {
                path = nil
            } else if let path, let match = line.wholeMatch(of: #/    (get|put|post|delete|patch|head|options):/#),
                let method = HTTPRequest.Method(match.output.1.uppercased())
            {
                operations.append(ObjectOperation(method: method, path: path))
            }
        }
        return operations
    }

    /// Those that name objects.
    ///
    /// A new one has to be added here; a test says so.
    static let prepared: [ObjectOperation] = sessions + users + secondFactors + tenants

    private static let admin = "/api/v2.1/admin"
    private static let organization = admin + "/organization/{organizationId}/users"
    private static let user = admin + "/users/{userId}"
    private static let factor = user + "/second-factor"
    private static let credential = admin + "/tenant/credentials/{tenantKey}"
    private static let hierarchy = "/api/v2.1/customer/individual/categorization/hierarchy/{tenantId}"

    private static let sessions = [
        ObjectOperation(
            method: .post,
            path: organization + "/{userId}/sessions",
            proof: .body,
            body: """
                {"username":"\(Account.kai.username)","password":"\(Account.password)",\
                "tenantKey":"\(Account.kai.key)","tenantSecret":"\(Account.secret)"}
                """
        ),
        ObjectOperation(method: .get, path: organization + "/{userId}/sessions"),
        ObjectOperation(method: .delete, path: organization + "/{userId}/sessions"),
        ObjectOperation(method: .get, path: admin + "/sessions/{sessionId}"),
        ObjectOperation(method: .delete, path: admin + "/sessions/{sessionId}"),
        ObjectOperation(
            method: .post,
            path: admin + "/sessions/{sessionId}/refresh",
            body: #"{"refreshToken":"REFRESH-TOKEN"}"#
        ),
    ]

    private static let users = [
        ObjectOperation(method: .get, path: organization),
        ObjectOperation(
            method: .post,
            path: organization,
            body: #"{"username":"mia","email":"mia@example.org","roles":["ADMIN"]}"#
        ),
        ObjectOperation(method: .get, path: user),
        ObjectOperation(
            method: .put,
            path: user,
            body: #"{"email":"new@example.org","roles":["ADMIN"],"status":"DISABLED"}"#
        ),
        ObjectOperation(method: .delete, path: user),
        ObjectOperation(method: .post, path: user + "/unlock"),
        ObjectOperation(method: .put, path: user + "/credentials", body: #"{"newPassword":"\#(String.fresh)"}"#),
        ObjectOperation(
            method: .post,
            path: user + "/credentials",
            proof: .tenantCredentials,
            body: """
                {"username":"\(Account.kai.username)","currentPassword":"\(Account.password)",\
                "newPassword":"\(String.fresh)"}
                """
        ),
        ObjectOperation(method: .post, path: admin + "/users/login/reset", body: #"{"userId":"{userId}"}"#),
    ]

    private static let secondFactors = [
        ObjectOperation(method: .get, path: factor),
        ObjectOperation(method: .post, path: factor, body: #"{"currentPassword":"\#(Account.password)"}"#),
        ObjectOperation(method: .put, path: factor, body: #"{"otp":"000000"}"#),
        ObjectOperation(method: .delete, path: factor),
        ObjectOperation(method: .post, path: factor + "/recovery-codes", body: #"{"otp":"000000"}"#),
    ]

    private static let tenants = [
        ObjectOperation(method: .delete, path: credential),
        ObjectOperation(method: .get, path: credential + "/clients"),
        ObjectOperation(method: .get, path: hierarchy),
        ObjectOperation(method: .put, path: hierarchy, body: #"{"categories":{},"features":{}}"#),
    ]
}
