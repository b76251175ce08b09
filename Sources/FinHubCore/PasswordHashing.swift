public import FinHubAPI

/// Turns passwords into Argon2id hashes and checks them, fenced in.
///
/// One hash takes milliseconds and megabytes, so a hasher runs on threads of its own, takes
/// a bounded number of callers, and shares its time fairly between tenants: a login flood can
/// slow logins, never token checks or refreshes.
public protocol PasswordHashing: Sendable {
    /// Hashes a new password.
    ///
    /// - Returns: A PHC string: `$argon2id$v=19$m=…,t=…,p=…$salt$tag`.
    /// - Throws: ``PasswordHashingRefusal/busy`` when the queue is full or the wait too long.
    func hash(_ password: Secret<String>, for tenant: TenantID) async throws -> String

    /// Checks a password against a PHC string.
    ///
    /// With `nil`, or a string it can't read, it does the same work against a dummy hash and
    /// answers ``PasswordVerdict/mismatch``, so that the time tells nobody which users exist.
    ///
    /// - Throws: ``PasswordHashingRefusal/busy`` when the queue is full or the wait too long.
    func verify(_ password: Secret<String>, against hash: String?, for tenant: TenantID) async throws -> PasswordVerdict
}

/// What a password check found.
public enum PasswordVerdict: Hashable, Sendable {
    /// The password is wrong, or there was nothing to compare it with.
    case mismatch
    /// The password is right.
    case match
    /// The password is right, but its hash is weaker than those made now: hash it again.
    case matchWithWeakHash
}

/// Why a hash was not computed.
public enum PasswordHashingRefusal: Error, Hashable, Sendable {
    /// Too many are waiting already; nothing was computed, and trying again soon is right.
    case busy
}
