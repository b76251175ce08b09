import Dispatch
import FinHubCore
public import GRDB
import Synchronization

/// Commits writes in groups, and answers each after the commit.
///
/// One drain at a time takes everything that waits, runs each piece in a savepoint of one
/// transaction, commits once, then answers all of them. What arrives meanwhile forms the next
/// group: the disk's own pace sets the size of the groups. A piece that throws is rolled back
/// alone; nobody is told "done" before it is on disk.
public final class GroupCommitWriter: Sendable {
    private struct Waiting {
        var pieces: [any Piece] = []
        var isDraining = false
    }

    private static let largestGroup = 1_024

    private let database: any DatabaseWriter
    private let waiting = Mutex(Waiting())
    private let onCommit: @Sendable (_ pieces: Int, _ took: Duration) -> Void

    /// Commits to `database` and tells `onCommit` of each commit: its pieces and how long it took.
    public init(_ database: any DatabaseWriter, onCommit: @escaping @Sendable (Int, Duration) -> Void = { _, _ in }) {
        self.database = database
        self.onCommit = onCommit
    }

    /// Runs `work` in a transaction of the next group and returns when that is on disk.
    ///
    /// - Throws: what `work` throws, and nothing of it is stored; or ``StorageUnavailable``, when
    ///   the group could not be committed, and nothing of the group is stored.
    public func write<Result: Sendable>(_ work: @escaping @Sendable (Database) throws -> Result) async throws -> Result
    {
        try await withCheckedThrowingContinuation { continuation in
            let isFirst = waiting.withLock { waiting in
                waiting.pieces.append(WritePiece(work: work, continuation: continuation))
                defer { waiting.isDraining = true }
                return !waiting.isDraining
            }
            if isFirst { database.asyncWriteWithoutTransaction { db in self.drain(db) } }
        }
    }

    /// Commits group after group until nothing waits.
    private func drain(_ db: Database) {
        while let group = nextGroup() {
            let begun = ContinuousClock.now
            do {
                try commit(group, db)
                for piece in group { piece.succeed() }
                onCommit(group.count, ContinuousClock.now - begun)
            } catch {
                if db.isInsideTransaction { try? db.rollback() }
                for piece in group { piece.fail(StorageUnavailable(cause: error)) }
            }
        }
    }

    private func nextGroup() -> [any Piece]? {
        waiting.withLock { waiting in
            guard !waiting.pieces.isEmpty else {
                waiting.isDraining = false
                return nil
            }
            let group = Array(waiting.pieces.prefix(Self.largestGroup))
            waiting.pieces.removeFirst(group.count)
            return group
        }
    }

    private func commit(_ group: [any Piece], _ db: Database) throws {
        try db.beginTransaction(.immediate)
        let begin = try db.cachedStatement(sql: "SAVEPOINT piece")
        let release = try db.cachedStatement(sql: "RELEASE piece")
        for piece in group {
            try begin.execute()
            if !piece.run(db) { try db.execute(sql: "ROLLBACK TO piece") }
            try release.execute()
        }
        try db.commit()
    }
}

/// One caller's work in a group.
private protocol Piece: Sendable {
    /// Does the work; `false` when it threw, and it must be rolled back.
    func run(_ db: Database) -> Bool
    /// Answers the caller, after the commit.
    func succeed()
    /// Answers the caller that the group was not committed.
    func fail(_ error: any Error)
}

private final class WritePiece<Output: Sendable>: Piece {
    private let work: @Sendable (Database) throws -> Output
    private let continuation: CheckedContinuation<Output, any Error>
    private let outcome = Mutex<Result<Output, any Error>?>(nil)

    init(work: @escaping @Sendable (Database) throws -> Output, continuation: CheckedContinuation<Output, any Error>) {
        self.work = work
        self.continuation = continuation
    }

    func run(_ db: Database) -> Bool {
        let result = Result { try work(db) }
        outcome.withLock { $0 = result }
        if case .success = result { return true }
        return false
    }

    func succeed() {
        guard let outcome = outcome.withLock({ $0 }) else { return continuation.resume(throwing: PieceNotRun()) }
        continuation.resume(with: outcome)
    }

    func fail(_ error: any Error) {
        continuation.resume(throwing: error)
    }
}

/// A group was committed without one of its pieces, which cannot be.
private struct PieceNotRun: Error {}
