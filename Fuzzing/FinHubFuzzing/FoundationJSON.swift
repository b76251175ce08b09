import FinHubAPI
import Foundation

/// What Foundation's reader makes of a JSON text that ours took.
///
/// Foundation takes much more: a name twice (one of the values wins), a byte order mark, UTF-16
/// and UTF-32, 512 levels. So the comparison goes one way only. It is narrower in one thing: a
/// number must fit a `Double`.
enum FoundationJSON {
    /// Whether Foundation can represent the value.
    ///
    /// Its numbers have to be in range, and its names distinct to a dictionary, which compares
    /// them by canonical equivalence.
    static func canHold(_ value: JSON) -> Bool {
        switch value {
        case .null, .bool: true
        case .string(let text): isKept(text)
        case .number(let text): text.utf8.count <= 17 && (Double(text)?.isNormal ?? false)
        case .array(let elements): elements.allSatisfy(canHold)
        case .object(let object):
            Set(object.members.map(\.name)).count == object.members.count
                && object.members.allSatisfy { isKept($0.name) && canHold($0.value) }
        }
    }

    /// Inside a string too, Foundation loses a byte order mark: at the beginning and behind an escape.
    private static func isKept(_ text: String) -> Bool {
        !text.unicodeScalars.contains("\u{feff}")
    }

    static func agrees(that value: JSON, isIn text: [UInt8]) -> Bool {
        guard let theirs = try? JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed) else {
            return false
        }
        return isSame(value, theirs)
    }

    private static func isSame(_ value: JSON, _ theirs: Any) -> Bool {
        switch value {
        case .null: theirs is NSNull
        case .bool(let bool): theirs as? Bool == bool
        case .number(let text): (theirs as? NSNumber).map { isClose($0.doubleValue, Double(text)) } ?? false
        case .string(let string): (theirs as? String).map { $0.utf8.elementsEqual(string.utf8) } ?? false
        case .array(let elements):
            (theirs as? [Any]).map { $0.count == elements.count && zip(elements, $0).allSatisfy(isSame) } ?? false
        case .object(let object):
            (theirs as? [String: Any]).map { theirs in
                theirs.count == object.members.count
                    && object.members.allSatisfy { member in
                        theirs[member.name].map { isSame(member.value, $0) } ?? false
                    }
            } ?? false
        }
    }

    private static func isClose(_ theirs: Double, _ ours: Double?) -> Bool {
        guard let ours else { return false }
        return theirs == ours || abs(theirs - ours) <= abs(ours) * 1e-12
    }
}
