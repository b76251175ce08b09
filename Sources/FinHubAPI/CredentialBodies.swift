/// How long the old tenant credential is good beside a new one.
public struct RotateCredentialBody: Sendable {
    /// 0 to 2,592,000; `nil` where it is not said.
    public let overlapSeconds: Int?

    public init(_ object: JSONObject) throws(InvalidFields) {
        var fields = FieldReader(object)
        switch object["overlapSeconds"] {
        case nil, .null?: overlapSeconds = nil
        default: overlapSeconds = fields.integer("overlapSeconds", in: 0...2_592_000)
        }
        try fields.finish()
    }
}

/// A tenant's credential as it is listed: never its secret.
public struct CredentialBody: JSONWritable {
    public let tenantKey: String
    public let createdAt: Timestamp
    /// `nil`: it has no end.
    public let expiresAt: Timestamp?
    public let lastUsedAt: Timestamp?
    /// When its secret should have been replaced.
    public let rotateBy: Timestamp
    public let isInForce: Bool

    public init(
        tenantKey: String,
        createdAt: Timestamp,
        expiresAt: Timestamp?,
        lastUsedAt: Timestamp?,
        rotateBy: Timestamp,
        isInForce: Bool
    ) {
        self.tenantKey = tenantKey
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
        self.rotateBy = rotateBy
        self.isInForce = isInForce
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("tenantKey", tenantKey)
            writer.member("createdAt", createdAt)
            writer.member("expiresAt", expiresAt)
            writer.member("lastUsedAt", lastUsedAt)
            writer.member("rotateBy", rotateBy)
            writer.member("inForce", isInForce)
        }
    }
}

/// A new tenant credential with its secret, shown once, and what it replaces.
public struct RotatedCredentialBody: JSONWritable {
    /// A credential that is good for some time yet.
    public struct Replaced: Sendable {
        public let tenantKey: String
        public let expiresAt: Timestamp?

        public init(tenantKey: String, expiresAt: Timestamp?) {
            self.tenantKey = tenantKey
            self.expiresAt = expiresAt
        }
    }

    public let tenantKey: String
    public let tenantSecret: Secret<String>
    public let createdAt: Timestamp
    public let rotateBy: Timestamp
    public let replaced: [Replaced]

    public init(
        tenantKey: String,
        tenantSecret: Secret<String>,
        createdAt: Timestamp,
        rotateBy: Timestamp,
        replaced: [Replaced]
    ) {
        self.tenantKey = tenantKey
        self.tenantSecret = tenantSecret
        self.createdAt = createdAt
        self.rotateBy = rotateBy
        self.replaced = replaced
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("tenantKey", tenantKey)
            writer.member("tenantSecret", tenantSecret.reveal())
            writer.member("createdAt", createdAt)
            writer.member("rotateBy", rotateBy)
            writer.name("replaces")
            writer.array { writer in
                for old in replaced {
                    writer.object { writer in
                        writer.member("tenantKey", old.tenantKey)
                        writer.member("expiresAt", old.expiresAt)
                    }
                }
            }
        }
    }
}

/// A client that used a credential.
public struct CredentialClientBody: JSONWritable {
    /// `nil` where it was not known.
    public let address: String?
    public let userAgent: String?
    public let firstAt: Timestamp
    public let lastAt: Timestamp
    public let uses: Int

    public init(address: String?, userAgent: String?, firstAt: Timestamp, lastAt: Timestamp, uses: Int) {
        self.address = address
        self.userAgent = userAgent
        self.firstAt = firstAt
        self.lastAt = lastAt
        self.uses = uses
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("address", address)
            writer.member("userAgent", userAgent)
            writer.member("firstAt", firstAt)
            writer.member("lastAt", lastAt)
            writer.member("uses", Int64(uses))
        }
    }
}

/// A list that is always whole: there are no pages.
public struct ItemsBody<Item: JSONWritable>: JSONWritable {
    public let items: [Item]

    public init(items: [Item]) {
        self.items = items
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.name("items")
            writer.array { writer in for item in items { item.write(to: &writer) } }
        }
    }
}
