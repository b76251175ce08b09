import FinHubAPI
import FinHubTokens

/// The claims of a payload by way of the general JSON reader, and our one spelling of them.
struct ReferenceClaims {
    private let issuedAt: Int64
    private let expiresAt: Int64
    private let tenant: TenantID

    /// Reads claims that we could have written; anything else is `nil`.
    init?(_ payload: [UInt8]) {
        guard let object = try? JSON(payload).object,
            let user: UserID = object.identifier("sub"), let organization: OrganizationID = object.identifier("orgId"),
            let tenant: TenantID = object.identifier("tenantId"), let session: SessionID = object.identifier("sid"),
            let roles = object["roles"]?.array?.map({ $0.string }), let tokenID = object["jti"]?.string,
            let issuedAt = object.integer("iat"), let expiresAt = object.integer("exp"),
            let userEpoch = object.integer("userEpoch"), let tenantEpoch = object.integer("tenantEpoch")
        else { return nil }
        let words = roles.compactMap { $0 }
        let isWord: (String) -> Bool = { word in
            !word.isEmpty
                && word.utf8.allSatisfy { ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a) || "0123456789-_".utf8.contains($0) }
        }
        guard words.count == roles.count, words.allSatisfy(isWord),
            ReferenceBase64URL.decode(Array(tokenID.utf8))?.count == 16
        else { return nil }
        let list = words.map { "\"\($0)\"" }.joined(separator: ",")
        let spelling = """
            {"iss":"https://finhub.example","aud":"finhub","sub":"\(user)","orgId":"\(organization)",\
            "tenantId":"\(tenant)","roles":[\(list)],"iat":\(issuedAt),"exp":\(expiresAt),"jti":"\(tokenID)",\
            "sid":"\(session)","userType":"ADMIN","token_use":"access","userEpoch":\(userEpoch),\
            "tenantEpoch":\(tenantEpoch)}
            """
        guard Array(spelling.utf8) == payload else { return nil }
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.tenant = tenant
    }

    /// What a check has to say of them, under the right key.
    func verdict(for issued: IssuedTokens) -> TokenVerdict {
        let lifetime = Double(expiresAt) - Double(issuedAt)
        guard tenant == IssuedTokens.tenant, lifetime >= 1, lifetime <= 3_600,
            issuedAt <= IssuedTokens.now + 30
        else { return .invalid }
        return expiresAt > IssuedTokens.now ? .inForce : .expired
    }
}

extension JSONObject {
    fileprivate func identifier<Named>(_ name: String) -> ID<Named>? {
        self[name]?.string.flatMap { ID<Named>($0) }
    }

    fileprivate func integer(_ name: String) -> Int64? {
        guard case .number(let text)? = self[name], let value = Int64(text), value >= 0 else { return nil }
        return value
    }
}
