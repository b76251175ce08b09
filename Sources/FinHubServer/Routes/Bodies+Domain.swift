import FinHubAPI
import FinHubCore
import FinHubTokens

extension TokensBody {
    init(_ issued: IssuedTokens, message: String) {
        self.init(
            sessionID: issued.session.id,
            userID: issued.session.user,
            token: issued.accessToken,
            refreshToken: issued.refreshToken,
            expiresAt: issued.session.expiresAt,
            expiresInSeconds: issued.lifetime.components.seconds,
            message: message
        )
    }
}

extension SessionBody {
    init(_ session: Session, now: Timestamp) {
        let isActive = session.isActive(at: now)
        let ending = session.ending
        self.init(
            sessionID: session.id,
            userID: session.user,
            organizationID: session.organization,
            createdAt: session.createdAt,
            lastRefreshedAt: session.refreshedAt,
            expiresAt: session.expiresAt,
            expiresInSeconds: isActive ? session.expiresAt.seconds - now.seconds : 0,
            clientAddress: session.client.address,
            userAgent: session.client.userAgent,
            forwardedFrom: session.client.forwardedFrom,
            device: session.client.device,
            platform: session.client.platform,
            isActive: isActive,
            endedAt: isActive ? nil : ending?.at ?? session.expiresAt,
            endReason: isActive ? nil : ending?.reason.rawValue ?? "EXPIRED"
        )
    }
}

extension PageBody where Item == SessionBody {
    init(_ page: SessionPage, now: Timestamp) {
        let last = page.hasMore ? page.sessions.last : nil
        self.init(
            items: page.sessions.map { SessionBody($0, now: now) },
            nextCursor: last.map { Cursor.encode(SessionPosition(createdAt: $0.createdAt, id: $0.id)) }
        )
    }
}

extension UserBody {
    init(_ user: User) {
        self.init(
            userID: user.id,
            organizationID: user.organization,
            username: user.userName,
            email: user.email,
            roles: user.roles.map(\.rawValue),
            isActive: user.status == .active,
            createdAt: user.createdAt,
            passwordSetAt: user.passwordSetAt,
            hasTemporaryPassword: user.hasTemporaryPassword,
            hasSecondFactor: user.hasSecondFactor
        )
    }
}

extension NewUser {
    init(organization: OrganizationID, _ body: CreateUserBody) {
        self.init(
            organization: organization,
            userName: body.username,
            email: body.email,
            roles: body.roles.compactMap(Role.init),
            password: body.temporaryPassword
        )
    }
}

extension UserState {
    init(_ body: ChangeUserBody) {
        self.init(
            email: body.email,
            roles: body.roles.compactMap(Role.init),
            status: body.isActive ? .active : .disabled
        )
    }
}

extension PageBody where Item == UserBody {
    init(_ page: UserPage) {
        self.init(items: page.users.map(UserBody.init), nextCursor: page.next.map(Cursor.encode))
    }
}

extension CurrentSessionBody {
    init(_ claims: AccessClaims, identity: Identity, tenant: Tenant, now: Timestamp) {
        self.init(
            sessionID: claims.session,
            issuedAt: Timestamp(seconds: claims.issuedAt),
            expiresAt: Timestamp(seconds: claims.expiresAt),
            expiresInSeconds: claims.expiresAt - now.seconds,
            roles: claims.roles,
            userID: claims.user,
            userName: identity.user.userName,
            email: identity.user.email,
            organizationID: identity.organization.id,
            organizationName: identity.organization.name,
            tenantID: tenant.id,
            tenantSlug: tenant.slug.rawValue,
            tenantName: tenant.name
        )
    }
}

extension HierarchyBody {
    init(_ tagged: TaggedHierarchy) {
        self.init(
            tenantID: tagged.tenant.id,
            tenantName: tagged.tenant.name,
            complianceLevel: tagged.tenant.complianceLevel,
            categorization: tagged.hierarchy
        )
    }
}
