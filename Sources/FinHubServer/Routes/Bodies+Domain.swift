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
            expiresAt: issued.expiresAt,
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

extension AllowlistBody {
    init(_ ranges: [NetworkRange]) {
        self.init(ranges: ranges.map(\.description))
    }
}

extension AllowlistTrialBody {
    init(_ trial: AllowlistTrial, admitsCaller: Bool? = nil) {
        self.init(
            since: trial.since,
            logins: trial.logins,
            refused: trial.refused,
            isComplete: trial.isComplete,
            admitsCaller: admitsCaller,
            addresses: trial.addresses.map {
                Address(address: $0.address, logins: $0.logins, users: $0.users, lastAt: $0.lastAt)
            }
        )
    }
}

extension CredentialBody {
    init(_ listed: ListedCredential, now: Timestamp) {
        let credential = listed.credential
        self.init(
            tenantKey: credential.key,
            createdAt: credential.createdAt,
            expiresAt: credential.expiresAt,
            lastUsedAt: listed.lastUsedAt,
            rotateBy: credential.createdAt + ReminderAge.tenantSecret,
            isInForce: credential.isInForce(at: now)
        )
    }
}

extension RotatedCredentialBody {
    init(_ rotation: CredentialRotation) {
        self.init(
            tenantKey: rotation.new.key,
            tenantSecret: rotation.new.secret,
            createdAt: rotation.createdAt,
            rotateBy: rotation.createdAt + ReminderAge.tenantSecret,
            replaced: rotation.others.map { Replaced(tenantKey: $0.key, expiresAt: $0.expiresAt) }
        )
    }
}

extension CredentialClientBody {
    init(_ use: CredentialUse) {
        self.init(
            address: use.client.address.isEmpty ? nil : use.client.address,
            userAgent: use.client.userAgent.isEmpty ? nil : use.client.userAgent,
            firstAt: use.firstAt,
            lastAt: use.lastAt,
            uses: use.uses
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
