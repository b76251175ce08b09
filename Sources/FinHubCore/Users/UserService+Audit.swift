import FinHubAPI

extension AuditLog {
    /// What a change of a user leaves in the log, if it was done.
    func noteOfUser(
        _ user: UserID,
        in tenant: TenantID,
        by actor: UserID? = nil,
        _ event: AuditEvent,
        reason: String? = nil,
        _ changes: [AuditChange] = []
    ) -> AuditNote<UserOutcome> {
        note(in: tenant, by: actor) { outcome in
            guard case .done = outcome else { return nil }
            return AuditHappening(event: event, subject: user, reason: reason, changes: changes)
        }
    }
}

extension AuditChange {
    /// All that a new user is.
    static func all(to user: User) -> [AuditChange] {
        described(user).map { AuditChange($0.name, after: $0.value, isPersonal: $0.isPersonal) }
    }

    /// All that a user was who is gone.
    static func all(from user: User) -> [AuditChange] {
        described(user).map { AuditChange($0.name, before: $0.value, isPersonal: $0.isPersonal) }
    }

    /// What of a user becomes otherwise.
    static func changes(of user: User, to state: UserState) -> [AuditChange] {
        let all = [
            AuditChange("email", before: user.email, after: state.email, isPersonal: true),
            AuditChange("roles", before: user.roles.auditText, after: state.roles.auditText),
            AuditChange("status", before: user.status.rawValue, after: state.status.rawValue),
        ]
        return all.filter { $0.before.map { Array($0.utf8) } != $0.after.map { Array($0.utf8) } }
    }

    private static func described(_ user: User) -> [(name: String, value: String, isPersonal: Bool)] {
        [
            ("username", user.userName, true), ("email", user.email, true), ("roles", user.roles.auditText, false),
            ("status", user.status.rawValue, false), ("organizationId", user.organization.description, false),
        ]
    }
}

extension [Role] {
    fileprivate var auditText: String { map(\.rawValue).sorted().joined(separator: " ") }
}
