/// A tenant, as its operator sees it.
public struct TenantBody: JSONWritable {
    public let tenantID: TenantID
    public let slug: String
    public let name: String
    public let complianceLevel: String
    public let isActive: Bool
    /// How many ranges its allowlist has; 0 for no restriction.
    public let allowlistRanges: Int

    public init(
        tenantID: TenantID,
        slug: String,
        name: String,
        complianceLevel: String,
        isActive: Bool,
        allowlistRanges: Int
    ) {
        self.tenantID = tenantID
        self.slug = slug
        self.name = name
        self.complianceLevel = complianceLevel
        self.isActive = isActive
        self.allowlistRanges = allowlistRanges
    }

    /// `ACTIVE` or `SUSPENDED`.
    public var status: String { isActive ? "ACTIVE" : "SUSPENDED" }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("tenantId", tenantID)
            writer.member("slug", slug)
            writer.member("name", name)
            writer.member("complianceLevel", complianceLevel)
            writer.member("status", status)
            writer.member("allowlistRanges", Int64(allowlistRanges))
        }
    }
}
