import Dispatch
import FinHubCore
import GRDB
import Synchronization
import Testing

@testable import FinHubSQLite

@Suite("Group commit")
struct GroupCommitTests {
    @Test("writes that come while a commit runs share the next one")
    func sharing() async throws {
        let bench = try Bench()
        let outcomes = try await bench.group(of: 50) { number, db in try bench.insert(number, db) }
        #expect(outcomes.allSatisfy { $0.isStored })
        #expect(bench.commits == [1, 50])
        #expect(try await bench.stored() == Array(0..<50))
    }

    @Test("no group is larger than the limit")
    func limit() async throws {
        let bench = try Bench()
        let count = GroupCommitWriter.largestGroup + 1
        _ = try await bench.group(of: count) { number, db in try bench.insert(number, db) }
        #expect(bench.commits == [1, count - 1, 1])
        #expect(try await bench.stored().count == count)
    }

    @Test("a piece that throws is rolled back alone, and its caller alone gets the error")
    func failingPiece() async throws {
        let bench = try Bench()
        let outcomes = try await bench.group(of: 10) { number, db in
            try bench.insert(number, db)
            if number == 4 { throw Refused() }
        }
        #expect(outcomes.indices.filter { !outcomes[$0].isStored } == [4])
        #expect(outcomes[4].error is Refused)
        #expect(bench.commits == [1, 9])
        #expect(try await bench.stored() == [0, 1, 2, 3, 5, 6, 7, 8, 9])
    }

    @Test("a piece that breaks a constraint is rolled back whole, with what it did before")
    func constraint() async throws {
        let bench = try Bench()
        let outcomes = try await bench.group(of: 3) { number, db in
            try bench.insert(number, db)
            if number == 2 { try bench.insert(1, db) }
        }
        #expect((outcomes[2].error as? DatabaseError)?.resultCode == .SQLITE_CONSTRAINT)
        #expect(try await bench.stored() == [0, 1])
    }

    @Test("when the commit fails every caller gets the error, nothing is stored, and the next group is served")
    func failingCommit() async throws {
        let bench = try Bench()
        let outcomes = try await bench.group(of: 5) { number, db in
            try bench.insert(number, db)
            guard number == 3 else { return }
            // Passes in the piece, and is found out by COMMIT.
            try db.execute(sql: "PRAGMA defer_foreign_keys = ON; INSERT INTO child (parent) VALUES (999)")
        }
        for outcome in outcomes {
            #expect((outcome.error as? DatabaseError)?.resultCode == .SQLITE_CONSTRAINT)
        }
        #expect(bench.commits == [1])
        #expect(try await bench.stored() == [])
        try await bench.writer.write { db in try bench.insert(7, db) }
        #expect(try await bench.stored() == [7])
    }

    @Test("when the transaction is lost with a piece, every caller is told", arguments: [true, false])
    func lostTransaction(throwing: Bool) async throws {
        let bench = try Bench()
        let outcomes = try await bench.group(of: 5) { number, db in
            try bench.insert(number, db)
            // What SQLite does by itself when a disk is full.
            guard number == 3 else { return }
            try db.execute(sql: "ROLLBACK")
            if throwing { throw Refused() }
        }
        #expect(outcomes.allSatisfy { !$0.isStored })
        if throwing { #expect(outcomes.allSatisfy { $0.error is Refused }) }
        #expect(try await bench.stored() == [])
    }

    @Test("closing answers all that waits and refuses what comes later")
    func closing() async throws {
        let bench = try Bench()
        let outcomes = try await bench.group(of: 10, closing: true) { number, db in try bench.insert(number, db) }
        #expect(outcomes.allSatisfy { $0.isStored })
        #expect(bench.commits == [1, 10])
        await #expect(throws: StorageUnavailable.self) {
            try await bench.writer.write { db in try bench.insert(99, db) }
        }
        #expect(try await bench.stored().count == 10)
    }

    @Test("a full disk, a lock and a read-only file may pass; a broken constraint does not")
    func failures() {
        for code in [ResultCode.SQLITE_FULL, .SQLITE_BUSY, .SQLITE_READONLY, .SQLITE_IOERR, .SQLITE_CANTOPEN] {
            #expect(storageFailure(DatabaseError(resultCode: code)) is StorageUnavailable)
        }
        #expect(storageFailure(DatabaseError(resultCode: .SQLITE_CONSTRAINT)) is DatabaseError)
        #expect(storageFailure(Refused()) is Refused)
    }
}

private struct Refused: Error {}

/// What a caller was answered.
private struct Answer: Sendable {
    let error: (any Error)?

    var isStored: Bool { error == nil }
}

/// A writer on a small database, which can be held up.
private final class Bench: Sendable {
    let writer: GroupCommitWriter
    private let queue: DatabaseQueue
    private let log: CommitLog

    init() throws {
        let queue = try DatabaseQueue()
        try queue.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE number (value INTEGER PRIMARY KEY) STRICT;
                    CREATE TABLE child (parent INTEGER NOT NULL REFERENCES number (value)) STRICT;
                    """
            )
        }
        let log = CommitLog()
        self.queue = queue
        self.log = log
        writer = GroupCommitWriter(queue) { pieces, _ in log.add(pieces) }
    }

    /// How many pieces each commit stored.
    var commits: [Int] { log.pieces }

    func insert(_ number: Int, _ db: Database) throws {
        try db.execute(sql: "INSERT INTO number (value) VALUES (?)", arguments: [number])
    }

    func stored() async throws -> [Int] {
        try await queue.read { db in try Int.fetchAll(db, sql: "SELECT value FROM number ORDER BY value") }
    }

    /// Holds the writer up with a first piece until `count` others wait, which then make a group.
    func group(
        of count: Int,
        closing: Bool = false,
        _ work: @escaping @Sendable (Int, Database) throws -> Void
    ) async throws -> [Answer] {
        let (entered, gate) = (AsyncStream.makeStream(of: Void.self), DispatchSemaphore(value: 0))
        return try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
            group.addTask {
                try await self.writer.write { _ in
                    entered.continuation.finish()
                    gate.wait()
                }
                return (-1, Answer(error: nil))
            }
            for await _ in entered.stream {}
            for number in 0..<count {
                group.addTask { (number, await self.answer { db in try work(number, db) }) }
                // One after the other, so that the group's order is known.
                while writer.waitingCount <= number { await Task.yield() }
            }
            if closing {
                group.addTask {
                    _ = await self.writer.close()
                    return (-1, Answer(error: nil))
                }
            }
            gate.signal()
            var answers = Array(repeating: Answer(error: nil), count: count)
            for try await (number, answer) in group where number >= 0 { answers[number] = answer }
            return answers
        }
    }

    private func answer(_ work: @escaping @Sendable (Database) throws -> Void) async -> Answer {
        do {
            try await writer.write(work)
            return Answer(error: nil)
        } catch {
            return Answer(error: error)
        }
    }
}

private final class CommitLog: Sendable {
    private let entries = Mutex<[Int]>([])

    var pieces: [Int] { entries.withLock { $0 } }

    func add(_ pieces: Int) {
        entries.withLock { $0.append(pieces) }
    }
}
