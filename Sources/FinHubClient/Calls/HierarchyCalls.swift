public import FinHubAPI
import HTTPTypes

extension FinHubClient {
    /// The calls on the categorization hierarchy (contract, *Protected resource*).
    public var hierarchy: HierarchyCalls { HierarchyCalls(client: self) }
}

/// Reads and replaces a tenant's categorization hierarchy.
///
/// Reference: *Using the Token*.
public struct HierarchyCalls: Sendable {
    let client: FinHubClient

    /// The hierarchy and its entity tag, as fresh as the server's `Cache-Control` asks for.
    public func get(_ tenant: TenantID, options: CallOptions = CallOptions()) async throws -> Tagged<HierarchyBody> {
        try await tagged(FinHubRequest(.get, path(of: tenant), options: options))
    }

    /// Replaces categories and features.
    ///
    /// - Parameters:
    ///   - tenant: Whose; the client's own.
    ///   - body: What stands there afterwards.
    ///   - entityTag: The tag of what is replaced.
    ///   - options: What this call does differently.
    /// - Returns: The hierarchy as it is now.
    /// - Throws: ``FinHubClientError``; ``FinHubAPI/ErrorCode/preconditionFailed`` when somebody else
    ///   replaced it in between. It is not sent again after its answer was lost, for then the
    ///   server would refuse it as stale although it had worked: read it again to find out.
    @discardableResult
    public func put(
        _ tenant: TenantID,
        _ body: CategorizationBody,
        replacing entityTag: String,
        options: CallOptions = CallOptions()
    ) async throws -> Tagged<HierarchyBody> {
        var options = options
        options.headers[.ifMatch] = entityTag
        return try await tagged(FinHubRequest(.put, path(of: tenant), writing: body, options: options))
    }

    private func tagged(_ request: FinHubRequest) async throws -> Tagged<HierarchyBody> {
        let answer = try await client.send(request)
        return Tagged(value: try answer.decode(), entityTag: answer.entityTag)
    }

    private func path(of tenant: TenantID) -> APIPath {
        "/customer/individual/categorization/hierarchy/\(tenant)"
    }
}

/// A value and what names this edition of it.
public struct Tagged<Value: Sendable>: Sendable {
    /// What was read.
    public let value: Value
    /// The `ETag`, with its quotation marks; `nil` when the server gave none.
    public let entityTag: String?

    /// A value as it was under `entityTag`.
    public init(value: Value, entityTag: String?) {
        self.value = value
        self.entityTag = entityTag
    }
}
