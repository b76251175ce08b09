import HTTPTypes

extension HTTPField.Name {
    static let correlationID = named("X-Correlation-ID")
    static let tenantID = named("X-Tenant-ID")
    static let forwardedFrom = named("X-Forwarded-From")
    static let platform = named("platform")
    static let deviceID = named("deviceId")
    static let host = named("Host")

    /// A name that is known to be a token (RFC 9110, section 5.6.2).
    private static func named(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("no header name: \(text)") }
        return name
    }
}
