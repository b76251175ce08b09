public import FinHubAPI
public import FinHubTokens

/// Who administers: somebody with an admin session, or whoever has the data folder.
public struct Administrator: Sendable {
    /// `nil` for the operator at the data folder.
    public let user: UserID?
    /// The session in use; what ends others may spare it.
    public let session: SessionID?
    let isMaster: Bool

    /// The operator, who may do everything.
    public static let `operator` = Administrator(user: nil, session: nil, isMaster: true)

    public init(_ claims: AccessClaims) {
        self.init(
            user: claims.user,
            session: claims.session,
            isMaster: claims.roles.contains(Role.masterAdmin.rawValue)
        )
    }

    private init(user: UserID?, session: SessionID?, isMaster: Bool) {
        self.user = user
        self.session = session
        self.isMaster = isMaster
    }

    /// Passes when none of the roles is above the administrator: who could make a master administrator, or
    /// take one's password, would be one.
    ///
    /// - Throws: ``UserRefusal/masterAdministratorRequired``.
    func requireRank(above roles: [Role]) throws {
        guard isMaster || !roles.contains(.masterAdmin) else { throw UserRefusal.masterAdministratorRequired }
    }
}
