/// What a caller sends to create a session (contract, *Create*).
public struct CreateSessionBody: Sendable {
    /// User name or e-mail.
    public let username: String
    public let password: Secret<String>
    public let tenantKey: String
    public let tenantSecret: Secret<String>
    /// The second factor's six digits, or a recovery code; `nil` of a user without a second factor.
    public let otp: Secret<String>?

    public init(
        username: String,
        password: Secret<String>,
        tenantKey: String,
        tenantSecret: Secret<String>,
        otp: Secret<String>? = nil
    ) {
        self.username = username
        self.password = password
        self.tenantKey = tenantKey
        self.tenantSecret = tenantSecret
        self.otp = otp
    }

    public init(_ object: JSONObject) throws(InvalidFields) {
        var fields = FieldReader(object)
        username = fields.text("username")
        password = Secret(fields.text("password"))
        tenantKey = fields.text("tenantKey")
        tenantSecret = Secret(fields.text("tenantSecret"))
        otp = fields.optionalText("otp", limit: OTPBody.limit).map { Secret($0) }
        try fields.finish()
    }
}

/// What a caller sends to refresh a session (contract, *Refresh*).
public struct RefreshSessionBody: Sendable {
    public let refreshToken: Secret<String>

    public init(refreshToken: Secret<String>) {
        self.refreshToken = refreshToken
    }

    public init(_ object: JSONObject) throws(InvalidFields) {
        var fields = FieldReader(object)
        refreshToken = Secret(fields.text("refreshToken"))
        try fields.finish()
    }
}

/// What a caller sends to ask about a token (RFC 7662, section 2.1).
public struct IntrospectBody: Sendable {
    public let token: Secret<String>

    public init(token: Secret<String>) {
        self.token = token
    }

    public init(_ object: JSONObject) throws(InvalidFields) {
        var fields = FieldReader(object)
        token = Secret(fields.text("token", limit: 4_096))
        try fields.finish()
    }
}

/// The tokens of a session that was created or refreshed.
public struct TokensBody: JSONWritable {
    public let sessionID: SessionID
    public let userID: UserID
    public let token: Secret<String>
    public let refreshToken: Secret<String>
    public let expiresAt: Timestamp
    /// Until both tokens expire, in whole seconds; `nil` from a host that names no duration.
    public let expiresInSeconds: Int64?
    public let message: String

    public init(
        sessionID: SessionID,
        userID: UserID,
        token: Secret<String>,
        refreshToken: Secret<String>,
        expiresAt: Timestamp,
        expiresInSeconds: Int64?,
        message: String
    ) {
        self.sessionID = sessionID
        self.userID = userID
        self.token = token
        self.refreshToken = refreshToken
        self.expiresAt = expiresAt
        self.expiresInSeconds = expiresInSeconds
        self.message = message
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("sessionId", sessionID)
            writer.member("userId", userID)
            writer.member("token", token.reveal())
            writer.member("refreshToken", refreshToken.reveal())
            writer.member("expiresAt", expiresAt)
            writer.member("success", true)
            writer.member("message", message)
            writer.member("tokenType", "Bearer")
            if let expiresInSeconds {
                writer.member("expiresIn", expiresInSeconds)
                writer.member("refreshExpiresIn", expiresInSeconds)
            }
            writer.member("errorType", "NONE")
        }
    }
}

/// One session as an administrator sees it; never a token.
public struct SessionBody: JSONWritable {
    public let sessionID: SessionID
    public let userID: UserID
    public let organizationID: OrganizationID
    public let createdAt: Timestamp
    public let lastRefreshedAt: Timestamp?
    public let expiresAt: Timestamp
    /// Until it expires, in whole seconds; 0 when it is over.
    public let expiresInSeconds: Int64
    public let clientAddress: String?
    public let userAgent: String?
    public let forwardedFrom: String?
    public let device: String?
    public let platform: String?
    public let isActive: Bool
    public let endedAt: Timestamp?
    /// Why it is over; `nil` while it is active.
    public let endReason: String?

    public init(
        sessionID: SessionID,
        userID: UserID,
        organizationID: OrganizationID,
        createdAt: Timestamp,
        lastRefreshedAt: Timestamp?,
        expiresAt: Timestamp,
        expiresInSeconds: Int64,
        clientAddress: String?,
        userAgent: String?,
        forwardedFrom: String?,
        device: String?,
        platform: String?,
        isActive: Bool,
        endedAt: Timestamp?,
        endReason: String?
    ) {
        self.sessionID = sessionID
        self.userID = userID
        self.organizationID = organizationID
        self.createdAt = createdAt
        self.lastRefreshedAt = lastRefreshedAt
        self.expiresAt = expiresAt
        self.expiresInSeconds = expiresInSeconds
        self.clientAddress = clientAddress
        self.userAgent = userAgent
        self.forwardedFrom = forwardedFrom
        self.device = device
        self.platform = platform
        self.isActive = isActive
        self.endedAt = endedAt
        self.endReason = endReason
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("sessionId", sessionID)
            writer.member("userId", userID)
            writer.member("organizationId", organizationID)
            writer.member("status", isActive ? "ACTIVE" : "ENDED")
            writer.member("createdAt", createdAt)
            writer.member("lastRefreshedAt", lastRefreshedAt)
            writer.member("expiresAt", expiresAt)
            writer.member("expiresIn", expiresInSeconds)
            writer.member("endedAt", endedAt)
            writer.member("endReason", endReason)
            writer.member("clientAddress", clientAddress)
            writer.member("userAgent", userAgent)
            writer.member("forwardedFrom", forwardedFrom)
            writer.member("deviceId", device)
            writer.member("platform", platform)
        }
    }
}

