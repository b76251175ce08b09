// What a client reads: unknown members are ignored, and what only this server says is optional.

extension TokensBody: Decodable {
    private enum CodingKeys: String, CodingKey {
        case sessionID = "sessionId"
        case userID = "userId"
        case token, refreshToken, expiresAt
        case expiresInSeconds = "expiresIn"
        case message
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            sessionID: try fields.decode(SessionID.self, forKey: .sessionID),
            userID: try fields.decode(UserID.self, forKey: .userID),
            token: Secret(try fields.decode(String.self, forKey: .token)),
            refreshToken: Secret(try fields.decode(String.self, forKey: .refreshToken)),
            expiresAt: try fields.decode(Timestamp.self, forKey: .expiresAt),
            expiresInSeconds: try fields.decodeIfPresent(Int64.self, forKey: .expiresInSeconds),
            message: try fields.decodeIfPresent(String.self, forKey: .message) ?? ""
        )
    }
}

extension SessionBody: Decodable {
    private enum CodingKeys: String, CodingKey {
        case sessionID = "sessionId"
        case userID = "userId"
        case organizationID = "organizationId"
        case status, createdAt, lastRefreshedAt, expiresAt
        case expiresInSeconds = "expiresIn"
        case endedAt, endReason, clientAddress, userAgent, forwardedFrom
        case device = "deviceId"
        case platform
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            sessionID: try fields.decode(SessionID.self, forKey: .sessionID),
            userID: try fields.decode(UserID.self, forKey: .userID),
            organizationID: try fields.decode(OrganizationID.self, forKey: .organizationID),
            createdAt: try fields.decode(Timestamp.self, forKey: .createdAt),
            lastRefreshedAt: try fields.decodeIfPresent(Timestamp.self, forKey: .lastRefreshedAt),
            expiresAt: try fields.decode(Timestamp.self, forKey: .expiresAt),
            expiresInSeconds: try fields.decode(Int64.self, forKey: .expiresInSeconds),
            clientAddress: try fields.decodeIfPresent(String.self, forKey: .clientAddress),
            userAgent: try fields.decodeIfPresent(String.self, forKey: .userAgent),
            forwardedFrom: try fields.decodeIfPresent(String.self, forKey: .forwardedFrom),
            device: try fields.decodeIfPresent(String.self, forKey: .device),
            platform: try fields.decodeIfPresent(String.self, forKey: .platform),
            isActive: try fields.decode(String.self, forKey: .status) == "ACTIVE",
            endedAt: try fields.decodeIfPresent(Timestamp.self, forKey: .endedAt),
            endReason: try fields.decodeIfPresent(String.self, forKey: .endReason)
        )
    }
}

extension PageBody: Decodable where Item: Decodable {
    private enum CodingKeys: String, CodingKey {
        case items, nextCursor
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            items: try fields.decode([Item].self, forKey: .items),
            nextCursor: try fields.decodeIfPresent(String.self, forKey: .nextCursor)
        )
    }
}

extension EndedBody: Decodable {
    private enum CodingKeys: String, CodingKey {
        case ended
    }

    public init(from decoder: any Decoder) throws {
        self.init(ended: try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .ended))
    }
}

extension CurrentSessionBody: Decodable {
    private enum CodingKeys: String, CodingKey {
        case session, user, organization, tenant, roles
    }

    private enum SessionKeys: String, CodingKey {
        case sessionId, tokenIssuedAt, expiresAt, expiresIn
    }

    private enum UserKeys: String, CodingKey {
        case userId, username, email
    }

    private enum OrganizationKeys: String, CodingKey {
        case organizationId, name
    }

    private enum TenantKeys: String, CodingKey {
        case tenantId, slug, name
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let session = try fields.nestedContainer(keyedBy: SessionKeys.self, forKey: .session)
        let user = try fields.nestedContainer(keyedBy: UserKeys.self, forKey: .user)
        let organization = try fields.nestedContainer(keyedBy: OrganizationKeys.self, forKey: .organization)
        let tenant = try fields.nestedContainer(keyedBy: TenantKeys.self, forKey: .tenant)
        self.init(
            sessionID: try session.decode(SessionID.self, forKey: .sessionId),
            issuedAt: try session.decode(Timestamp.self, forKey: .tokenIssuedAt),
            expiresAt: try session.decode(Timestamp.self, forKey: .expiresAt),
            expiresInSeconds: try session.decode(Int64.self, forKey: .expiresIn),
            roles: try fields.decode([String].self, forKey: .roles),
            userID: try user.decode(UserID.self, forKey: .userId),
            userName: try user.decode(String.self, forKey: .username),
            email: try user.decode(String.self, forKey: .email),
            organizationID: try organization.decode(OrganizationID.self, forKey: .organizationId),
            organizationName: try organization.decode(String.self, forKey: .name),
            tenantID: try tenant.decode(TenantID.self, forKey: .tenantId),
            tenantSlug: try tenant.decode(String.self, forKey: .slug),
            tenantName: try tenant.decode(String.self, forKey: .name)
        )
    }
}

extension IntrospectionBody: Decodable {
    private enum CodingKeys: String, CodingKey {
        case active, iss, aud, sub, orgId, tenantId, sid, jti, iat, exp, roles
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        guard try fields.decode(Bool.self, forKey: .active) else {
            self = .inactive
            return
        }
        self = .active(
            user: try fields.decode(UserID.self, forKey: .sub),
            organization: try fields.decode(OrganizationID.self, forKey: .orgId),
            tenant: try fields.decode(TenantID.self, forKey: .tenantId),
            session: try fields.decode(SessionID.self, forKey: .sid),
            roles: try fields.decode([String].self, forKey: .roles),
            issuer: try fields.decode(String.self, forKey: .iss),
            audience: try fields.decode(String.self, forKey: .aud),
            tokenID: try fields.decode(String.self, forKey: .jti),
            issuedAtSeconds: try fields.decode(Int64.self, forKey: .iat),
            expiresAtSeconds: try fields.decode(Int64.self, forKey: .exp)
        )
    }
}
