package import FinHubAPI
import HTTPTypes

/// A tenant's key and secret as HTTP Basic carries them (RFC 7617).
package struct BasicCredentials: Sendable {
    package let key: String
    package let secret: Secret<String>

    /// - Throws: ``Refusal``, 401, for a header that is missing or is not Basic to the letter.
    package init(_ authorization: String?) throws {
        guard let authorization, authorization.utf8.count <= 4_096,
            authorization.prefix(6).lowercased() == "basic ",
            let text = Self.decode(authorization.dropFirst(6)),
            let colon = text.utf8.firstIndex(of: UInt8(ascii: ":"))
        else { throw Self.required }
        key = String(text[..<colon])
        secret = Secret(String(text[text.utf8.index(after: colon)...]))
    }

    private static let required: Refusal = {
        var refusal = Refusal(
            .unauthorized,
            .tokenRequired,
            "Tenant key and tenant secret are required.",
            suggestions: ["Send them as HTTP Basic: Authorization: Basic base64(tenantKey:tenantSecret)"]
        )
        refusal.headers[.wwwAuthenticate] = #"Basic realm="finhub", charset="UTF-8""#
        return refusal
    }()

    /// Standard base64 with padding is base64url in another alphabet.
    private static func decode(_ text: Substring) -> String? {
        guard text.utf8.count % 4 == 0 else { return nil }
        var characters = Array(text.utf8)
        for _ in 0..<2 where characters.last == UInt8(ascii: "=") { characters.removeLast() }
        for index in characters.indices {
            switch characters[index] {
            case UInt8(ascii: "+"): characters[index] = UInt8(ascii: "-")
            case UInt8(ascii: "/"): characters[index] = UInt8(ascii: "_")
            case UInt8(ascii: "-"), UInt8(ascii: "_"): return nil
            default: continue
            }
        }
        return Base64URL.decode(characters).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
