import FinHubAPI
import FinHubCore
import Testing

extension StoreRule {
    static let userLists = [
        StoreRule("an organization's users come in the order of their names, page by page") { stores in
            try await stores.installUsers()
            #expect(try await stores.names() == ["Ada", "anna", "Bob", "cara", "Ötzi"])
            for limit in 1...6 {
                #expect(try await stores.names(limit: limit) == ["Ada", "anna", "Bob", "cara", "Ötzi"])
            }
            let other = UserQuery(organization: Sample.globex.organization, limit: 10)
            #expect(try await stores.users.users(matching: other, in: Sample.acme.tenant) == nil)
            #expect(try await stores.users.users(matching: other, in: Sample.globex.tenant)?.count == 2)
        },
        StoreRule("a search finds by the beginning of user name, then of e-mail, each user once") { stores in
            try await stores.installUsers()
            for limit in 1...4 {
                #expect(try await stores.names("A", limit: limit) == ["Ada", "anna", "cara"])
                #expect(try await stores.names("an", limit: limit) == ["anna", "cara"])
                #expect(try await stores.names("ÖT", limit: limit) == ["Ötzi"])
                #expect(try await stores.names("\u{4f}\u{308}", limit: limit) == ["Ötzi"])
                #expect(try await stores.names("x", limit: limit) == [])
                #expect(try await stores.names("%", limit: limit) == [])
            }
        },
    ]

    static let passwords = [
        StoreRule("a password is set, its forerunners are remembered, and the sessions end") { stores in
            try await stores.installSamples()
            let (ada, tenant) = (Sample.acme.ada, Sample.acme.tenant)
            let first = try await stores.directory.user(ada, in: tenant)?.passwordHash
            let outcome = try await stores.setPassword("two", at: 90)
            let user = try await stores.directory.user(ada, in: tenant)
            #expect(outcome == .done(user, CutOffOutcome(epoch: 1, ended: 1)))
            #expect(user?.passwordHash.reveal() == "two")
            #expect(user?.passwordSetAt == .noon(plus: 90))
            #expect(user?.hasTemporaryPassword == true)
            #expect(user?.version == 2)
            let ending = Ending(at: .noon(plus: 90), reason: .passwordChanged)
            #expect(try await stores.session(in: .acme)?.ending == ending)
            #expect(try await stores.session(in: .globex)?.ending == nil)
            for (index, hash) in ["three", "four", "five"].enumerated() {
                _ = try await stores.setPassword(hash, at: 100 + Int64(index))
            }
            let former = try await stores.users.formerPasswords(of: ada, in: tenant).map { $0.reveal() }
            #expect(former == ["four", "three"])
            #expect(first?.reveal() != nil)
            #expect(try await stores.users.formerPasswords(of: Sample.acme.bob, in: tenant).isEmpty)
            #expect(try await stores.users.formerPasswords(of: ada, in: Sample.globex.tenant).isEmpty)
        },
        StoreRule("a password that was proven is replaced once, and may spare a session") { stores in
            try await stores.installSamples()
            try await stores.sessions.insert(Sample.acme.session(2))
            let old = Sample.acme.user(Sample.acme.ada, named: "Ada").passwordHash
            #expect(try await stores.setPassword("x", replacing: Secret("other")) == .changedMeanwhile)
            #expect(try await stores.setPassword("x", version: 2) == .changedMeanwhile)
            let spared = Sample.acme.sessionID(2)
            let outcome = try await stores.setPassword("two", replacing: old, temporary: false, sparing: spared)
            guard case .done(let user, let cutOff) = outcome else {
                return #expect(Bool(false), "the password was not set")
            }
            #expect(user?.hasTemporaryPassword == false)
            #expect(cutOff == CutOffOutcome(epoch: 1, ended: 1, spared: spared))
            #expect(try await stores.setPassword("three", replacing: old) == .changedMeanwhile)
            #expect(try await stores.session(2, in: .acme)?.ending == nil)
            #expect(try await stores.session(in: .acme)?.ending?.reason == .passwordChanged)
            let told = try await stores.changeKinds()
            let ada = Sample.acme.ada
            #expect(Set(told) == [.userChanged(ada), .userCutOff(ada, epoch: 1, spared: spared)])
        },
    ]
}

extension Stores {
    /// Ada, Bob and three more, in one tenant; and the other tenant's two.
    fileprivate func installUsers() async throws {
        try await installSamples()
        let more = [("Ötzi", "o@example.com"), ("anna", "anna@example.com"), ("cara", "AN@example.com")]
        for (index, (name, email)) in more.enumerated() {
            let sample = Sample.acme
            let user = User(
                id: UserID(high: sample.number, low: 100 - UInt64(index)),
                tenant: sample.tenant,
                organization: sample.organization,
                userName: name,
                email: email,
                roles: [.member],
                passwordHash: Secret("hash"),
                passwordSetAt: .noon
            )
            _ = try await users.insert(user)
        }
    }

    /// The names on all pages of a list.
    fileprivate func names(_ search: String? = nil, limit: Int = 100) async throws -> [String] {
        let prefix = search.map { SignInName($0) }
        var (names, after): ([String], UserPosition?) = ([], nil)
        while true {
            let query = UserQuery(
                organization: Sample.acme.organization,
                prefix: prefix,
                after: after,
                limit: limit
            )
            let page = try await users.users(matching: query, in: Sample.acme.tenant) ?? []
            names += page.map(\.userName)
            guard page.count == limit, let last = page.last else { return names }
            after = UserPosition(of: last, prefix: prefix)
        }
    }

    fileprivate func setPassword(
        _ hash: String,
        at seconds: Int64 = 90,
        replacing: Secret<String>? = nil,
        version: Int64? = nil,
        temporary: Bool = true,
        sparing spared: SessionID? = nil
    ) async throws -> UserOutcome {
        try await users.setPassword(
            PasswordChange(
                user: Sample.acme.ada,
                tenant: Sample.acme.tenant,
                replacing: replacing,
                version: version,
                hash: Secret(hash),
                isTemporary: temporary,
                remembered: 2,
                spared: spared,
                now: .noon(plus: seconds),
                tokensExpireBy: .noon(plus: seconds + 3_600)
            )
        )
    }
}
