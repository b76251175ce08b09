import FinHubAPI
import HTTPTypes
import NIOCore

/// Answers of one session that may be used again (RFC 9111), bounded in bytes.
///
/// It is a private cache: it holds one session's answers and is emptied when another's come.
struct ResponseCache: Sendable {
    /// What an answer was given to.
    struct Key: Hashable, Sendable {
        let url: String
        /// Everything else of the request that an answer may depend on.
        let variant: [String]
    }

    /// What is there for a request.
    enum Finding {
        /// Good as it is.
        case fresh(FinHubResponse)
        /// Good if the server says that its tag is still the one in force.
        case stale(FinHubResponse, entityTag: String)
        case nothing
    }

    private struct Entry {
        var answer: FinHubResponse
        var freshUntil: ContinuousClock.Instant
        let bytes: Int
        var lastUse: UInt64
    }

    private let limit: Int
    private var entries: [Key: Entry] = [:]
    private var session: SessionID?
    private var uses: UInt64 = 0
    /// How much is kept, in bytes.
    private(set) var bytes = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// How many answers are kept.
    var count: Int { entries.count }

    mutating func find(_ key: Key, of session: SessionID, at now: ContinuousClock.Instant) -> Finding {
        guard session == self.session, var entry = entries[key] else { return .nothing }
        uses += 1
        entry.lastUse = uses
        entries[key] = entry
        if now < entry.freshUntil { return .fresh(entry.answer) }
        return entry.answer.entityTag.map { .stale(entry.answer, entityTag: $0) } ?? .nothing
    }

    /// Keeps `answer` as far as it allows that.
    mutating func keep(_ answer: FinHubResponse, for key: Key, of session: SessionID, at now: ContinuousClock.Instant) {
        if session != self.session { empty(for: session) }
        drop(key)
        guard answer.status == .ok else { return }
        let rules = CacheRules(answer.headers)
        let size = answer.body.readableBytes + 1_024
        guard rules.mayBeKept, size <= limit / 4 else { return }
        guard answer.entityTag != nil || rules.freshness > .zero else { return }
        uses += 1
        entries[key] = Entry(
            answer: FinHubResponse(
                status: answer.status,
                headers: answer.headers,
                // What arrived may share a larger buffer.
                body: ByteBuffer(bytes: answer.body.readableBytesView),
                isFromCache: true
            ),
            freshUntil: now + rules.freshness,
            bytes: size,
            lastUse: uses
        )
        bytes += size
        evict()
    }

    /// The server said with `headers` (304) that the kept answer is still good.
    mutating func confirm(
        _ key: Key,
        of session: SessionID,
        with headers: HTTPFields,
        at now: ContinuousClock.Instant
    ) {
        guard session == self.session, var entry = entries[key] else { return }
        let rules = CacheRules(headers[.cacheControl] == nil ? entry.answer.headers : headers)
        if rules.mayBeKept {
            entry.freshUntil = now + rules.freshness
            entries[key] = entry
        } else {
            drop(key)
        }
    }

    /// Forgets what `url` answered: something was changed there.
    mutating func invalidate(_ url: String) {
        for key in entries.keys where key.url.prefix(while: { $0 != "?" }) == url.prefix(while: { $0 != "?" }) {
            drop(key)
        }
    }

    /// Forgets everything.
    mutating func empty(for session: SessionID? = nil) {
        entries = [:]
        bytes = 0
        self.session = session
    }

    private mutating func drop(_ key: Key) {
        guard let entry = entries.removeValue(forKey: key) else { return }
        bytes -= entry.bytes
    }

    /// Makes room for more than one answer at a time, so that a full cache is not sorted at each.
    private mutating func evict() {
        guard bytes > limit else { return }
        for (key, _) in entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
            guard bytes > limit / 4 * 3 else { return }
            drop(key)
        }
    }
}

/// What an answer's headers say of keeping it.
struct CacheRules: Sendable {
    let mayBeKept: Bool
    /// How long it is good without asking; zero means never.
    let freshness: Duration

    init(_ headers: HTTPFields) {
        var directives = Directives()
        var age = Int64(0)
        // One pass: asking for a field by its name first makes an index of all, which costs more than all of this.
        for field in headers {
            switch field.name {
            case .cacheControl: directives.read(field.value)
            case .vary where field.value == "*": directives.mayBeKept = false
            case .age: age = Int64(field.value) ?? 0
            default: break
            }
        }
        mayBeKept = directives.mayBeKept
        let maximum = directives.isFresh ? directives.maximum ?? 0 : 0
        // A year, as RFC 9111 has it: more is no more.
        freshness = .seconds(min(max(maximum - max(age, 0), 0), 31_536_000))
    }
}

/// What `Cache-Control` says, as far as it matters here.
private struct Directives {
    var mayBeKept = true
    var isFresh = true
    /// Of several, the first counts.
    var maximum: Int64?

    mutating func read(_ text: String) {
        for directive in text.utf8.split(separator: UInt8(ascii: ",")) {
            let (name, value) = Self.parts(of: Substring(directive))
            switch name {
            case "no-store": mayBeKept = false
            case "no-cache": isFresh = false
            case "max-age": maximum = maximum ?? Int64(value.filter { $0 != "\"" }) ?? 0
            default: break
            }
        }
    }

    /// Name and value of `max-age=60`, the name in lower case.
    private static func parts(of directive: Substring) -> (name: String, value: Substring) {
        let parts = directive.split(separator: "=", maxSplits: 1)
        func trimmed(_ text: Substring) -> Substring {
            let start = text.drop { $0 == " " || $0 == "\t" }
            let end = start.lastIndex { $0 != " " && $0 != "\t" }
            return end.map { start[...$0] } ?? ""
        }
        let name = trimmed(parts.first ?? "").lowercased()
        return (name, parts.count == 2 ? trimmed(parts[1]) : "")
    }
}
