import Crypto
public import FinHubAPI

/// The categorization hierarchy of a tenant, and who may replace which edition of it.
public struct HierarchyService: Sendable {
    private let store: any DirectoryStore
    private let tenants: TenantDirectory
    private let audit: AuditLog

    public init(store: any DirectoryStore, tenants: TenantDirectory, audit: AuditLog) {
        self.audit = audit
        self.store = store
        self.tenants = tenants
    }

    /// The hierarchy as it stands.
    ///
    /// - Throws: ``HierarchyRefusal/notFound``.
    public func hierarchy(of tenant: TenantID) async throws -> TaggedHierarchy {
        try await versioned(of: tenant).tagged
    }

    /// Replaces the hierarchy, if it is still one of the editions that `isExpected` accepts.
    ///
    /// `isExpected` says whether the caller knows the edition of an entity tag (RFC 9110,
    /// section 13.1.1). By a ``HierarchyRefusal`` nothing is changed.
    public func replace(
        of tenant: TenantID,
        with hierarchy: CategorizationBody,
        ifMatching isExpected: (_ entityTag: String) -> Bool
    ) async throws -> TaggedHierarchy {
        let (current, version) = try await versioned(of: tenant)
        guard isExpected(current.entityTag) else { throw HierarchyRefusal.changedMeanwhile }
        if let feature = hierarchy.unknownFeature { throw HierarchyRefusal.unknownFeature(feature) }
        let new = TaggedHierarchy(tenant: current.tenant, hierarchy: hierarchy)
        let note: AuditNote<Bool> = audit.note(in: tenant) { isDone in
            isDone
                ? AuditHappening(
                    event: .administered,
                    object: "hierarchy",
                    changes: [AuditChange("entityTag", before: current.entityTag, after: new.entityTag)]
                ) : nil
        }
        guard try await store.replaceHierarchy(of: tenant, version: version, with: hierarchy, noting: note) else {
            throw HierarchyRefusal.changedMeanwhile
        }
        return new
    }

    private func versioned(of tenant: TenantID) async throws -> (tagged: TaggedHierarchy, version: Int64) {
        guard let owner = tenants.tenant(tenant), let found = try await store.hierarchy(of: tenant) else {
            throw HierarchyRefusal.notFound
        }
        return (TaggedHierarchy(tenant: owner, hierarchy: found.value), found.version)
    }
}

/// A hierarchy, whose it is, and the strong entity tag of the two.
public struct TaggedHierarchy: Sendable {
    public let tenant: Tenant
    public let hierarchy: CategorizationBody
    /// With its quotes (RFC 9110, section 8.8.3).
    public let entityTag: String

    init(tenant: Tenant, hierarchy: CategorizationBody) {
        self.tenant = tenant
        self.hierarchy = hierarchy
        var digest = SHA256()
        digest.update(data: hierarchy.jsonBytes)
        digest.update(data: Array("\(tenant.id)\0\(tenant.name)\0\(tenant.complianceLevel)".utf8))
        entityTag = "\"\(Base64URL.encode(Array(digest.finalize().prefix(16))))\""
    }
}

/// Why a hierarchy was not shown or not replaced.
public enum HierarchyRefusal: Error, Hashable, Sendable {
    case notFound
    /// It is no longer the edition that the caller knows.
    case changedMeanwhile
    /// A category names a feature that does not exist.
    case unknownFeature(String)
}
