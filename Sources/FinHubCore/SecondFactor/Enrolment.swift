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

extension String {
    /// With every byte escaped that a URI does not leave to any use (RFC 3986, section 2.3).
    fileprivate var percentEncoded: String {
        let digits = Array("0123456789ABCDEF".utf8)
        let bytes = utf8.flatMap { byte in
            byte.isUnreserved ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var isUnreserved: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default:
            false
        }
    }
}
