import FinHubAPI

/// A second factor's code as somebody typed it: of the right shape, and not yet believed.
///
/// Spaces and dashes mean nothing, and letters may be of either case.
enum PresentedCode: Sendable {
    /// Six digits, from an app.
    case timed(Secret<[UInt8]>)
    /// Sixteen characters, from paper.
    case recovery(RecoveryCode)

    /// `nil` for any other shape.
    init?(_ text: Secret<String>) {
        let bytes = text.map { $0.utf8.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "-") } }
        if bytes.reveal().count == TOTP.digits, bytes.reveal().allSatisfy(\.isDigit) {
            self = .timed(bytes)
        } else if let code = RecoveryCode(bytes.map { $0.map(\.uppercase) }) {
            self = .recovery(code)
        } else {
            return nil
        }
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
    }

    /// The upper-case form of an ASCII letter; any other byte as it is.
    fileprivate var uppercase: UInt8 {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) ? self - 0x20 : self
    }
}
