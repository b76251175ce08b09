import FinHubAPI
import FinHubCore
import Testing

extension StoreRule {
    static let audit = [
        StoreRule("entries get the next number of their tenant's log, and the log is read in that order") { stores in
            try await stores.installSamples()
            for reason in ["one", "two", "three"] { try await stores.audit.append(.plain(reason, in: .acme)) }
            try await stores.audit.append(.plain("other", in: .globex))
            let log = try await stores.audit.log(of: Sample.acme.tenant, after: 0, limit: 10)
            #expect(log.entries.map(\.head.sequence) == [1, 2, 3])
            #expect(log.entries.map(\.reason) == ["one", "two", "three"])
            #expect(log.end == AuditHead(sequence: 3, hash: .hash(3), seal: .hash(3)))
            let rest = try await stores.audit.log(of: Sample.acme.tenant, after: 1, limit: 1)
            #expect(rest.entries.map(\.reason) == ["two"])
            let other = try await stores.audit.log(of: Sample.globex.tenant, after: 0, limit: 10)
            #expect(other.entries.map(\.head.sequence) == [1])
        },
        StoreRule("a user's salt is made once, kept until it is erased, and each tenant's own") { stores in
            try await stores.installSamples()
            for sample in [Sample.acme, .acme, .globex] {
                try await stores.audit.append(.plain("x", in: sample, owners: [Sample.acme.ada]))
            }
            let query = AuditQuery(limit: 10)
            let page = try await stores.audit.entries(matching: query, in: Sample.acme.tenant)
            #expect(page.entries.map(\.client) == [page.salts[Sample.acme.ada], page.salts[Sample.acme.ada]])
            let other = try await stores.audit.entries(matching: query, in: Sample.globex.tenant)
            #expect(other.salts[Sample.acme.ada] != page.salts[Sample.acme.ada])
            #expect(try await stores.audit.eraseKey(of: Sample.acme.ada, in: Sample.acme.tenant))
            #expect(try await stores.audit.entries(matching: query, in: Sample.acme.tenant).salts.isEmpty)
            #expect(try await !stores.audit.entries(matching: query, in: Sample.globex.tenant).salts.isEmpty)
        },
        StoreRule("a change whose entry can't be written is not done") { stores in
            try await stores.installSamples()
            let (acme, now) = (Sample.acme, Timestamp.noon(plus: 60))
            await #expect(throws: Unwritable.self) {
                _ = try await stores.sessions.insert(acme.session(2), within: nil, noting: .unwritable(in: acme))
            }
            #expect(try await stores.session(2, in: .acme) == nil)
            await #expect(throws: Unwritable.self) {
                _ = try await stores.sessions.end(
                    acme.sessionID(),
                    in: acme.tenant,
                    for: .endedByAdministrator,
                    at: now,
                    noting: .unwritable(in: acme)
                )
            }
            #expect(try await stores.session(in: .acme) == acme.session())
            await #expect(throws: Unwritable.self) {
                _ = try await stores.sessions.endAll(
                    of: acme.ada,
                    organization: acme.organization,
                    in: acme.tenant,
                    sparing: nil,
                    at: now,
                    tokensExpireBy: now,
                    noting: .unwritable(in: acme)
                )
            }
            #expect(try await stores.session(in: .acme) == acme.session())
            await #expect(throws: Unwritable.self) {
                _ = try await stores.tenants.setStatus(
                    of: acme.tenant,
                    to: .suspended,
                    at: now,
                    noting: .unwritable(in: acme)
                )
            }
            #expect(try await stores.directory.tenant(acme.tenant)?.status == .active)
            #expect(try await stores.changeKinds() == [])
            #expect(try await stores.audit.log(of: acme.tenant, after: 0, limit: 10).entries == [])
        },
        StoreRule("what came to nothing leaves nothing, and what was done leaves one entry") { stores in
            try await stores.installSamples()
            let acme = Sample.acme
            for _ in 0..<2 {
                _ = try await stores.sessions.end(
                    acme.sessionID(),
                    in: acme.tenant,
                    for: .endedByAdministrator,
                    at: .noon(plus: 60),
                    noting: AuditNote { outcome in
                        if case .ended = outcome { .plain("ended", in: acme) } else { nil }
                    }
                )
            }
            #expect(try await stores.audit.log(of: acme.tenant, after: 0, limit: 10).entries.map(\.reason) == ["ended"])
        },
    ]
}

private struct Unwritable: Error {}

extension AuditNote {
    /// An entry that fails when its place is known, for whatever comes of the change.
    fileprivate static func unwritable(in sample: Sample) -> AuditNote {
        AuditNote { _ in
            AuditDraft(entry: .plain("x", in: sample), owners: []) { _ in throw Unwritable() }
        }
    }
}

extension AuditEntry {
    fileprivate static func plain(_ reason: String, in sample: Sample) -> AuditEntry {
        AuditEntry(tenant: sample.tenant, at: .noon, event: .administered, actor: .operator, reason: reason)
    }
}

extension AuditDraft {
    /// An entry whose hash is its number and whose personal data is the salt that it was given.
    fileprivate static func plain(
        _ reason: String,
        in sample: Sample,
        owners: Set<UserID> = []
    ) -> AuditDraft {
        let entry = AuditEntry.plain(reason, in: sample)
        return AuditDraft(entry: entry, owners: owners) { place in
            let sequence = (place.head?.sequence ?? 0) + 1
            return SealedAuditEntry(
                tenant: entry.tenant,
                at: entry.at,
                event: entry.event.rawValue,
                actorKind: entry.actor.kind,
                actor: nil,
                subject: owners.first,
                session: nil,
                object: nil,
                reason: reason,
                correlationID: "",
                changes: nil,
                client: owners.first.flatMap { place.salts[$0] },
                personal: nil,
                addressTag: nil,
                head: AuditHead(sequence: sequence, hash: .hash(sequence), seal: .hash(sequence))
            )
        }
    }
}

extension [UInt8] {
    fileprivate static func hash(_ number: Int64) -> [UInt8] { [UInt8](repeating: UInt8(number), count: 32) }
}
