import FinHubCore
import Testing

extension StoreRule {
    static let sessions = [
        StoreRule("a stored session comes back unchanged, in its tenant alone") { stores in
            try await stores.installSamples()
            #expect(try await stores.session(in: .acme) == Sample.acme.session())
            #expect(try await stores.session(in: .globex) == Sample.globex.session())
            #expect(try await stores.sessions.session(Sample.acme.sessionID(), in: Sample.globex.tenant) == nil)
        },
        StoreRule("a session without details of its client comes back without") { stores in
            try await stores.installSamples()
            let plain = Session.plain(of: .acme)
            try await stores.sessions.insert(plain)
            #expect(try await stores.session(9, in: .acme) == plain)
        },
        StoreRule("an identifier is stored once: the second insert throws and changes nothing") { stores in
            try await stores.installSamples()
            await #expect(throws: (any Error).self) {
                try await stores.sessions.insert(Sample.acme.session(of: Sample.acme.bob))
            }
            #expect(try await stores.session(in: .acme) == Sample.acme.session())
        },
        StoreRule("a session of a user, an organization or a tenant that does not match is refused") { stores in
            try await stores.installSamples()
            await #expect(throws: (any Error).self) {
                try await stores.sessions.insert(Sample.acme.session(2, of: Sample.globex.ada))
            }
            #expect(try await stores.session(2, in: .acme) == nil)
        },
        StoreRule("an absent session is nil") { stores in
            try await stores.installSamples()
            #expect(try await stores.session(7, in: .acme) == nil)
        },
        StoreRule("a session opened below an epoch raised meanwhile reads as ended") { stores in
            try await stores.installSamples()
            _ = try await stores.endAll(in: .acme)
            try await stores.sessions.insert(Sample.acme.session(2))
            try await stores.sessions.insert(Sample.acme.session(3, userEpoch: 1))
            #expect(try await stores.session(2, in: .acme)?.ending?.reason == .allSessionsEnded)
            #expect(try await stores.session(3, in: .acme)?.ending == nil)
            #expect(try await stores.session(in: .globex)?.ending == nil)
        },
    ]
}

extension Session {
    fileprivate static func plain(of sample: Sample) -> Session {
        let session = sample.session(9)
        return Session(
            id: session.id,
            tenant: session.tenant,
            organization: session.organization,
            user: session.user,
            salt: session.salt,
            userEpoch: 0,
            tenantEpoch: 0,
            createdAt: session.createdAt,
            expiresAt: session.expiresAt,
            absoluteEnd: session.absoluteEnd,
            client: ClientDetails()
        )
    }
}
