import FinHubAPI

/// Proves that a password is a user's.
struct PasswordProof: Sendable {
    let directory: any DirectoryStore
    let users: UserDirectory
    let hasher: any PasswordHashing

    /// The user who is meant, if the password is theirs.
    ///
    /// Whatever is wrong, the password is hashed once and the answer is one and the same.
    ///
    /// - Throws: ``LoginRefusal/invalidCredentials``; ``PasswordHashingRefusal``.
    func user(
        _ id: UserID,
        in tenant: TenantID,
        password: Secret<String>,
        where isMeant: (User) -> Bool = { _ in true }
    ) async throws -> (user: User, hasWeakHash: Bool) {
        let user = try await directory.user(id, in: tenant).flatMap { isMeant($0) ? $0 : nil }
        let form = password.map(\.passwordForm)
        let verdict = try await hasher.verify(form, against: user?.passwordHash.reveal(), for: tenant)
        guard let user, verdict != .mismatch else { throw LoginRefusal.invalidCredentials }
        return (user, verdict == .matchWithWeakHash)
    }

    /// Whether the tenant has that user.
    func exists(_ id: UserID, in tenant: TenantID) async throws -> Bool {
        try await directory.user(id, in: tenant) != nil
    }

    /// Hashes the user's right password again, as strongly as it is done now.
    func strengthenHash(of user: User, password: Secret<String>) async throws {
        let hash = try await hasher.hash(password.map(\.passwordForm), for: user.tenant)
        _ = try await directory.replacePasswordHash(
            of: user.id,
            in: user.tenant,
            from: user.passwordHash,
            to: Secret(hash)
        )
        users.drop(user.id)
    }
}
