import FinHubCore
import GRDB

/// The error as callers know it: ``StorageUnavailable`` around what may pass, else itself.
func storageFailure(_ error: any Error) -> any Error {
    switch error {
    case is DatabaseClosed: StorageUnavailable(cause: error)
    case let error as DatabaseError where error.mayPass: StorageUnavailable(cause: error)
    default: error
    }
}

extension DatabaseError {
    /// A row holds what this store cannot have written.
    static func malformedRow(of table: String) -> DatabaseError {
        DatabaseError(resultCode: .SQLITE_CORRUPT, message: "malformed row of \(table)")
    }

    /// Whether the disk, a lock or the system is at fault, and not what was asked.
    fileprivate var mayPass: Bool {
        switch resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL, .SQLITE_READONLY, .SQLITE_IOERR, .SQLITE_CANTOPEN,
            .SQLITE_PERM, .SQLITE_NOMEM, .SQLITE_INTERRUPT, .SQLITE_PROTOCOL:
            true
        default:
            false
        }
    }
}
