/// Something of a tenant's that should have been replaced by now.
public struct ReminderBody: JSONWritable {
    /// What it is.
    public enum Subject: Sendable {
        case tenantSecret(key: String)
        case password(UserID)
    }

    public let subject: Subject
    public let since: Timestamp
    public let dueSince: Timestamp

    public init(_ subject: Subject, since: Timestamp, dueSince: Timestamp) {
        self.subject = subject
        self.since = since
        self.dueSince = dueSince
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            switch subject {
            case .tenantSecret(let key):
                writer.member("kind", "TENANT_SECRET")
                writer.member("tenantKey", key)
            case .password(let user):
                writer.member("kind", "PASSWORD")
                writer.member("userId", user)
            }
            writer.member("since", since)
            writer.member("dueSince", dueSince)
        }
    }
}
