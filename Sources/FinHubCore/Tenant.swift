public import FinHubAPI

/// One customer of the platform; everything else belongs to exactly one tenant.
public struct Tenant: Hashable, Sendable {
    /// Whether the tenant's administrators may come in.
    public enum Status: String, Hashable, Sendable {
        case active
        case suspended
    }

    public let id: TenantID
    /// The readable name in `X-Tenant-ID`: ASCII, case-sensitive.
    public let slug: TenantSlug
    public let name: String
    /// The regulatory class the hierarchy resource reports, such as `NON_REGULATED`.
    public let complianceLevel: String
    public let status: Status
    /// Raised to end every session of the tenant at once; tokens of a lower epoch are refused.
    public let epoch: Int64
    public let policy: Versioned<SessionPolicy>
    /// As the tenant's administrators gave it; empty for no restriction.
    public let allowlist: Versioned<[NetworkRange]>

    public init(
        id: TenantID,
        slug: TenantSlug,
        name: String,
        complianceLevel: String,
        status: Status = .active,
        epoch: Int64 = 0,
        policy: Versioned<SessionPolicy> = Versioned(1, .standard),
        allowlist: Versioned<[NetworkRange]> = Versioned(1, [])
    ) {
        self.id = id
        self.slug = slug
        self.name = name
        self.complianceLevel = complianceLevel
        self.status = status
        self.epoch = epoch
        self.policy = policy
        self.allowlist = allowlist
    }

    /// The same with another policy or allowlist; what is `nil` stays.
    func with(policy: Versioned<SessionPolicy>? = nil, allowlist: Versioned<[NetworkRange]>? = nil) -> Tenant {
        Tenant(
            id: id,
            slug: slug,
            name: name,
            complianceLevel: complianceLevel,
            status: status,
            epoch: epoch,
            policy: policy ?? self.policy,
            allowlist: allowlist ?? self.allowlist
        )
    }
}

/// A value and the number of its edition, counted from 1: a change names the one that it is made to.
public struct Versioned<Value: Sendable>: Sendable {
    public let version: Int64
    public let value: Value

    public init(_ version: Int64, _ value: Value) {
        self.version = version
        self.value = value
    }
}

extension Versioned: Equatable where Value: Equatable {}
extension Versioned: Hashable where Value: Hashable {}

/// A tenant's readable name: 1 to 64 ASCII letters, digits, `_` and `-`; case-sensitive; no UUID.
///
/// ASCII alone, because Swift's string equality takes different bytes for equal.
public struct TenantSlug: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    public init?(rawValue: String) {
        guard (1...64).contains(rawValue.utf8.count), rawValue.utf8.allSatisfy(\.isSlugByte),
            TenantID(rawValue) == nil
        else { return nil }
        self.rawValue = rawValue
    }
}

/// A part of a tenant: the users of one legal entity.
public struct Organization: Hashable, Sendable {
    public let id: OrganizationID
    public let tenant: TenantID
    public let name: String

    public init(id: OrganizationID, tenant: TenantID, name: String) {
        self.id = id
        self.tenant = tenant
        self.name = name
    }
}

/// A key and secret by which a tenant's backend proves who it is.
public struct TenantCredential: Hashable, Sendable {
    public let tenant: TenantID
    /// The public half, `tenantKey` on the wire.
    public let key: String
    /// SHA-256 of the secret half: it is random, so a slow hash would add nothing (ASVS 11.4).
    public let secretDigest: [UInt8]
    public let createdAt: Timestamp
    /// When it stops working; `nil` for never.
    public let expiresAt: Timestamp?

    public init(
        tenant: TenantID,
        key: String,
        secretDigest: [UInt8],
        createdAt: Timestamp,
        expiresAt: Timestamp? = nil
    ) {
        self.tenant = tenant
        self.key = key
        self.secretDigest = secretDigest
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// Names one of a tenant's signing keys; the key itself is derived, never stored.
public struct SigningKeyRecord: Hashable, Sendable {
    public let tenant: TenantID
    /// Counts the tenant's keys from 1; the highest one signs, all of them verify.
    public let number: Int64
    public let createdAt: Timestamp

    public init(tenant: TenantID, number: Int64, createdAt: Timestamp) {
        self.tenant = tenant
        self.number = number
        self.createdAt = createdAt
    }
}

extension UInt8 {
    fileprivate var isSlugByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default:
            false
        }
    }
}
