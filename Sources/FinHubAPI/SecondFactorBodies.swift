/// A code of the caller's second factor, or a recovery code.
public struct OTPBody: Sendable {
    /// The most bytes that a code may be written in: room for the longest, with spaces.
    static let limit = 64

    public let otp: Secret<String>

    public init(otp: Secret<String>) {
        self.otp = otp
    }

    public init(_ object: JSONObject) throws(InvalidFields) {
        var fields = FieldReader(object)
        otp = Secret(fields.text("otp", limit: Self.limit))
        try fields.finish()
    }
}

/// The present password of who begins to enrol a second factor.
public struct BeginSecondFactorBody: Sendable {
    public let currentPassword: Secret<String>

    public init(_ object: JSONObject) throws(InvalidFields) {
        var fields = FieldReader(object)
        currentPassword = Secret(fields.text("currentPassword"))
        try fields.finish()
    }
}

/// Whether a user has a second factor in force.
public struct SecondFactorBody: JSONWritable {
    public let isEnrolled: Bool
    /// Since when; `nil` when there is none.
    public let confirmedAt: Timestamp?
    public let recoveryCodesLeft: Int

    public init(isEnrolled: Bool, confirmedAt: Timestamp?, recoveryCodesLeft: Int) {
        self.isEnrolled = isEnrolled
        self.confirmedAt = confirmedAt
        self.recoveryCodesLeft = recoveryCodesLeft
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("enrolled", isEnrolled)
            writer.member("confirmedAt", confirmedAt)
            writer.member("recoveryCodesLeft", Int64(recoveryCodesLeft))
        }
    }
}

/// What an authenticator app must know of a new second factor; shown once.
public struct EnrolmentBody: JSONWritable {
    /// The seed in base32.
    public let secret: Secret<String>
    /// The same as a link, or in a QR code.
    public let otpauthURI: Secret<String>

    public init(secret: Secret<String>, otpauthURI: Secret<String>) {
        self.secret = secret
        self.otpauthURI = otpauthURI
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("secret", secret.reveal())
            writer.member("otpauthUri", otpauthURI.reveal())
        }
    }
}

/// New recovery codes; shown once.
public struct RecoveryCodesBody: JSONWritable {
    public let recoveryCodes: [Secret<String>]

    public init(recoveryCodes: [Secret<String>]) {
        self.recoveryCodes = recoveryCodes
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { $0.member("recoveryCodes", recoveryCodes.map { $0.reveal() }) }
    }
}
