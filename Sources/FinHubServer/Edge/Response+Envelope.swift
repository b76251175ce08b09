import FinHubAPI
package import HTTPTypes
import Hummingbird

extension Response {
    /// An answer in the envelope that every answer of the API has.
    ///
    /// It must not be stored by anybody unless a route says otherwise: nearly every answer
    /// carries a token or personal data.
    init(envelope: Envelope<some JSONWritable>, status: HTTPResponse.Status = .ok) {
        self.init(
            status: status,
            headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: envelope.jsonBytes))
        )
    }

    /// A success whose `data` is `body`.
    init(_ body: some JSONWritable) {
        self.init(envelope: Envelope(data: body))
    }
}

extension HTTPField.Name {
    // swift-format-ignore: NeverForceUnwrap
    static let tenantID = HTTPField.Name("X-Tenant-ID")!
    // swift-format-ignore: NeverForceUnwrap
    static let correlationID = HTTPField.Name("X-Correlation-ID")!
    // swift-format-ignore: NeverForceUnwrap
    package static let forwardedFor = HTTPField.Name("X-Forwarded-For")!
    // swift-format-ignore: NeverForceUnwrap
    static let forwardedFrom = HTTPField.Name("X-Forwarded-From")!
    // swift-format-ignore: NeverForceUnwrap
    static let platform = HTTPField.Name("platform")!
    // swift-format-ignore: NeverForceUnwrap
    static let clientHintPlatform = HTTPField.Name("sec-ch-ua-platform")!
    // swift-format-ignore: NeverForceUnwrap
    static let deviceID = HTTPField.Name("deviceId")!
    // swift-format-ignore: NeverForceUnwrap
    static let alternativeDeviceIDs = [HTTPField.Name("X-Device-Id")!, HTTPField.Name("device-id")!]
    // swift-format-ignore: NeverForceUnwrap
    static let host = HTTPField.Name("Host")!
    // swift-format-ignore: NeverForceUnwrap
    static let rateLimitLimit = HTTPField.Name("RateLimit-Limit")!
    // swift-format-ignore: NeverForceUnwrap
    static let rateLimitRemaining = HTTPField.Name("RateLimit-Remaining")!
    // swift-format-ignore: NeverForceUnwrap
    static let rateLimitReset = HTTPField.Name("RateLimit-Reset")!
    // swift-format-ignore: NeverForceUnwrap
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
}
