public import FinHubAPI
public import FinHubCore
import FoundationEssentials

/// Argon2id password hashes, computed on as many threads as there are cores.
///
/// At most 64 callers wait, two seconds at most, tenants in turn; the rest are told
/// ``PasswordHashingRefusal/busy`` at once. A password is its exact UTF-8 bytes: nothing is
/// cut, trimmed or folded and NUL is a byte like others, so the caller brings it into NFC.
public final class Argon2idHasher: PasswordHashing {
    private let parameters: Argon2idParameters
    private let fence: HashingFence
    private let dummy: String

    /// Computes the dummy hash, then starts the threads, which run until ``shutdown()``.
    ///
    /// - Parameters:
    ///   - parameters: What new hashes cost.
    ///   - now: The monotonic clock that waiting is measured on.
    /// - Throws: ``Argon2idFailure`` when libsodium or the memory is not to be had.
    public convenience init(
        parameters: Argon2idParameters = .standard,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) throws {
        let cores = max(1, ProcessInfo.processInfo.activeProcessorCount)
        try self.init(
            parameters: parameters,
            fence: { HashingFence(threads: cores, waitingLimit: 64, patience: .seconds(2), now: now) }
        )
    }

    /// Takes a fence of the test's own measures, made only once the dummy hash exists.
    init(parameters: Argon2idParameters, fence: () -> HashingFence) throws {
        try Argon2id.prepare()
        var generator = SystemRandomNumberGenerator()
        let nobody = (0..<4).map { _ in String(generator.next() as UInt64) }.joined()
        dummy = try Argon2id.hash(nobody, parameters)
        self.parameters = parameters
        self.fence = fence()
    }

    /// How many wait for a thread, for metrics.
    public var waiting: Int { fence.waiting }

    public func hash(_ password: Secret<String>, for tenant: TenantID) async throws -> String {
        try await fence.run(for: tenant) { [parameters] in
            try Argon2id.hash(password.reveal(), parameters)
        }
    }

    public func verify(
        _ password: Secret<String>,
        against hash: String?,
        for tenant: TenantID
    ) async throws -> PasswordVerdict {
        let stored = hash.flatMap { text in PHCString(text).map { (text, $0) } }
        return try await fence.run(for: tenant) { [parameters, dummy] in
            guard let (text, phc) = stored else {
                _ = Argon2id.verify(password.reveal(), against: dummy)
                return .mismatch
            }
            guard Argon2id.verify(password.reveal(), against: text) else { return .mismatch }
            return phc.isWeaker(than: parameters) ? .matchWithWeakHash : .match
        }
    }

    /// Lets what runs finish, refuses what waits, and ends the threads.
    ///
    /// Whoever comes later is told ``PasswordHashingRefusal/busy``.
    public func shutdown() async throws {
        try await fence.shutdown()
    }
}
