import FinHubAPI
import FinHubCore
import HTTPTypes

/// What there is to say about refused changes of users and passwords.
extension Refusal {
    init(_ error: UserRefusal) {
        switch error {
        case .tenantNotFound:
            self.init(.notFound, .notFound, "There is no such tenant in this data folder.")
        case .organizationNotFound:
            self.init(.notFound, .notFound, "There is no such organization in this tenant.")
        case .organizationNotNamed:
            self.init(
                .notFound,
                .notFound,
                "The tenant has more than one organization.",
                suggestions: ["Say which with --organization"]
            )
        case .userNotFound:
            self.init(.notFound, .userNotFound, "There is no such user in this tenant.")
        case .taken(let name):
            let field = name == .userName ? "username" : "email"
            self.init(
                .conflict,
                .userExists,
                "Another user of the tenant has this \(field), as user name or as e-mail.",
                suggestions: ["Choose another \(field): capitals and Unicode forms make no difference"]
            )
            problems = [FieldProblem(field: field, message: "\(field) is another user's.")]
        case .lastAdministrator:
            self.init(
                .conflict,
                .lastAdministrator,
                "The user is the tenant's last active ADMIN; without one nobody could administer it.",
                suggestions: ["Give another active user the role ADMIN first"]
            )
        case .changedMeanwhile:
            self.init(
                .preconditionFailed,
                .preconditionFailed,
                "The user is no longer the one that If-Match names.",
                suggestions: ["Read the user again, apply the change to it, and send its new ETag"]
            )
        case .masterAdministratorRequired:
            self.init(
                .forbidden,
                .masterAdministratorRequired,
                "Only a MASTER_ADMIN makes, changes or removes one.",
                suggestions: ["Ask a MASTER_ADMIN", "Use the finhub command on the data folder"]
            )
        case .otherAdministratorRequired:
            self.init(
                .forbidden,
                .otherAdministratorRequired,
                "Nobody unlocks oneself.",
                suggestions: ["Ask another administrator", "Use the finhub command on the data folder"]
            )
        case .currentPasswordRequired:
            self.init(
                .forbidden,
                .currentPasswordRequired,
                "One's own password is not reset, but changed with the present one.",
                suggestions: ["Send currentPassword and newPassword to PUT /api/v2.1/admin/users/{userId}/credentials"]
            )
        case .passwordRejected(let objection):
            self.init(objection)
        }
    }

    private init(_ objection: PasswordObjection) {
        let (details, suggestion) = Self.words(for: objection)
        switch objection {
        case .tooLong: self.init(.badRequest, .validationFailed, details, suggestions: [suggestion])
        default: self.init(.unprocessableContent, .passwordRejected, details, suggestions: [suggestion])
        }
    }

    private static func words(for objection: PasswordObjection) -> (details: String, suggestion: String) {
        let longer = "Put some words together that have nothing to do with each other, or with you"
        return switch objection {
        case .tooShort(let shortest):
            ("The new password has fewer than \(shortest) characters.", longer)
        case .tooLong:
            ("The new password has more than \(PasswordRules.longest) characters.", "Choose a shorter one")
        case .lettersAndDigitsMissing:
            ("The new password must have letters and digits.", "Add a digit, or a letter")
        case .tooCommon:
            ("The new password is made of common words, sequences or repetitions: it is quickly guessed.", longer)
        case .ownWords:
            ("The new password is made of the user's, the tenant's or the product's own words.", longer)
        case .usedBefore:
            ("The new password is one of the user's last five.", "Choose one that was not used before")
        }
    }
}
