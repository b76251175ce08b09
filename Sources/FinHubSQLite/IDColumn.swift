import FinHubAPI
import Foundation
import GRDB
import GRDBSQLite

extension ID {
    /// The 16 bytes as the database keeps them.
    var data: Data { Data(bytes) }

    init?(_ data: Data) {
        self.init(bytes: data)
    }
}

/// A column that holds an identifier, read in place where the row still stands in its statement.
///
/// Any value of the column makes one: what is no identifier is noticed by who asks for it, as a malformed
/// row, where the driver would end the process.
struct IDColumn: DatabaseValueConvertible, StatementColumnConvertible {
    private let halves: (high: UInt64, low: UInt64)?

    func id<Named>(of _: Named.Type) -> ID<Named>? {
        halves.map { ID(high: $0.high, low: $0.low) }
    }

    init(sqliteStatement: SQLiteStatement, index: CInt) {
        let bytes = sqlite3_column_blob(sqliteStatement, index)
        let count = Int(sqlite3_column_bytes(sqliteStatement, index))
        self.init(UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count))
    }

    static func fromDatabaseValue(_ value: DatabaseValue) -> IDColumn? {
        guard case .blob(let data) = value.storage else {
            return IDColumn(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        return data.withUnsafeBytes { IDColumn($0) }
    }

    private init(_ bytes: UnsafeRawBufferPointer) {
        halves = ID<IDColumn>(buffer: bytes).map { ($0.high, $0.low) }
    }

    var databaseValue: DatabaseValue {
        halves.map { ID<IDColumn>(high: $0.high, low: $0.low).data.databaseValue } ?? .null
    }
}
