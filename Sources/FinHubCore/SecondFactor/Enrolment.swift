public import FinHubAPI

/// What an authenticator app must know of a new second factor; shown once.
public struct Enrolment: Sendable {
    /// The seed in base32, to be typed.
    public let secret: Secret<String>
    /// The same for a QR code, in the form that authenticator apps read ("Key Uri Format").
    public let uri: Secret<String>

    init(seed: Secret<[UInt8]>, user: User, tenant: Tenant) {
        secret = seed.map { Base32.encode($0) }
        let issuer = tenant.name.percentEncoded
        let label = "\(issuer):\(user.userName.percentEncoded)"
        let parameters = "issuer=\(issuer)&algorithm=SHA1&digits=\(TOTP.digits)&period=\(TOTP.period)"
        uri = secret.map { "otpauth://totp/\(label)?secret=\($0)&\(parameters)" }
    }
}
