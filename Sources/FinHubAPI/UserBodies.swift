/// A user to be added to an organization.
public struct CreateUserBody: Sendable {
    public let username: String
    public let email: String
    /// Of ``UserBody/roles``.
    public let roles: [String]
    /// What the user signs in with once, to change it; `nil` for one that is made up.
    public let temporaryPassword: Secret<String>?

    public init(_ object: JSONObject) throws(InvalidFields) {
        var fields = FieldReader(object)
        username = fields.userName("username")
        email = fields.email("email")
        roles = fields.roles("roles")
        temporaryPassword = fields.optionalText("temporaryPassword").map { Secret($0) }
        try fields.finish()
    }

    public init(
        username: String,
        email: String,
        roles: [String],
        temporaryPassword: Secret<String>?
    ) throws(InvalidFields) {
        try self.init(
            JSONObject(members: [
                JSONObject.Member(name: "username", value: .string(username)),
                JSONObject.Member(name: "email", value: .string(email)),
                JSONObject.Member(name: "roles", value: .array(roles.map(JSON.string))),
                JSONObject.Member(
                    name: "temporaryPassword",
                    value: temporaryPassword.map { .string($0.reveal()) } ?? .null
                ),
            ])
        )
    }
}

/// What of a user may be changed; every field is required, so that none is reset by being forgotten.
public struct ChangeUserBody: Sendable {
    public let email: String
    public let roles: [String]
    public let isActive: Bool

    public init(_ object: JSONObject) throws(InvalidFields) {
        var fields = FieldReader(object)
        email = fields.email("email")
        roles = fields.roles("roles")
        isActive = fields.choice("status", of: ["ACTIVE", "DISABLED"]) == "ACTIVE"
        try fields.finish()
    }

    public init(email: String, roles: [String], isActive: Bool) throws(InvalidFields) {
        try self.init(
            JSONObject(members: [
                JSONObject.Member(name: "email", value: .string(email)),
                JSONObject.Member(name: "roles", value: .array(roles.map(JSON.string))),
                JSONObject.Member(name: "status", value: .string(isActive ? "ACTIVE" : "DISABLED")),
            ])
        )
    }
}

/// A new password for somebody else, or for oneself with the present one.
public struct SetPasswordBody: Sendable {
    public let newPassword: Secret<String>
    /// Required for one's own.
    public let currentPassword: Secret<String>?

    public init(_ object: JSONObject, isOwn: Bool) throws(InvalidFields) {
        var fields = FieldReader(object)
        newPassword = fields.newPassword()
        currentPassword =
            isOwn
            ? Secret(fields.text("currentPassword")) : fields.optionalText("currentPassword").map { Secret($0) }
        try fields.finish()
    }
}

/// A new password from somebody who can't sign in with the present one, as it is too old.
public struct ExpiredPasswordBody: Sendable {
    public let username: String
    public let currentPassword: Secret<String>
    public let newPassword: Secret<String>
    public let otp: Secret<String>?

    public init(_ object: JSONObject) throws(InvalidFields) {
        var fields = FieldReader(object)
        username = fields.text("username")
        currentPassword = Secret(fields.text("currentPassword"))
        newPassword = fields.newPassword()
        otp = fields.optionalText("otp", limit: OTPBody.limit).map { Secret($0) }
        try fields.finish()
    }
}

/// Whose password is to be reset.
public struct ResetPasswordBody: Sendable {
    public let user: UserID

    public init(_ object: JSONObject) throws(InvalidFields) {
        var fields = FieldReader(object)
        user = fields.identifier("userId")
        try fields.finish()
    }
}

/// What there is to see of a user; never the password.
public struct UserBody: Sendable {
    public let userID: UserID
    public let organizationID: OrganizationID
    public let username: String
    public let email: String
    /// `ADMIN`, `MASTER_ADMIN`, `MEMBER`.
    public let roles: [String]
    public let isActive: Bool
    public let createdAt: Timestamp
    public let passwordSetAt: Timestamp
    /// Whether the password must be changed before the user can do anything else.
    public let hasTemporaryPassword: Bool
    public let hasSecondFactor: Bool

    public init(
        userID: UserID,
        organizationID: OrganizationID,
        username: String,
        email: String,
        roles: [String],
        isActive: Bool,
        createdAt: Timestamp,
        passwordSetAt: Timestamp,
        hasTemporaryPassword: Bool,
        hasSecondFactor: Bool
    ) {
        self.userID = userID
        self.organizationID = organizationID
        self.username = username
        self.email = email
        self.roles = roles
        self.isActive = isActive
        self.createdAt = createdAt
        self.passwordSetAt = passwordSetAt
        self.hasTemporaryPassword = hasTemporaryPassword
        self.hasSecondFactor = hasSecondFactor
    }
}

extension UserBody: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        writer.object { writeMembers(to: &$0) }
    }

    fileprivate func writeMembers(to writer: inout JSONWriter) {
        writer.member("userId", userID)
        writer.member("organizationId", organizationID)
        writer.member("username", username)
        writer.member("email", email)
        writer.member("roles", roles)
        writer.member("status", isActive ? "ACTIVE" : "DISABLED")
        writer.member("createdAt", createdAt)
        writer.member("passwordSetAt", passwordSetAt)
        writer.member("hasTemporaryPassword", hasTemporaryPassword)
        writer.member("hasSecondFactor", hasSecondFactor)
    }
}

/// A user who was added, with the password that was made up; shown once.
public struct NewUserBody: JSONWritable {
    public let user: UserBody
    /// `nil` when the caller gave one.
    public let temporaryPassword: Secret<String>?

    public init(user: UserBody, temporaryPassword: Secret<String>?) {
        self.user = user
        self.temporaryPassword = temporaryPassword
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            user.writeMembers(to: &writer)
            writer.member("temporaryPassword", temporaryPassword?.reveal())
        }
    }
}

/// A password that was made up; shown once.
public struct TemporaryPasswordBody: JSONWritable {
    public let user: UserID
    public let temporaryPassword: Secret<String>
    /// How many active sessions ended.
    public let ended: Int

    public init(user: UserID, temporaryPassword: Secret<String>, ended: Int) {
        self.user = user
        self.temporaryPassword = temporaryPassword
        self.ended = ended
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("userId", user)
            writer.member("temporaryPassword", temporaryPassword.reveal())
            writer.member("ended", Int64(ended))
        }
    }
}
