public import FinHubAPI
public import FinHubCore
import Foundation
import GRDB

/// Second factors and recovery codes in one SQLite file.
public struct SQLiteSecondFactorStore: SecondFactorStore {
    private let database: SQLiteDatabase

    init(_ database: SQLiteDatabase) {
        self.database = database
    }

    public func factor(of user: UserID, in tenant: TenantID) async throws -> SecondFactor? {
        try await database.read { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT seed, created_at, confirmed_at, last_step, (
                        SELECT count(*) FROM recovery_code AS code
                        WHERE code.tenant = second_factor.tenant AND code.user = second_factor.user
                            AND used_at IS NULL)
                    FROM second_factor WHERE tenant = ? AND user = ?
                    """
            )
            return try Row.fetchOne(statement, arguments: [tenant.data, user.data]).map { row in
                SecondFactor(
                    sealedSeed: Array(row[0] as Data),
                    createdAt: Timestamp(microseconds: row[1]),
                    confirmedAt: (row[2] as Int64?).map(Timestamp.init(microseconds:)),
                    lastStep: row[3],
                    recoveryCodesLeft: row[4]
                )
            }
        }
    }

    public func begin(
        of user: UserID,
        in tenant: TenantID,
        sealedSeed: [UInt8],
        at now: Timestamp
    ) async throws -> Bool {
        try await database.writer.write { db in
            let statement = try db.cachedStatement(
                sql: """
                    INSERT INTO second_factor (tenant, user, seed, created_at, last_step)
                    SELECT tenant, id, ?1, ?2, 0 FROM user WHERE tenant = ?3 AND id = ?4 AND status <> 'deleted'
                    ON CONFLICT (tenant, user) DO UPDATE
                    SET seed = excluded.seed, created_at = excluded.created_at, last_step = excluded.last_step
                    WHERE confirmed_at IS NULL
                    """
            )
            try statement.execute(arguments: [Data(sealedSeed), now.microseconds, tenant.data, user.data])
            return db.changesCount == 1
        }
    }

    public func spend(
        _ code: CheckedCode,
        for purpose: CodePurpose,
        noting note: AuditNote<Bool>
    ) async throws -> Bool {
        try await database.write(noting: note) { db in
            let account = FactorOwner(user: code.user, tenant: code.tenant)
            let until = code.now + ChangeRecord.directoryChangeMatters
            switch purpose {
            case .signIn:
                return try account.spend(code, db)
            case .confirmation(let codes):
                guard try account.confirm(code, db) else { return false }
                try account.replaceRecoveryCodes(with: codes, db)
                try account.setHasFactor(true, tellingUntil: until, db)
            case .renewal(let codes):
                guard try account.spend(code, db) else { return false }
                try account.replaceRecoveryCodes(with: codes, db)
            case .removal:
                guard try account.spend(code, db), try account.deleteFactor(db) else { return false }
                try account.setHasFactor(false, tellingUntil: until, db)
            }
            return true
        }
    }

    public func withdraw(
        from user: UserID,
        in tenant: TenantID,
        at now: Timestamp,
        tokensExpireBy: Timestamp,
        noting note: AuditNote<CutOffOutcome?>
    ) async throws -> CutOffOutcome? {
        try await database.write(noting: note) { db in
            let owner = FactorOwner(user: user, tenant: tenant)
            guard try owner.deleteFactor(db), let organization = try owner.organization(db) else { return nil }
            try owner.setHasFactor(false, tellingUntil: now + ChangeRecord.directoryChangeMatters, db)
            return try Account(user, organization, tenant)
                .cutOff(for: .accessWithdrawn, sparing: nil, at: now, tokensExpireBy: tokensExpireBy, db)
        }
    }
}

/// Whose rows are changed.
private struct FactorOwner {
    let user: UserID
    let tenant: TenantID

    /// Uses up a code of a confirmed factor; `false` when it was used before.
    func spend(_ code: CheckedCode, _ db: Database) throws -> Bool {
        switch code.proof {
        case .step(let step, let seed):
            let statement = try db.cachedStatement(
                sql: """
                    UPDATE second_factor SET last_step = ?1
                    WHERE tenant = ?2 AND user = ?3 AND last_step < ?1 AND seed = ?4 AND confirmed_at IS NOT NULL
                    """
            )
            try statement.execute(arguments: [step, tenant.data, user.data, Data(seed)])
        case .recoveryCode(let digest):
            let statement = try db.cachedStatement(
                sql: """
                    UPDATE recovery_code SET used_at = ?
                    WHERE tenant = ? AND user = ? AND digest = ? AND used_at IS NULL
                    """
            )
            try statement.execute(
                arguments: [code.now.microseconds, tenant.data, user.data, Data(digest)]
            )
        }
        return db.changesCount == 1
    }

    /// Uses up the first code of a factor, which puts it in force.
    func confirm(_ code: CheckedCode, _ db: Database) throws -> Bool {
        guard case .step(let step, let seed) = code.proof else { return false }
        let statement = try db.cachedStatement(
            sql: """
                UPDATE second_factor SET last_step = ?1, confirmed_at = ?2
                WHERE tenant = ?3 AND user = ?4 AND last_step < ?1 AND seed = ?5 AND confirmed_at IS NULL
                """
        )
        try statement.execute(arguments: [step, code.now.microseconds, tenant.data, user.data, Data(seed)])
        return db.changesCount == 1
    }

    func replaceRecoveryCodes(with digests: [[UInt8]], _ db: Database) throws {
        let delete = try db.cachedStatement(sql: "DELETE FROM recovery_code WHERE tenant = ? AND user = ?")
        try delete.execute(arguments: [tenant.data, user.data])
        let insert = try db.cachedStatement(sql: "INSERT INTO recovery_code (tenant, user, digest) VALUES (?, ?, ?)")
        for digest in digests { try insert.execute(arguments: [tenant.data, user.data, Data(digest)]) }
    }

    /// Removes a confirmed factor, and its recovery codes with it.
    func deleteFactor(_ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: "DELETE FROM second_factor WHERE tenant = ? AND user = ? AND confirmed_at IS NOT NULL"
        )
        try statement.execute(arguments: [tenant.data, user.data])
        return db.changesCount == 1
    }

    /// Keeps the user's row in step, and tells the other servers.
    func setHasFactor(_ hasFactor: Bool, tellingUntil moment: Timestamp, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "UPDATE user SET has_second_factor = ?, version = version + 1 WHERE tenant = ? AND id = ?"
        )
        try statement.execute(arguments: [hasFactor, tenant.data, user.data])
        try ChangeRecord.insert(.userChanged(user), in: tenant, until: moment, db)
    }

    func organization(_ db: Database) throws -> OrganizationID? {
        let statement = try db.cachedStatement(sql: "SELECT organization FROM user WHERE tenant = ? AND id = ?")
        return try Data.fetchOne(statement, arguments: [tenant.data, user.data]).flatMap { OrganizationID($0) }
    }
}
