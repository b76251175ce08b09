import FinHubAPI
import FinHubCore
import Testing

extension StoreRule {
    static let userChanges = [
        StoreRule("a user is added, and the others learn of it") { stores in
            try await stores.installSamples()
            let eve = Sample.acme.user(.eve, named: "Eve")
            #expect(try await stores.users.insert(eve) == .done(eve, nil))
            #expect(try await stores.directory.user(.eve, in: Sample.acme.tenant) == eve)
            #expect(try await stores.directory.user(.eve, in: Sample.globex.tenant) == nil)
            #expect(try await stores.changeKinds() == [.userChanged(.eve)])
        },
        StoreRule("a name is one user's, as user name and as e-mail, whatever its case and form", check: namesAreTaken),
        StoreRule("a user is changed once in each version, and counts one up", check: userIsChanged),
        StoreRule("who loses access is out at once, and nobody else", check: accessIsWithdrawn),
        StoreRule("the last active ADMIN of a tenant stays one, whatever is tried at once", check: lastAdministrator),
        StoreRule("a user who is removed is out, gone, and leaves the name to others", check: userIsRemoved),
        StoreRule("a removed user is forgotten when no session tells of it any more") { stores in
            try await stores.installSamples()
            _ = try await stores.remove(Sample.acme.ada)
            _ = try await stores.remove(Sample.acme.bob, removesAdministrator: false)
            #expect(try await stores.users.forgetDeleted(limit: 10) == 0)
            _ = try await stores.sessions.settleCutOffs(limit: 10, at: .noon(plus: 100))
            #expect(try await stores.users.forgetDeleted(limit: 10) == 1)
            #expect(try await stores.session(in: .acme)?.ending?.reason == .accessWithdrawn)
            _ = try await stores.sessions.removeSessions(over: .noon(plus: 1_000), limit: 10)
            #expect(try await stores.users.forgetDeleted(limit: 10) == 1)
            #expect(try await stores.users.forgetDeleted(limit: 10) == 0)
            #expect(try await stores.directory.user(Sample.globex.ada, in: Sample.globex.tenant) != nil)
        },
    ]

    @Sendable
    private static func namesAreTaken(_ stores: Stores) async throws {
        try await stores.installSamples()
        func insert(_ userName: String, _ email: String, in sample: Sample = .acme) async throws -> UserOutcome {
            try await stores.users.insert(sample.user(UserID(high: sample.number, low: 77), userName, email))
        }
        #expect(try await insert("ADA", "new@example.com") == .taken(.userName))
        #expect(try await insert("\u{ff21}da", "new@example.com") == .taken(.userName))
        #expect(try await insert("bob@EXAMPLE.com", "new@example.com") == .taken(.userName))
        #expect(try await insert("new", "Ada@example.com") == .taken(.email))
        #expect(try await insert("new", "ada") == .taken(.email))
        #expect(try await stores.directory.user(UserID(high: 1, low: 77), in: Sample.acme.tenant) == nil)
        #expect(try await stores.change(Sample.acme.ada, email: "BOB") == .taken(.email))
        #expect(try await stores.changeKinds() == [])
        // One's own name is no hindrance, and another tenant's neither.
        guard case .done = try await stores.change(Sample.acme.ada, email: "ADA") else {
            return #expect(Bool(false), "the user's own name was taken")
        }
        guard case .done = try await insert("carol", "carol@example.com", in: .globex) else {
            return #expect(Bool(false), "a free name was taken")
        }
        guard case .done = try await insert("carol", "carol@example.com") else {
            return #expect(Bool(false), "another tenant's name was taken")
        }
    }

    @Sendable
    private static func userIsChanged(_ stores: Stores) async throws {
        try await stores.installSamples()
        let (ada, tenant) = (Sample.acme.ada, Sample.acme.tenant)
        #expect(try await stores.change(ada, version: 2, email: "a@b") == .changedMeanwhile)
        #expect(try await stores.change(Sample.globex.ada, email: "a@b") == .absent)
        let outcome = try await stores.change(ada, email: "Äda@b", roles: [.admin])
        let user = try await stores.directory.user(ada, in: tenant)
        #expect(outcome == .done(user, nil))
        #expect(user?.email == "Äda@b")
        #expect(user?.roles == [.admin])
        #expect(user?.userName == "Ada")
        #expect(user?.version == 2)
        #expect(user?.epoch == 0)
        #expect(try await stores.change(ada, email: "c@d") == .changedMeanwhile)
        #expect(try await stores.changeKinds() == [.userChanged(ada)])
        #expect(try await stores.session(in: .acme)?.ending == nil)
        #expect(try await stores.directory.user(Sample.acme.bob, in: tenant)?.version == 1)
    }

