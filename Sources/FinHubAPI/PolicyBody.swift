/// A tenant's session policy, as it is sent and stored; out of bounds there is none.
public struct PolicyBody: Hashable, Sendable {
    /// A limit to a user's simultaneous sessions.
    public struct ConcurrentSessions: Hashable, Sendable {
        public var maximum: Int
        /// `EVICT_OLDEST`, `EVICT_LONGEST_IDLE` or `REFUSE`.
        public var whenFull: String

        public init(maximum: Int, whenFull: String) {
            self.maximum = maximum
            self.whenFull = whenFull
        }
    }

    /// 300 to 3,600.
    public var tokenLifetimeSeconds: Int
    /// 300 to 2,592,000, and not below the token's lifetime.
    public var absoluteLifetimeSeconds: Int
    /// 0 to 3,600.
    public var refreshRetryWindowSeconds: Int
    /// `nil`: any number.
    public var concurrentSessions: ConcurrentSessions?
    public var bindToAddress: Bool
    public var bindToDevice: Bool
    /// `NIST` or `PCI`.
    public var passwordRules: String
    /// 1 to 3,650; `nil`: any age.
    public var passwordMaximumAgeDays: Int?
    public var secondFactorRequired: Bool
    public var strictRevocation: Bool

    public init(
        tokenLifetimeSeconds: Int,
        absoluteLifetimeSeconds: Int,
        refreshRetryWindowSeconds: Int,
        concurrentSessions: ConcurrentSessions? = nil,
        bindToAddress: Bool = false,
        bindToDevice: Bool = false,
        passwordRules: String = "NIST",
        passwordMaximumAgeDays: Int? = nil,
        secondFactorRequired: Bool = false,
        strictRevocation: Bool = false
    ) {
        self.tokenLifetimeSeconds = tokenLifetimeSeconds
        self.absoluteLifetimeSeconds = absoluteLifetimeSeconds
        self.refreshRetryWindowSeconds = refreshRetryWindowSeconds
        self.concurrentSessions = concurrentSessions
        self.bindToAddress = bindToAddress
        self.bindToDevice = bindToDevice
        self.passwordRules = passwordRules
        self.passwordMaximumAgeDays = passwordMaximumAgeDays
        self.secondFactorRequired = secondFactorRequired
        self.strictRevocation = strictRevocation
    }

    /// Reads a whole policy: every field is required, so that none is reset by being forgotten.
    ///
    /// - Parameters:
    ///   - object: The body.
    ///   - shortestTokenLifetime: In seconds; a sandbox keeps a shorter one than a request may ask for.
    /// - Throws: ``InvalidFields``.
    public init(_ object: JSONObject, shortestTokenLifetime: Int = 300) throws(InvalidFields) {
        var reader = FieldReader(object)
        tokenLifetimeSeconds = reader.integer("tokenLifetimeSeconds", in: shortestTokenLifetime...3_600)
        absoluteLifetimeSeconds = reader.integer("absoluteLifetimeSeconds", in: 300...2_592_000)
        refreshRetryWindowSeconds = reader.integer("refreshRetryWindowSeconds", in: 0...3_600)
        concurrentSessions = reader.nullable("concurrentSessions").flatMap { reader.concurrentSessions($0) }
        bindToAddress = reader.bool("bindToAddress")
        bindToDevice = reader.bool("bindToDevice")
        passwordRules = reader.choice("passwordRules", of: ["NIST", "PCI"])
        passwordMaximumAgeDays =
            reader.nullable("passwordMaximumAgeDays") == nil
            ? nil : reader.integer("passwordMaximumAgeDays", in: 1...3_650)
        secondFactorRequired = reader.bool("secondFactorRequired")
        strictRevocation = reader.bool("strictRevocation")
        if reader.problems.isEmpty, absoluteLifetimeSeconds < tokenLifetimeSeconds {
            reader.report("absoluteLifetimeSeconds", "must not be below tokenLifetimeSeconds")
        }
        try reader.finish()
    }
}

extension FieldReader {
    fileprivate mutating func concurrentSessions(_ value: JSON) -> PolicyBody.ConcurrentSessions? {
        guard let object = value.object else {
            report("concurrentSessions", "must be an object, or null for any number")
            return nil
        }
        var reader = FieldReader(object, at: "concurrentSessions.")
        let limit = PolicyBody.ConcurrentSessions(
            maximum: reader.integer("maximum", in: 1...1_000),
            whenFull: reader.choice("whenFull", of: ["EVICT_OLDEST", "EVICT_LONGEST_IDLE", "REFUSE"])
        )
        merge(reader)
        return limit
    }
}

extension PolicyBody: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("tokenLifetimeSeconds", Int64(tokenLifetimeSeconds))
            writer.member("absoluteLifetimeSeconds", Int64(absoluteLifetimeSeconds))
            writer.member("refreshRetryWindowSeconds", Int64(refreshRetryWindowSeconds))
            writer.name("concurrentSessions")
            if let concurrentSessions {
                writer.object { writer in
                    writer.member("maximum", Int64(concurrentSessions.maximum))
                    writer.member("whenFull", concurrentSessions.whenFull)
                }
            } else {
                writer.null()
            }
            writer.member("bindToAddress", bindToAddress)
            writer.member("bindToDevice", bindToDevice)
            writer.member("passwordRules", passwordRules)
            writer.member("passwordMaximumAgeDays", passwordMaximumAgeDays.map(Int64.init))
            writer.member("secondFactorRequired", secondFactorRequired)
            writer.member("strictRevocation", strictRevocation)
        }
    }
}
