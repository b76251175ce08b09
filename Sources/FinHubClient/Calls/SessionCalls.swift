public import FinHubAPI
import HTTPTypes

extension FinHubClient {
    /// The calls on sessions (contract, *Sessions*).
    public var sessions: SessionCalls { SessionCalls(client: self) }
}

/// Looks at, lists and ends sessions.
///
/// Reference: *Session Lifecycle*.
public struct SessionCalls: Sendable {
    let client: FinHubClient

    /// Logs in anew, whatever is in hand; the session so far stays as it is at the server.
    ///
    /// Reference: *Create Admin Session*.
    ///
    /// - Returns: The new session, from now on the client's.
    /// - Throws: ``FinHubClientError``; the session so far then goes on.
    @discardableResult
    public func create() async throws -> ClientSession {
        try await client.engine.renewSession(byLogin: true)
    }

    /// Refreshes the session now, however long it has still to live.
    ///
    /// Reference: *Refresh Token*. Callers at the same time share one refresh.
    ///
    /// - Returns: The same session with new tokens; another one when the server had ended it.
    /// - Throws: ``FinHubClientError``; tokens that are still good stay in use.
    @discardableResult
    public func refresh() async throws -> ClientSession {
        try await client.engine.renewSession(byLogin: false)
    }

    /// The client's own session: who, where and for how long (contract, *Look, list, end*).
    ///
    /// - Parameter options: What this call does differently.
    /// - Returns: Session, user, organization, tenant and roles; `expiresInSeconds` counts whole seconds.
    /// - Throws: ``FinHubClientError``.
    public func current(options: CallOptions = CallOptions()) async throws -> CurrentSessionBody {
        try await client.request(.get, "/admin/sessions/current", options: options)
    }

    /// One session of the tenant (contract, *Look, list, end*).
    ///
    /// - Parameters:
    ///   - id: Which.
    ///   - options: What this call does differently.
    /// - Returns: The session, never with a token.
    /// - Throws: ``FinHubClientError``; ``FinHubAPI/ErrorCode/sessionNotFound`` also for another tenant's.
    public func session(_ id: SessionID, options: CallOptions = CallOptions()) async throws -> SessionBody {
        try await client.request(.get, "/admin/sessions/\(id)", options: options)
    }

    /// One page of a user's sessions, newest first (contract, *Look, list, end*).
    ///
    /// - Parameters:
    ///   - user: Whose; by default the client's own user.
    ///   - organization: The user's; by default the client's own.
    ///   - status: Which of them.
    ///   - limit: How many at most, 1 to 200; `nil` for the server's default.
    ///   - cursor: Where the page before ended; `nil` for the first page.
    ///   - options: What this call does differently.
    /// - Returns: The sessions, and the cursor of the next page.
    /// - Throws: ``FinHubClientError``.
    public func list(
        of user: UserID? = nil,
        in organization: OrganizationID? = nil,
        status: SessionStatus = .active,
        limit: Int? = nil,
        cursor: String? = nil,
        options: CallOptions = CallOptions()
    ) async throws -> PageBody<SessionBody> {
        var query = [QueryItem("status", status.rawValue)]
        if let limit { query.append(QueryItem("limit", String(limit))) }
        if let cursor { query.append(QueryItem("cursor", cursor)) }
        return try await client.request(.get, path(of: user, in: organization), query: query, options: options)
    }

    /// All of a user's sessions, newest first, page after page as they are asked for.
    ///
    /// - Parameters:
    ///   - user: Whose; by default the client's own user.
    ///   - organization: The user's; by default the client's own.
    ///   - status: Which of them.
    /// - Returns: The sessions; reading them throws ``FinHubClientError``.
    public func all(
        of user: UserID? = nil,
        in organization: OrganizationID? = nil,
        status: SessionStatus = .active
    ) -> AllSessions {
        AllSessions { cursor in
            try await list(of: user, in: organization, status: status, limit: 200, cursor: cursor)
        }
    }

    /// Ends a session now; the server refuses it from the next request on.
    ///
    /// Ending it again is no error. To end the client's own session use ``FinHubClient/logout()``. Contract:
    /// *Look, list, end*.
    ///
    /// - Parameters:
    ///   - id: Which.
    ///   - options: What this call does differently.
    /// - Throws: ``FinHubClientError``; ``FinHubAPI/ErrorCode/sessionNotFound`` also for another tenant's.
    public func end(_ id: SessionID, options: CallOptions = CallOptions()) async throws {
        try await client.request(.delete, "/admin/sessions/\(id)", options: options)
    }

    /// Ends all of a user's sessions (contract, *Look, list, end*).
    ///
    /// - Parameters:
    ///   - user: Whose; by default the client's own user.
    ///   - organization: The user's; by default the client's own.
    ///   - sparingCurrent: Whether the client's own session goes on.
    ///   - options: What this call does differently.
    /// - Returns: How many were ended.
    /// - Throws: ``FinHubClientError``.
    @discardableResult
    public func endAll(
        of user: UserID? = nil,
        in organization: OrganizationID? = nil,
        sparingCurrent: Bool = true,
        options: CallOptions = CallOptions()
    ) async throws -> Int {
        let query = sparingCurrent ? [QueryItem("except", "current")] : []
        let body: EndedBody = try await client.request(
            .delete,
            path(of: user, in: organization),
            query: query,
            options: options
        )
        return body.ended
    }

    /// What the server knows of a token (RFC 7662); the tenant's key and secret prove who asks.
    ///
    /// - Parameters:
    ///   - token: An access token, of this or another session of the tenant.
    ///   - options: What this call does differently.
    /// - Returns: Whose it is, its times in whole seconds since 1970; or that it is not active, whatever the reason.
    /// - Throws: ``FinHubClientError``; ``FinHubAPI/ErrorCode/invalidTenantCredentials`` when key or secret are wrong.
    public func introspect(
        _ token: Secret<String>,
        options: CallOptions = CallOptions()
    ) async throws -> IntrospectionBody {
        try await client.engine.introspect(token, options: options).decode()
    }

    private func path(of user: UserID?, in organization: OrganizationID?) -> APIPath {
        let own = client.configuration.identity
        return "/admin/organization/\(organization ?? own.organization)/users/\(user ?? own.user)/sessions"
    }
}

/// Which sessions a list has.
public enum SessionStatus: String, Hashable, Sendable, CaseIterable {
    /// Those whose tokens are honoured.
    case active
    /// Those that were ended or have expired; the server keeps them for a while.
    case ended
    /// Both.
    case all
}

/// A user's sessions over all pages; each page is fetched when its first session is asked for.
public struct AllSessions: AsyncSequence, Sendable {
    let page: @Sendable (_ cursor: String?) async throws -> PageBody<SessionBody>

    /// Begins at the newest session.
    public func makeAsyncIterator() -> Iterator {
        Iterator(page: page)
    }

    /// Reads one session after the other.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let page: @Sendable (_ cursor: String?) async throws -> PageBody<SessionBody>
        private var read: ArraySlice<SessionBody> = []
        private var cursor: String?
        private var isAtEnd = false

        fileprivate init(page: @escaping @Sendable (_ cursor: String?) async throws -> PageBody<SessionBody>) {
            self.page = page
        }

        /// The next session, from the next page when need be; `nil` after the last.
        ///
        /// - Throws: ``FinHubClientError``; the same page is asked for again by the next call.
        public mutating func next() async throws -> SessionBody? {
            while read.isEmpty, !isAtEnd {
                let next = try await page(cursor)
                read = next.items[...]
                cursor = next.nextCursor
                isAtEnd = cursor == nil
            }
            return read.popFirst()
        }
    }
}