    @Sendable
    private static func accessIsWithdrawn(_ stores: Stores) async throws {
        try await stores.installSamples()
        let ada = Sample.acme.ada
        try await stores.sessions.insert(Sample.acme.session(2, of: Sample.acme.bob))
        let outcome = try await stores.change(ada, status: .disabled, withdrawsAccess: true)
        let user = try await stores.directory.user(ada, in: Sample.acme.tenant)
        #expect(outcome == .done(user, CutOffOutcome(epoch: 1, ended: 1)))
        #expect(user?.status == .disabled)
        #expect(user?.epoch == 1)
        #expect(try await stores.session(in: .acme)?.ending == Ending(at: .noon(plus: 90), reason: .accessWithdrawn))
        #expect(try await stores.session(2, in: .acme)?.ending == nil)
        #expect(try await stores.session(in: .globex)?.ending == nil)
        let told = try await stores.changeKinds()
        #expect(Set(told) == [.userChanged(ada), .userCutOff(ada, epoch: 1, spared: nil)])
    }

    @Sendable
    private static func lastAdministrator(_ stores: Stores) async throws {
        try await stores.installSamples()
        let (ada, bob) = (Sample.acme.ada, Sample.acme.bob)
        let outcomes = try await withThrowingTaskGroup(of: UserOutcome.self) { group in
            group.addTask { try await stores.change(ada, roles: [.member], removesAdministrator: true) }
            group.addTask { try await stores.change(bob, status: .disabled, removesAdministrator: true) }
            group.addTask { try await stores.remove(ada) }
            group.addTask { try await stores.remove(bob) }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.contains(.lastAdministrator))
        var administrators = 0
        for id in [ada, bob] {
            guard let user = try await stores.directory.user(id, in: Sample.acme.tenant) else { continue }
            if user.status == .active, user.roles.contains(.admin) { administrators += 1 }
        }
        #expect(administrators == 1)
        // Another tenant's administrators make no difference, and one who is none may go.
        guard case .done = try await stores.remove(Sample.globex.ada, in: .globex) else {
            return #expect(Bool(false), "one of two could not be removed")
        }
        #expect(try await stores.remove(Sample.globex.bob, in: .globex) == .lastAdministrator)
    }

    @Sendable
    private static func userIsRemoved(_ stores: Stores) async throws {
        try await stores.installSamples()
        let (ada, tenant) = (Sample.acme.ada, Sample.acme.tenant)
        #expect(try await stores.remove(ada, version: 2) == .changedMeanwhile)
        #expect(try await stores.remove(Sample.globex.ada) == .absent)
        #expect(try await stores.remove(ada) == .done(nil, CutOffOutcome(epoch: 1, ended: 1)))
        #expect(try await stores.directory.user(ada, in: tenant) == nil)
        #expect(try await stores.remove(ada, version: 2) == .absent)
        #expect(try await stores.change(ada, version: 2) == .absent)
        #expect(try await stores.session(in: .acme)?.ending == Ending(at: .noon(plus: 90), reason: .accessWithdrawn))
        #expect(try await stores.users.formerPasswords(of: ada, in: tenant).isEmpty)
        let query = UserQuery(organization: Sample.acme.organization, limit: 10)
        #expect(try await stores.users.users(matching: query, in: tenant)?.map(\.id) == [Sample.acme.bob])
        let told = try await stores.changeKinds()
        #expect(Set(told) == [.userChanged(ada), .userCutOff(ada, epoch: 1, spared: nil)])
        let heir = Sample.acme.user(.eve, named: "Ada")
        #expect(try await stores.users.insert(heir) == .done(heir, nil))
        #expect(try await stores.session(in: .globex)?.ending == nil)
    }
}

extension UserID {
    fileprivate static let eve = UserID(high: 1, low: 78)
}

extension Sample {
    fileprivate func user(_ id: UserID, _ userName: String, _ email: String) -> User {
        User(
            id: id,
            tenant: tenant,
            organization: organization,
            userName: userName,
            email: email,
            roles: [.member],
            passwordHash: Secret("hash"),
            passwordSetAt: .noon
        )
    }
}

extension Stores {
    fileprivate func change(
        _ user: UserID,
        version: Int64 = 1,
        email: String = "other@example.com",
        roles: [Role] = [.admin, .member],
        status: User.Status = .active,
        withdrawsAccess: Bool = false,
        removesAdministrator: Bool = false
    ) async throws -> UserOutcome {
        try await users.update(
            UserUpdate(
                user: user,
                tenant: Sample.acme.tenant,
                version: version,
                email: user == Sample.acme.bob ? "bob2@example.com" : email,
                roles: roles,
                status: status,
                withdrawsAccess: withdrawsAccess,
                removesAdministrator: removesAdministrator,
                now: .noon(plus: 90),
                tokensExpireBy: .noon(plus: 3_690)
            )
        )
    }

    fileprivate func remove(
        _ user: UserID,
        version: Int64 = 1,
        removesAdministrator: Bool = true,
        in sample: Sample = .acme
    ) async throws -> UserOutcome {
        try await users.delete(
            UserRemoval(
                user: user,
                tenant: sample.tenant,
                version: version,
                removesAdministrator: removesAdministrator,
                now: .noon(plus: 90),
                tokensExpireBy: .noon(plus: 3_690)
            )
        )
    }
}
