/// The network ranges of a tenant's allowlist, as text; empty for no restriction.
public struct AllowlistBody: Hashable, Sendable, JSONWritable {
    /// How many there may be.
    static let limit = 10_000

    public let ranges: [String]

    public init(ranges: [String]) {
        self.ranges = ranges
    }

    /// Reads `ranges`, which must be there: a list is never emptied by being forgotten.
    ///
    /// - Throws: ``InvalidFields``; what the texts mean is not looked at.
    public init(_ object: JSONObject) throws(InvalidFields) {
        guard let array = object["ranges"]?.array else {
            throw InvalidFields([FieldProblem(field: "ranges", message: "ranges must be an array of strings.")])
        }
        guard array.count <= Self.limit else {
            throw InvalidFields([FieldProblem(field: "ranges", message: "ranges must be at most 10,000.")])
        }
        let problems = array.indices.filter { array[$0].string == nil }.prefix(20).map { index in
            FieldProblem(field: "ranges[\(index)]", message: "ranges[\(index)] must be a string.")
        }
        guard problems.isEmpty else { throw InvalidFields(problems) }
        ranges = array.compactMap(\.string)
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { $0.member("ranges", ranges) }
    }
}

/// A new allowlist, and whether it may keep out the one who sends it.
public struct ReplaceAllowlistBody: Sendable {
    public let ranges: [String]
    public let isForced: Bool

    public init(_ object: JSONObject) throws(InvalidFields) {
        ranges = try AllowlistBody(object).ranges
        var fields = FieldReader(object)
        isForced = object["force"] == nil ? false : fields.bool("force")
        try fields.finish()
    }
}

/// Which logins an allowlist would have refused.
public struct AllowlistTrialBody: JSONWritable {
    /// The refused logins from one address.
    public struct Address: Sendable {
        /// `nil` where the address was not known.
        public let address: String?
        public let logins: Int
        public let users: Int
        public let lastAt: Timestamp

        public init(address: String?, logins: Int, users: Int, lastAt: Timestamp) {
            self.address = address
            self.logins = logins
            self.users = users
            self.lastAt = lastAt
        }
    }

    public let since: Timestamp
    /// How many logins were looked at.
    public let logins: Int
    public let refused: Int
    public let isComplete: Bool
    /// Whether the one who asks would still be let in; `nil` where nobody calls.
    public let admitsCaller: Bool?
    public let addresses: [Address]

    public init(
        since: Timestamp,
        logins: Int,
        refused: Int,
        isComplete: Bool,
        admitsCaller: Bool?,
        addresses: [Address]
    ) {
        self.since = since
        self.logins = logins
        self.refused = refused
        self.isComplete = isComplete
        self.admitsCaller = admitsCaller
        self.addresses = addresses
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("since", since)
            writer.member("logins", Int64(logins))
            writer.member("refused", Int64(refused))
            writer.member("complete", isComplete)
            if let admitsCaller { writer.member("admitsCaller", admitsCaller) }
            writer.name("addresses")
            writer.array { writer in
                for address in addresses {
                    writer.object { writer in
                        writer.member("address", address.address)
                        writer.member("logins", Int64(address.logins))
                        writer.member("users", Int64(address.users))
                        writer.member("lastAt", address.lastAt)
                    }
                }
            }
        }
    }
}
