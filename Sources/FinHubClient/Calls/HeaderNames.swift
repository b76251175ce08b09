import HTTPTypes

extension HTTPField.Name {
    static let correlationID = name("X-Correlation-ID")
    static let tenantID = name("X-Tenant-ID")
    static let forwardedFrom = name("X-Forwarded-From")
    static let platform = name("platform")
    static let deviceID = name("deviceId")

    /// A name that is known to be a token (RFC 9110, section 5.6.2).
    private static func name(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("no header name: \(text)") }
        return name
    }
}
