import FinHubAPI

/// The claims of a token as JSON, in the one spelling that we write and the only one we read.
struct ClaimsText: Sendable {
    private let prefix: [UInt8]

    init(issuer: String, audience: String) {
        prefix = Array(#"{"iss":"\#(issuer)","aud":"\#(audience)","sub":""#.utf8)
    }

    /// The payload of a token of these claims.
    func encode(_ claims: AccessClaims) -> [UInt8] {
        var text = prefix
        text.reserveCapacity(512)
        claims.user.write(to: &text)
        text.append(contentsOf: #"","orgId":""#.utf8)
        claims.organization.write(to: &text)
        text.append(contentsOf: #"","tenantId":""#.utf8)
        claims.tenant.write(to: &text)
        text.append(contentsOf: #"","roles":["#.utf8)
        for (index, role) in claims.roles.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            Self.appendWord(role, to: &text)
        }
        text.append(contentsOf: #"],"iat":\#(claims.issuedAt),"exp":\#(claims.expiresAt),"jti":"#.utf8)
        Self.appendWord(claims.tokenID, to: &text)
        text.append(contentsOf: #","sid":""#.utf8)
        claims.session.write(to: &text)
        text.append(contentsOf: #"","userType":"ADMIN","token_use":"access","userEpoch":"#.utf8)
        text.append(contentsOf: #"\#(claims.userEpoch),"tenantEpoch":\#(claims.tenantEpoch)"#.utf8)
        if let restriction = claims.restriction {
            text.append(contentsOf: #","scope":"\#(restriction.rawValue)""#.utf8)
        }
        if let client = claims.client {
            text.append(contentsOf: #","cnf":{"client":"#.utf8)
            Self.appendWord(client, to: &text)
            text.append(UInt8(ascii: "}"))
        }
        text.append(UInt8(ascii: "}"))
        return text
    }

    /// The claims of an encoded payload in exactly the spelling of ``encode(_:)``, or `nil`.
    func claims(inPayload payload: UnsafeBufferPointer<UInt8>) -> AccessClaims? {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: payload.count) { buffer in
            guard let count = Base64URL.decode(payload, into: buffer) else { return nil }
            return claims(in: UnsafeBufferPointer(rebasing: buffer[..<count]))
        }
    }

    private func claims(in text: UnsafeBufferPointer<UInt8>) -> AccessClaims? {
        var reader = ClaimReader(text)
        guard prefix.withUnsafeBufferPointer({ reader.take($0) }), let user: UserID = reader.identifier(),
            reader.take(#"","orgId":""#), let organization: OrganizationID = reader.identifier(),
            reader.take(#"","tenantId":""#), let tenant: TenantID = reader.identifier(),
            reader.take(#"","roles":["#), let roles = reader.words(),
            reader.take(#","iat":"#), let issuedAt = reader.integer(),
            reader.take(#","exp":"#), let expiresAt = reader.integer(),
            reader.take(#","jti":""#), let tokenID = reader.code128(),
            reader.take(#","sid":""#), let session: SessionID = reader.identifier(),
            reader.take(#"","userType":"ADMIN","token_use":"access","userEpoch":"#),
            let userEpoch = reader.integer(),
            reader.take(#","tenantEpoch":"#), let tenantEpoch = reader.integer()
        else { return nil }
        var restriction: TokenRestriction?
        if reader.take(#","scope":""#) {
            guard let scope = reader.word(), let known = TokenRestriction(rawValue: scope) else { return nil }
            restriction = known
        }
        var client: String?
        if reader.take(#","cnf":{"client":""#) {
            guard let code = reader.code128(), reader.take("}") else { return nil }
            client = code
        }
        guard reader.take("}"), reader.isAtEnd else { return nil }
        return AccessClaims(
            user: user,
            organization: organization,
            tenant: tenant,
            roles: roles,
            issuedAt: issuedAt,
            expiresAt: expiresAt,
            tokenID: tokenID,
            session: session,
            userEpoch: userEpoch,
            tenantEpoch: tenantEpoch,
            restriction: restriction,
            client: client
        )
    }

    /// Appends `word` in quotes.
    ///
    /// A word of anything but base64url's characters is a mistake of the caller. It is escaped,
    /// so that it cannot pass for other claims, and the token is one that nobody accepts.
    private static func appendWord(_ word: String, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        for unit in word.utf16 {
            if let byte = UInt8(exactly: unit), Base64URL.values[Int(byte)] < 64 {
                text.append(byte)
            } else {
                let digits = String(unit, radix: 16)
                text.append(contentsOf: #"\u"#.utf8)
                text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count))
                text.append(contentsOf: digits.utf8)
            }
        }
        text.append(UInt8(ascii: "\""))
    }
}
