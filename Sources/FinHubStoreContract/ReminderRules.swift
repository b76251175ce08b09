import FinHubAPI
import FinHubCore
import Testing

extension StoreRule {
    static let reminders = [
        StoreRule("a password is too old after 30 days, a secret after 90, in its tenant alone") { stores in
            try await stores.installSamples()
            let acme = Sample.acme
            let passwords = [acme.ada, acme.bob].map { Reminder(.password(of: $0), since: .noon) }
            let secret = Reminder(.tenantSecret(key: "key"), since: .noon)
            #expect(try await stores.reminders(in: acme, after: 30 * 86_400 - 1) == [])
            #expect(try await stores.reminders(in: acme, after: 30 * 86_400) == passwords)
            #expect(try await stores.reminders(in: acme, after: 90 * 86_400 - 1) == passwords)
            #expect(try await stores.reminders(in: acme, after: 90 * 86_400) == [secret] + passwords)
            #expect(try await stores.reminders(in: acme, after: 90 * 86_400, limit: 2) == [secret, passwords[0]])
            #expect(secret.dueSince == .noon(plus: 90 * 86_400))
            #expect(passwords[0].dueSince == .noon(plus: 30 * 86_400))
        },
        StoreRule("an ended credential reminds of nothing") { stores in
            try await stores.installSamples()
            let tenant = Sample.acme.tenant
            let end = Timestamp.noon(plus: 90 * 86_400)
            #expect(try await stores.credentials.end("key", of: tenant, at: end, sparingLast: false) == .ended)
            let left = try await stores.reminders(in: .acme, after: 90 * 86_400)
            #expect(left.map(\.since) == [.noon, .noon])
            #expect(!left.contains { $0.subject == .tenantSecret(key: "key") })
        },
        StoreRule("the summary counts what is too old in all tenants") { stores in
            try await stores.installSamples()
            let none = ReminderSummary(secrets: [], secretCount: 0, passwords: [], passwordCount: 0)
            #expect(try await stores.reminders.summary(at: .noon(plus: 30 * 86_400 - 1)) == none)
            let summary = try await stores.reminders.summary(at: .noon(plus: 90 * 86_400))
            #expect(summary.secretCount == 2)
            #expect(summary.passwordCount == 4)
            let tenants = [Sample.acme.tenant, Sample.globex.tenant]
            #expect(summary.secrets.map(\.tenant) == tenants)
            #expect(summary.passwords == tenants.map { TenantPasswords(tenant: $0, count: 2) })
        },
    ]
}

extension Stores {
    fileprivate func reminders(in sample: Sample, after seconds: Int64, limit: Int = 10) async throws -> [Reminder] {
        try await reminders.reminders(of: sample.tenant, at: .noon(plus: seconds), limit: limit)
    }
}
