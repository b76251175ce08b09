public import FinHubAPI

/// From which age on something should be replaced.
public enum ReminderAge {
    /// A tenant's secret.
    public static let tenantSecret: Duration = .seconds(90 * 86_400)
    /// A user's password; a reminder and nothing else, whatever the tenant's policy asks for.
    public static let password: Duration = .seconds(30 * 86_400)
}

/// Something that should have been replaced by now.
public struct Reminder: Hashable, Sendable {
    /// What it is.
    public enum Subject: Hashable, Sendable {
        /// The secret of the credential with that key.
        case tenantSecret(key: String)
        case password(of: UserID)
    }

    public let subject: Subject
    /// Since when it is in use.
    public let since: Timestamp

    public init(_ subject: Subject, since: Timestamp) {
        self.subject = subject
        self.since = since
    }

    /// When it should have been replaced.
    public var dueSince: Timestamp {
        switch subject {
        case .tenantSecret: since + ReminderAge.tenantSecret
        case .password: since + ReminderAge.password
        }
    }
}

/// What should have been replaced by now, of all tenants.
public struct ReminderSummary: Hashable, Sendable {
    /// How many secrets and tenants are named at most.
    public static let limit = 1_000

    /// The secrets in force that are too old, the oldest first.
    public let secrets: [TenantCredential]
    /// How many there are.
    public let secretCount: Int
    /// How many active users of a tenant have a password that is too old, the tenants with the most first.
    public let passwords: [TenantPasswords]
    /// How many there are.
    public let passwordCount: Int

    public init(secrets: [TenantCredential], secretCount: Int, passwords: [TenantPasswords], passwordCount: Int) {
        self.secrets = secrets
        self.secretCount = secretCount
        self.passwords = passwords
        self.passwordCount = passwordCount
    }
}

/// How many passwords of one tenant are too old.
public struct TenantPasswords: Hashable, Sendable {
    public let tenant: TenantID
    public let count: Int

    public init(tenant: TenantID, count: Int) {
        self.tenant = tenant
        self.count = count
    }
}

/// Finds secrets and passwords by their age.
///
/// The promises of ``SessionStore`` hold here too.
public protocol ReminderStore: Sendable {
    /// What is too old in one tenant: secrets in force, then passwords of active users; each the oldest first,
    /// and no more than `limit` together.
    func reminders(of tenant: TenantID, at now: Timestamp, limit: Int) async throws -> [Reminder]

    /// What is too old in all tenants.
    func summary(at now: Timestamp) async throws -> ReminderSummary
}
