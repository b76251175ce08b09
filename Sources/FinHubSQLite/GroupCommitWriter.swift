import FinHubCore
import GRDB
import Synchronization

/// Commits writes in groups, and answers each after the commit.
///
/// One drain at a time takes what waits, runs all of it in one transaction, commits once, then
/// answers all of them. What arrives meanwhile forms the next group: the disk's own pace sets the
/// size of the groups. When a piece throws, the group is begun again with each piece in a savepoint,
/// so that the one that throws is rolled back alone. Savepoints for every group would cost as much as
/// a refresh's own statement, and hardly any piece throws. For a while after one did, groups begin with
/// savepoints, so that nobody can make others' work be done twice.
final class GroupCommitWriter: Sendable {
    static let largestGroup = 1_024
    /// How many groups begin with savepoints after one in which a piece threw.
    static let wary = 64

    private let database: any DatabaseWriter
    private let queue = Mutex(PieceQueue())
    private let onCommit: @Sendable (_ pieces: Int, _ took: Duration) -> Void

    /// - Parameters:
    ///   - database: The connections to write with; nothing else writes with them.
    ///   - onCommit: Told of each commit, before its callers are answered: how many pieces it
    ///     stored, and how long it took.
    init(_ database: any DatabaseWriter, onCommit: @escaping @Sendable (_ pieces: Int, _ took: Duration) -> Void) {
        self.database = database
        self.onCommit = onCommit
    }

    /// Runs `work` in the transaction of the next group and returns when that is on disk.
    ///
    /// Cancelling the task does not take it back. `work` may run twice, when another piece of its group
    /// fails; then nothing of the first time is stored. It does nothing but to the database.
    ///
    /// - Throws: what `work` throws, and nothing of it is stored; or why the group could not be
    ///   committed, and nothing of the group is stored.
    func write<Output: Sendable>(_ work: @escaping @Sendable (Database) throws -> Output) async throws -> Output {
        try await withCheckedThrowingContinuation { continuation in
            let piece = Piece(
                run: { db in
                    let output = try work(db)
                    return { continuation.resume(returning: output) }
                },
                fail: { continuation.resume(throwing: storageFailure($0)) }
            )
            switch queue.withLock({ $0.add(piece) }) {
            case .starts: database.asyncWriteWithoutTransaction { db in self.drain(db) }
            case .waits: break
            case .refused: piece.fail(DatabaseClosed())
            }
        }
    }

    /// How many writes wait for the next group.
    var waitingCount: Int {
        queue.withLock { $0.count }
    }

    /// Refuses what comes from here on, and returns when all that came before is answered.
    ///
    /// - Returns: Whether this call is the one that closed it.
    func close() async -> Bool {
        await withCheckedContinuation { continuation in
            if let isFirst = queue.withLock({ $0.close(continuation) }) { continuation.resume(returning: isFirst) }
        }
    }

    private func drain(_ db: Database) {
        while let (group, isWary) = queue.withLock({ $0.nextGroup() }) { commit(group, isWary: isWary, db) }
        queue.withLock { $0.takeCloser() }?.resume(returning: true)
    }

    private func commit(_ group: [Piece], isWary: Bool, _ db: Database) {
        let begun = ContinuousClock.now
        do {
            let outcomes = try (isWary ? nil : runTogether(group, db)) ?? runApart(group, db)
            if outcomes.contains(where: { !$0.isStored }) { queue.withLock { $0.beWary() } }
            onCommit(outcomes.count(where: \.isStored), ContinuousClock.now - begun)
            for outcome in outcomes { outcome.answer() }
        } catch {
            try? db.rollback()
            for piece in group { piece.fail(error) }
        }
    }

    /// Commits the group as one; `nil` when a piece threw, and nothing is stored.
    private func runTogether(_ group: [Piece], _ db: Database) throws -> [Outcome]? {
        try db.beginTransaction(.immediate)
        let outcomes = try? group.map { piece in
            let answer = try piece.run(db)
            // The next piece would be committed by itself.
            guard db.isInsideTransaction else { throw TransactionLost() }
            return Outcome(isStored: true, answer: answer)
        }
        guard let outcomes else {
            try db.rollback()
            return nil
        }
        try db.commit()
        return outcomes
    }

    /// Commits what of the group does not throw; throws only when the whole group is lost.
    private func runApart(_ group: [Piece], _ db: Database) throws -> [Outcome] {
        try db.beginTransaction(.immediate)
        let outcomes = try group.map { try run($0, db) }
        try db.commit()
        return outcomes
    }

    /// Runs one piece in a savepoint; throws only when the whole group is lost with it.
    private func run(_ piece: Piece, _ db: Database) throws -> Outcome {
        try db.cachedStatement(sql: "SAVEPOINT piece").execute()
        do {
            let answer = try piece.run(db)
            try db.cachedStatement(sql: "RELEASE piece").execute()
            return Outcome(isStored: true, answer: answer)
        } catch {
            // After some failures, a full disk for one, SQLite has rolled back everything.
            guard db.isInsideTransaction else { throw error }
            try db.cachedStatement(sql: "ROLLBACK TO piece").execute()
            try db.cachedStatement(sql: "RELEASE piece").execute()
            return Outcome(isStored: false) { piece.fail(error) }
        }
    }
}

/// The database was closed before the write came.
struct DatabaseClosed: Error {}

/// SQLite rolled a group back in the middle, as it does when a disk is full.
private struct TransactionLost: Error {}

/// One caller's work in a group.
private struct Piece: Sendable {
    /// Does the work; what it returns answers the caller, and must wait for the commit.
    let run: @Sendable (Database) throws -> @Sendable () -> Void
    /// Answers the caller that nothing was stored.
    let fail: @Sendable (any Error) -> Void
}

/// What became of a piece, told to nobody before the commit.
private struct Outcome {
    let isStored: Bool
    let answer: @Sendable () -> Void
}

/// Who waits for the next group, and whether somebody is draining.
private struct PieceQueue {
    enum Admission {
        /// Nobody drains: the caller must see to it.
        case starts
        case waits
        case refused
    }

    private var pieces: [Piece] = []
    private var isDraining = false
    private var waryGroups = 0
    private var isClosed = false
    private var closer: CheckedContinuation<Bool, Never>?

    var count: Int { pieces.count }

    mutating func add(_ piece: Piece) -> Admission {
        guard !isClosed else { return .refused }
        pieces.append(piece)
        if isDraining { return .waits }
        isDraining = true
        return .starts
    }

    mutating func beWary() {
        waryGroups = GroupCommitWriter.wary
    }

    /// What the drain runs next, and whether each piece needs a savepoint from the start; `nil` ends it.
    mutating func nextGroup() -> (pieces: [Piece], isWary: Bool)? {
        guard !pieces.isEmpty else {
            isDraining = false
            return nil
        }
        let group = Array(pieces.prefix(GroupCommitWriter.largestGroup))
        pieces.removeFirst(group.count)
        defer { waryGroups = max(waryGroups - 1, 0) }
        return (group, waryGroups > 0)
    }

    /// Closes; what to answer `closer`, or `nil` when the drain will do so at its end.
    mutating func close(_ closer: CheckedContinuation<Bool, Never>) -> Bool? {
        guard !isClosed else { return false }
        isClosed = true
        guard isDraining else { return true }
        self.closer = closer
        return nil
    }

    /// Who is to be told that the drain is over.
    mutating func takeCloser() -> CheckedContinuation<Bool, Never>? {
        defer { closer = nil }
        return closer
    }
}
