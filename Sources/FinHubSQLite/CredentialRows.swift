import FinHubAPI
import FinHubCore
import Foundation
import GRDB

/// The rows of `credential` of one tenant.
struct TenantCredentials {
    let tenant: TenantID

    func has(_ key: String, _ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(sql: "SELECT 1 FROM credential WHERE tenant = ? AND key = ?")
        return try Int.fetchOne(statement, arguments: [tenant.data, Data(key.utf8)]) != nil
    }

    /// Those that prove the tenant, in the order of their creation.
    func inForce(at now: Timestamp, _ db: Database) throws -> [TenantCredential] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(CredentialRecord.columns) FROM credential
                WHERE tenant = ? AND (expires_at IS NULL OR expires_at > ?) ORDER BY created_at, key
                """
        )
        return try Row.fetchAll(statement, arguments: [tenant.data, now.microseconds])
            .map(CredentialRecord.credential)
    }

    /// Lets a credential end then, if it would not before.
    func end(_ key: String, at moment: Timestamp, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE credential SET expires_at = min(coalesce(expires_at, ?1), ?1) WHERE tenant = ?2 AND key = ?3
                """
        )
        try statement.execute(arguments: [moment.microseconds, tenant.data, Data(key.utf8)])
    }

    /// Removes all but the youngest of those that ended.
    func forgetEnded(at now: Timestamp, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                DELETE FROM credential WHERE tenant = ?1 AND key IN (
                    SELECT key FROM credential WHERE tenant = ?1 AND expires_at <= ?2
                    ORDER BY expires_at DESC, created_at DESC LIMIT -1 OFFSET ?3)
                """
        )
        try statement.execute(arguments: [tenant.data, now.microseconds, TenantCredential.endedOnesKept])
    }
}

/// One row of `credential_use`.
enum CredentialUseRecord {
    /// Adds a use to the row of its client, where there is such a credential.
    static func add(_ use: CredentialUse, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO credential_use (tenant, key, address, user_agent, first_at, last_at, uses)
                SELECT tenant, key, ?1, ?2, ?3, ?4, ?5 FROM credential WHERE tenant = ?6 AND key = ?7
                ON CONFLICT DO UPDATE SET first_at = min(first_at, excluded.first_at),
                    last_at = max(last_at, excluded.last_at), uses = uses + excluded.uses
                """
        )
        try statement.execute(
            arguments: [
                use.client.address, use.client.userAgent, use.firstAt.microseconds, use.lastAt.microseconds, use.uses,
                use.tenant.data, Data(use.key.utf8),
            ]
        )
    }

    /// Forgets the clients of a credential that used it longest ago, beyond as many as are kept.
    static func makeRoom(_ credential: [Data], _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                DELETE FROM credential_use WHERE tenant = ?1 AND key = ?2 AND (address, user_agent) IN (
                    SELECT address, user_agent FROM credential_use WHERE tenant = ?1 AND key = ?2
                    ORDER BY last_at DESC LIMIT -1 OFFSET ?3)
                """
        )
        try statement.execute(arguments: [credential[0], credential[1], CredentialUse.clientsKept])
    }
}
