import FinHubAPI
import FinHubCore

@testable import FinHubServer

/// An attempt to log in, by default an honest one of Ada's.
struct Attempt: Sendable {
    var account = Account.ada
    var address: String? = "192.0.2.1"
    var device: String?
    var tenant: String?
    var user: UserID?
    var username: String?
    var password = Account.password
    var secret = Account.secret

    /// A wrong guess at a password.
    static func wrong(_ account: Account = .ada, from address: String? = "203.0.113.9", device: String? = nil)
        -> Attempt
    {
        Attempt(account: account, address: address, device: device, password: "a wrong guess")
    }

    /// An honest login.
    static func right(_ account: Account = .ada, from address: String? = "192.0.2.1", device: String? = nil) -> Attempt
    {
        Attempt(account: account, address: address, device: device)
    }

    /// A wrong guess at a tenant's secret.
    static func wrongSecret(tenant: String? = nil, from address: String = "203.0.113.9") -> Attempt {
        Attempt(address: address, tenant: tenant, secret: "a wrong secret")
    }

    fileprivate func order(_ onLock: @escaping @Sendable (GuessLock) -> Void) -> LoginOrder {
        LoginOrder(
            tenantName: tenant ?? account.slug,
            organization: account.organization,
            user: user ?? account.user,
            username: username ?? account.username,
            password: Secret(password),
            tenantKey: account.key,
            tenantSecret: Secret(secret),
            address: address.flatMap { NetworkAddress($0) },
            client: ClientDetails(address: address, device: device),
            onLock: onLock
        )
    }
}

/// What came of an attempt.
enum Outcome: Hashable, Sendable {
    case isIn
    case refused(LoginRefusal)
    /// Not looked at, for so many seconds.
    case mustWait(Int64)
    case failed(String)

    static let isWrong = Outcome.refused(.invalidCredentials)
    static let isNoCredential = Outcome.refused(.invalidTenantCredentials)
}

extension TestServer {
    /// Tries, and as a backend would tries again while the hasher is busy: how long that is depends on
    /// what else this machine does.
    func attempt(
        _ attempt: Attempt,
        onLock: @escaping @Sendable (GuessLock) -> Void = { _ in }
    ) async -> Outcome {
        for _ in 0..<100 {
            if let outcome = await outcome(of: attempt, onLock) { return outcome }
        }
        return .failed("the hasher is always busy")
    }

    /// What came of one try; `nil` when the hasher had no room or no time for it.
    private func outcome(of attempt: Attempt, _ onLock: @escaping @Sendable (GuessLock) -> Void) async -> Outcome? {
        do {
            _ = try await services.logins.open(attempt.order(onLock))
            return .isIn
        } catch is PasswordHashingRefusal {
            return nil
        } catch let refusal as LoginRefusal {
            return .refused(refusal)
        } catch GuessRefusal.tooManyAttempts(let wait) {
            return .mustWait(wait.components.seconds)
        } catch {
            return .failed("\(error)")
        }
    }

    /// The same attempt so many times, one after the other.
    func attempts(_ count: Int, _ attempt: Attempt) async -> [Outcome] {
        var outcomes: [Outcome] = []
        for _ in 0..<count { outcomes.append(await self.attempt(attempt)) }
        return outcomes
    }

    /// All of them at once.
    func atOnce(_ attempts: [Attempt]) async -> [Outcome: Int] {
        await withTaskGroup(of: Outcome.self) { group in
            for attempt in attempts { group.addTask { await self.attempt(attempt) } }
            return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
    }
}
