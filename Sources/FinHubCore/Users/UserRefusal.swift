/// Why nothing was done about a user.
public enum UserRefusal: Error, Hashable, Sendable {
    /// No such tenant, where it is named on the command line.
    case tenantNotFound
    /// No such organization in the caller's tenant.
    case organizationNotFound
    /// The tenant has several organizations, and the command line names none.
    case organizationNotNamed
    /// No such user in the caller's tenant.
    case userNotFound
    /// Another user of the tenant has that name, as user name or as e-mail.
    case taken(NameKind)
    /// It would leave the tenant without an active ADMIN.
    case lastAdministrator
    /// The user is no longer the edition that the caller knows.
    case changedMeanwhile
    /// Only a MASTER_ADMIN makes, changes or removes one.
    case masterAdministratorRequired
    /// Nobody takes back what keeps oneself from guessing.
    case otherAdministratorRequired
    /// One's own password is not reset, but changed with the present one.
    case currentPasswordRequired
    case passwordRejected(PasswordObjection)
}
