import Crypto
import FinHubAPI

/// The keys of one tenant's audit log, and what is done with them.
///
/// Each entry's hash is an HMAC-SHA256 over the hash before it and all that the entry holds, personal data as
/// ciphertext: who has the database and not the master key can neither change an entry nor make up the hashes after
/// it, and who erases a user breaks none.
struct AuditSeal: Sendable {
    private let tenant: TenantID
    private let chain: HMAC<SHA256>
    private let end: HMAC<SHA256>
    private let address: HMAC<SHA256>
    private let masterKey: MasterKey

    init(_ masterKey: MasterKey, for tenant: TenantID) {
        self.tenant = tenant
        self.masterKey = masterKey
        chain = HMAC(key: masterKey.auditKey("chain", of: tenant.bytes))
        end = HMAC(key: masterKey.auditKey("head", of: tenant.bytes))
        address = HMAC(key: masterKey.auditKey("address", of: tenant.bytes))
    }

    // MARK: The chain

    static let genesis = [UInt8](repeating: 0, count: 32)

    /// Seals `entry` into its place.
    func seal(_ entry: AuditEntry, at place: AuditPlace) throws -> SealedAuditEntry {
        let actor = entry.actor.user
        let owner = SealedAuditEntry.clientOwner(actor: actor, subject: entry.subject)
        let personal = entry.changes.filter(\.isPersonal)
        let open = entry.changes.filter { !$0.isPersonal }
        var sealed = SealedAuditEntry(
            tenant: tenant,
            at: entry.at,
            event: entry.event.rawValue,
            actorKind: entry.actor.kind,
            actor: actor,
            subject: entry.subject,
            session: entry.session,
            object: entry.object,
            reason: entry.reason,
            correlationID: entry.correlationID,
            changes: open.isEmpty ? nil : String(decoding: open.jsonBytes, as: UTF8.self),
            client: try entry.client.map { try encrypt($0.auditJSON, for: owner, salts: place.salts) },
            personal: personal.isEmpty
                ? nil : try encrypt(personal.jsonBytes, for: entry.subject ?? owner, salts: place.salts),
            addressTag: entry.client?.address.map(addressTag),
            head: AuditHead(sequence: try place.sequence, hash: [], seal: [])
        )
        let hash = hash(of: sealed, after: place.head?.hash ?? Self.genesis)
        let sequence = sealed.head.sequence
        let seal = follows(place.head, entry) ? seal(of: hash, sequence) : Self.genesis
        sealed = sealed.placed(AuditHead(sequence: sequence, hash: hash, seal: seal))
        return sealed
    }

    /// Whether the log goes on where the server left it, and begins with its tenant.
    ///
    /// What comes after an end that the server did not write gets no seal, and neither does what comes after that:
    /// else the next login would make good what somebody cut off.
    private func follows(_ head: AuditHead?, _ entry: AuditEntry) -> Bool {
        head.map(isGenuine) ?? (entry.event == .tenantCreated)
    }

    /// What the entry's hash must be.
    func hash(of entry: SealedAuditEntry, after previous: [UInt8]) -> [UInt8] {
        var mac = chain
        mac.update(data: previous)
        mac.update(data: entry.canonicalBytes)
        return Array(mac.finalize())
    }

    /// Whether the server itself made `head` the end of the log.
    func isGenuine(_ head: AuditHead) -> Bool {
        Secret(head.seal).matches(Secret(seal(of: head.hash, head.sequence)))
    }

    private func seal(of hash: [UInt8], _ sequence: Int64) -> [UInt8] {
        var mac = end
        mac.update(data: withUnsafeBytes(of: sequence.bigEndian) { Array($0) })
        mac.update(data: hash)
        return Array(mac.finalize())
    }

    /// Names an address to who has the key, and to nobody else.
    func addressTag(_ text: String) -> [UInt8] {
        var mac = address
        mac.update(data: Array(text.utf8))
        return Array(mac.finalize().prefix(16))
    }

    // MARK: Personal data

    private func encrypt(_ plain: [UInt8], for owner: UserID, salts: [UserID: [UInt8]]) throws -> [UInt8] {
        guard let salt = salts[owner], let box = try AES.GCM.seal(plain, using: key(of: owner, salt)).combined else {
            throw UnsealableEntry()
        }
        return Array(box)
    }

    /// What was sealed for `owner`; `nil` when the owner was erased, or it is nothing that was sealed so.
    private func decrypt(_ sealed: [UInt8]?, for owner: UserID, salts: [UserID: [UInt8]]) -> JSON? {
        guard let sealed, let salt = salts[owner], let box = try? AES.GCM.SealedBox(combined: sealed),
            let plain = try? AES.GCM.open(box, using: key(of: owner, salt))
        else { return nil }
        return try? JSON(Array(plain))
    }

