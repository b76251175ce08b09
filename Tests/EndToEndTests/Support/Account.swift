import Foundation

/// What an administrator's backend knows: whose session, and what to log in with.
struct Account: Sendable {
    var tenant: String
    var tenantID: String
    var organization: String
    var user: String
    var username: String
    var password: String
    var key: String
    var secret: String

    /// The administrator of the sandbox's first tenant.
    static let cloudVault = Account(
        tenant: "tenant_cloudvault",
        tenantID: "d1e2f3a4-b5c6-47d8-9e0f-1a2b3c4d5e6f",
        organization: "f3a4b5c6-d7e8-49f0-1a2b-3c4d5e6f7a8b",
        user: "e2f3a4b5-c6d7-48e9-0f1a-2b3c4d5e6f7a",
        username: "petr.dvorak@cloudvault.io",
        password: "your_secure_password",
        key: "cvK_9XDw5g_Y_8aUtRQgPyX4aTBb",
        secret: "your_tenant_secret"
    )

    /// The administrator of the sandbox's second tenant.
    static let finsei = Account(
        tenant: "tenant_finsei",
        tenantID: "97e7ff29-15f3-49ef-9681-3bbfcce4f6cd",
        organization: "b4c3d4e7-f8a9-0123-b4c5-d6e7f8a9012b",
        user: "87b3af37-4ac1-402b-a0ea-53cfdc695e02",
        username: "admin@finsei.com",
        password: "Admin@97e7ff29-15f3-49ef-9681-3bbfcce4f6cd",
        key: "z6B8H1XAeYSxZbuIlAT1NIRh6Aga",
        secret: "zb9anCFp2f2UJNWlGhtB8brsgAca"
    )

    /// Where its sessions are created and listed.
    var sessionsPath: String { "/admin/organization/\(organization)/users/\(user)/sessions" }

    /// Where its tenant's categorization hierarchy is.
    var hierarchyPath: String { "/customer/individual/categorization/hierarchy/\(tenantID)" }

    /// The body that creates a session.
    var loginBody: String {
        #"{"username":"\#(username)","password":"\#(password)","tenantKey":"\#(key)","tenantSecret":"\#(secret)"}"#
    }

    /// The tenant's key and secret as HTTP Basic carries them.
    var basic: String { Data("\(key):\(secret)".utf8).base64EncodedString() }
}