/// One page of a list.
public struct PageBody<Item: JSONWritable>: JSONWritable {
    public let items: [Item]
    /// What to ask the next page with; `nil` on the last one.
    public let nextCursor: String?

    public init(items: [Item], nextCursor: String?) {
        self.items = items
        self.nextCursor = nextCursor
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.name("items")
            writer.array { writer in for item in items { item.write(to: &writer) } }
            writer.member("nextCursor", nextCursor)
        }
    }
}

/// How many sessions were ended.
public struct EndedBody: JSONWritable {
    public let ended: Int

    public init(ended: Int) {
        self.ended = ended
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { $0.member("ended", Int64(ended)) }
    }
}

/// The caller's own session: who, where and for how long.
public struct CurrentSessionBody: JSONWritable {
    public let sessionID: SessionID
    public let issuedAt: Timestamp
    public let expiresAt: Timestamp
    public let expiresInSeconds: Int64
    public let roles: [String]
    public let userID: UserID
    public let userName: String
    public let email: String
    public let organizationID: OrganizationID
    public let organizationName: String
    public let tenantID: TenantID
    public let tenantSlug: String
    public let tenantName: String

    public init(
        sessionID: SessionID,
        issuedAt: Timestamp,
        expiresAt: Timestamp,
        expiresInSeconds: Int64,
        roles: [String],
        userID: UserID,
        userName: String,
        email: String,
        organizationID: OrganizationID,
        organizationName: String,
        tenantID: TenantID,
        tenantSlug: String,
        tenantName: String
    ) {
        self.sessionID = sessionID
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.expiresInSeconds = expiresInSeconds
        self.roles = roles
        self.userID = userID
        self.userName = userName
        self.email = email
        self.organizationID = organizationID
        self.organizationName = organizationName
        self.tenantID = tenantID
        self.tenantSlug = tenantSlug
        self.tenantName = tenantName
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.name("session")
            writer.object {
                $0.member("sessionId", sessionID)
                $0.member("status", "ACTIVE")
                $0.member("tokenIssuedAt", issuedAt)
                $0.member("expiresAt", expiresAt)
                $0.member("expiresIn", expiresInSeconds)
            }
            writer.name("user")
            writer.object {
                $0.member("userId", userID)
                $0.member("username", userName)
                $0.member("email", email)
            }
            writer.name("organization")
            writer.object {
                $0.member("organizationId", organizationID)
                $0.member("name", organizationName)
            }
            writer.name("tenant")
            writer.object {
                $0.member("tenantId", tenantID)
                $0.member("slug", tenantSlug)
                $0.member("name", tenantName)
            }
            writer.member("roles", roles)
        }
    }
}

/// What there is to say of a token (RFC 7662, section 2.2).
public enum IntrospectionBody: JSONWritable {
    case inactive
    case active(
        user: UserID,
        organization: OrganizationID,
        tenant: TenantID,
        session: SessionID,
        roles: [String],
        issuer: String,
        audience: String,
        tokenID: String,
        issuedAtSeconds: Int64,
        expiresAtSeconds: Int64
    )

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            guard
                case .active(
                    let user,
                    let organization,
                    let tenant,
                    let session,
                    let roles,
                    let issuer,
                    let audience,
                    let tokenID,
                    let issuedAt,
                    let expiresAt
                ) = self
            else { return writer.member("active", false) }
            writer.member("active", true)
            writer.member("token_type", "Bearer")
            writer.member("iss", issuer)
            writer.member("aud", audience)
            writer.member("sub", user)
            writer.member("orgId", organization)
            writer.member("tenantId", tenant)
            writer.member("sid", session)
            writer.member("jti", tokenID)
            writer.member("iat", issuedAt)
            writer.member("exp", expiresAt)
            writer.member("roles", roles)
        }
    }
}

/// The categorization hierarchy of a tenant (reference, *Using the Token*).
public struct HierarchyBody: JSONWritable {
    public let tenantID: TenantID
    public let tenantName: String
    public let complianceLevel: String
    public let categorization: CategorizationBody

    public init(tenantID: TenantID, tenantName: String, complianceLevel: String, categorization: CategorizationBody) {
        self.tenantID = tenantID
        self.tenantName = tenantName
        self.complianceLevel = complianceLevel
        self.categorization = categorization
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("tenantId", tenantID)
            writer.member("tenantName", tenantName)
            writer.member("complianceLevel", complianceLevel)
            writer.categorization(categorization)
        }
    }
}