    private func key(of owner: UserID, _ salt: [UInt8]) -> SymmetricKey {
        masterKey.auditKey("person", of: tenant.bytes + owner.bytes + salt)
    }

    /// The entry as it was before it was sealed, as far as its personal data can still be read.
    ///
    /// - Returns: `nil` for one that this server can't have written.
    func open(_ sealed: SealedAuditEntry, salts: [UserID: [UInt8]]) -> AuditEntry? {
        guard let event = AuditEvent(rawValue: sealed.event),
            let actor = AuditActor(kind: sealed.actorKind, user: sealed.actor)
        else { return nil }
        let owner = sealed.clientOwner
        let open = sealed.changes.flatMap { try? JSON(Array($0.utf8)) }
        return AuditEntry(
            tenant: sealed.tenant,
            at: sealed.at,
            event: event,
            actor: actor,
            subject: sealed.subject,
            session: sealed.session,
            object: sealed.object,
            reason: sealed.reason,
            correlationID: sealed.correlationID,
            changes: [AuditChange](open, isPersonal: false)
                + [AuditChange](decrypt(sealed.personal, for: sealed.subject ?? owner, salts: salts), isPersonal: true),
            client: decrypt(sealed.client, for: owner, salts: salts)?.object.map(ClientDetails.init(auditJSON:))
        )
    }
}

extension AuditPlace {
    /// The number of what goes there.
    fileprivate var sequence: Int64 {
        get throws {
            let (next, isTooLarge) = (head?.sequence ?? 0).addingReportingOverflow(1)
            guard !isTooLarge else { throw UnsealableEntry() }
            return next
        }
    }
}

/// The store gave no salt for somebody whose data is to be sealed, or an end that has no next number.
private struct UnsealableEntry: Error {}

extension MasterKey {
    fileprivate func auditKey(_ purpose: String, of context: [UInt8]) -> SymmetricKey {
        SymmetricKey(data: derive("finhub audit \(purpose) v1", context, count: 32))
    }
}

extension SealedAuditEntry {
    fileprivate func placed(_ head: AuditHead) -> SealedAuditEntry {
        SealedAuditEntry(
            tenant: tenant,
            at: at,
            event: event,
            actorKind: actorKind,
            actor: actor,
            subject: subject,
            session: session,
            object: object,
            reason: reason,
            correlationID: correlationID,
            changes: changes,
            client: client,
            personal: personal,
            addressTag: addressTag,
            head: head
        )
    }

    /// Everything that the hash stands for, each field with its length, so that no two entries have the same bytes.
    ///
    /// The tag of the address is left out: it goes when its owner is erased.
    fileprivate var canonicalBytes: [UInt8] {
        var bytes: [UInt8] = []
        func add(_ field: some Collection<UInt8>) {
            withUnsafeBytes(of: UInt32(field.count).bigEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: field)
        }
        func add(_ number: Int64) { withUnsafeBytes(of: number.bigEndian) { add(Array($0)) } }
        func add(optional field: (some Collection<UInt8>)?) {
            bytes.append(field == nil ? 0 : 1)
            if let field { add(field) }
        }
        add(tenant.bytes)
        add(head.sequence)
        add(at.microseconds)
        add(event.utf8)
        add(actorKind.utf8)
        for id in [actor?.bytes, subject?.bytes, session?.bytes] { add(optional: id) }
        for text in [object, reason, changes] { add(optional: text?.utf8) }
        add(correlationID.utf8)
        for sealed in [client, personal] { add(optional: sealed) }
        return bytes
    }
}

// MARK: JSON

extension [AuditChange] {
    fileprivate var jsonBytes: [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.array { writer in
            for change in self {
                writer.object { writer in
                    writer.member("name", change.name)
                    writer.member("before", change.before)
                    writer.member("after", change.after)
                }
            }
        }
        return writer.bytes
    }

    fileprivate init(_ json: JSON?, isPersonal: Bool) {
        self = (json?.array ?? []).compactMap { $0.object }.compactMap { change in
            change["name"]?.string.map {
                AuditChange(
                    $0,
                    before: change["before"]?.string,
                    after: change["after"]?.string,
                    isPersonal: isPersonal
                )
            }
        }
    }
}

extension ClientDetails {
    fileprivate var auditJSON: [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            writer.member("address", address)
            writer.member("userAgent", userAgent)
            writer.member("forwardedFrom", forwardedFrom)
            writer.member("platform", platform)
            writer.member("device", device)
        }
        return writer.bytes
    }

    fileprivate init(auditJSON object: JSONObject) {
        self.init(
            address: object["address"]?.string,
            userAgent: object["userAgent"]?.string,
            forwardedFrom: object["forwardedFrom"]?.string,
            platform: object["platform"]?.string,
            device: object["device"]?.string
        )
    }
}
