public import FinHubAPI
public import Logging
public import Metrics
public import Tracing

extension FinHubClient {
    /// Which host to call, as whom, and how patiently.
    public struct Configuration: Sendable {
        /// Where FinHub is.
        public var server: ServerAddress
        /// Whose session the client keeps.
        public var identity: SessionIdentity
        /// Where the credentials come from; asked at every login.
        public var credentials: CredentialSource
        /// What the server is told of where the calls come from; a call can say otherwise.
        public var caller = CallerDetails()
        /// Whom to believe in TLS.
        public var trust = TrustRoots.system

        /// How long before it expires a session is refreshed.
        ///
        /// The moment is moved forward by up to a tenth of this at random, so that clients that were
        /// started together don't refresh together. It is never more than half of a token's life.
        public var refreshMargin = Duration.seconds(300)
        /// How long credentials that were refused are not tried again.
        public var refusedLoginCoolDown = Duration.seconds(30)
        /// How long a call may take in all, with waiting for tokens and every retry.
        public var deadline = Duration.seconds(30)
        /// How many HTTP/1.1 connections there may be at a time; further calls wait for one.
        public var connections = 64
        /// How long a connection may take to be made, TLS included.
        public var connectTimeout = Duration.seconds(5)
        /// How long the server may say nothing in the midst of an answer.
        public var idleTimeout = Duration.seconds(15)
        /// How failures that may pass are met.
        public var retries = RetryPolicy()
        /// How many bytes of answers are kept; 0 keeps none.
        public var cacheBytes = 8 * 1_024 * 1_024
        /// How large one answer may be, in bytes, that is not read as a stream.
        public var answerBytes = 8 * 1_024 * 1_024

        /// Told what happens to sessions; never a secret.
        public var logger = Logger(label: "finhub.client")
        /// Where measurements go; `nil` for what `MetricsSystem` was bootstrapped with.
        public var metricsFactory: (any MetricsFactory)?
        /// Who records spans; `nil` for what `InstrumentationSystem` was bootstrapped with.
        public var tracer: (any Tracer)?

        /// What must be said; everything else has a default.
        public init(server: ServerAddress, identity: SessionIdentity, credentials: CredentialSource) {
            self.server = server
            self.identity = identity
            self.credentials = credentials
        }
    }
}

/// Whose session it is: what the path of a login and `X-Tenant-ID` say.
public struct SessionIdentity: Hashable, Sendable {
    /// Sent as `X-Tenant-ID`: the tenant's slug, such as `tenant_cloudvault`, or its UUID.
    public let tenant: String
    /// The administrator's organization, in the path of a login (reference, *Path Parameters*).
    public let organization: OrganizationID
    /// The administrator, in the path of a login (reference, *Path Parameters*).
    public let user: UserID

    /// The identity that the Admin Portal names so.
    public init(tenant: String, organization: OrganizationID, user: UserID) {
        self.tenant = tenant
        self.organization = organization
        self.user = user
    }

    /// The same from texts, as the Admin Portal shows them.
    ///
    /// - Throws: ``FinHubClientError`` with ``FinHubAPI/ErrorCode/clientInvalidConfiguration`` when one of
    ///   the two is no UUID.
    public init(tenant: String, organizationID: String, userID: String) throws {
        guard let organization = OrganizationID(organizationID), let user = UserID(userID) else {
            throw FinHubClientError(
                code: .clientInvalidConfiguration,
                message: "Organization and user must be UUIDs.",
                suggestions: ["Take them from the Admin Portal."]
            )
        }
        self.init(tenant: tenant, organization: organization, user: user)
    }
}

extension FinHubClient.Configuration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "\(identity.user) of \(identity.tenant) at \(server)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["server": server, "identity": identity]) }
}
