/// An entry of the audit log.
public struct AuditEntryBody: JSONWritable {
    /// One thing that is now otherwise.
    public struct Change: Sendable {
        public let name: String
        public let before: String?
        public let after: String?

        public init(name: String, before: String?, after: String?) {
            self.name = name
            self.before = before
            self.after = after
        }
    }

    /// Its number in the tenant's log, counted from 1.
    public var sequence: Int64
    public var at: Timestamp
    /// From OWASP's logging vocabulary.
    public var event: String
    /// `USER`, `STRANGER`, `OPERATOR` or `SYSTEM`.
    public var actorKind: String
    public var actorID: UserID?
    public var subjectID: UserID?
    public var sessionID: SessionID?
    public var object: String?
    public var reason: String?
    public var correlationID: String?
    public var clientAddress: String?
    public var userAgent: String?
    public var deviceID: String?
    public var changes: [Change]

    public init(sequence: Int64, at: Timestamp, event: String, actorKind: String, changes: [Change]) {
        self.sequence = sequence
        self.at = at
        self.event = event
        self.actorKind = actorKind
        self.changes = changes
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("sequence", sequence)
            writer.member("at", at)
            writer.member("event", event)
            writer.member("actorKind", actorKind)
            writer.member("actorId", actorID?.description)
            writer.member("subjectId", subjectID?.description)
            writer.member("sessionId", sessionID?.description)
            writer.member("object", object)
            writer.member("reason", reason)
            writer.member("correlationId", correlationID)
            writer.member("clientAddress", clientAddress)
            writer.member("userAgent", userAgent)
            writer.member("deviceId", deviceID)
            writer.name("changes")
            writer.array { writer in
                for change in changes {
                    writer.object { writer in
                        writer.member("name", change.name)
                        writer.member("before", change.before)
                        writer.member("after", change.after)
                    }
                }
            }
        }
    }
}
