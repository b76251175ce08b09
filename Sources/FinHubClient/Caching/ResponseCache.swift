import FinHubAPI
import HTTPTypes
import NIOCore
import NIOHTTP1

/// Answers of one session that may be used again (RFC 9111), bounded in bytes.
///
/// It is a private cache: it holds one session's answers and is emptied when another's come.
struct ResponseCache: Sendable {
    /// What an answer was given to.
    struct Key: Hashable, Sendable {
        let url: String
        /// Everything else of the request that an answer may depend on.
        let variant: [String]
        /// Made once, for it is asked for several times in each call.
        private let hash: Int

        init(url: String, variant: [String]) {
            self.url = url
            self.variant = variant
            var hasher = Hasher()
            hasher.combine(url)
            hasher.combine(variant)
            hash = hasher.finalize()
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(hash)
        }
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

    /// Keeps `answer` as far as `rules`, which are its own, allow that.
    mutating func keep(
        _ answer: FinHubResponse,
        under rules: CacheRules,
        for key: Key,
        of session: SessionID,
        at now: ContinuousClock.Instant
    ) {
        if session != self.session { empty(for: session) }
        drop(key)
        guard answer.status == .ok else { return }
        let size = answer.body.readableBytes + 1_024
        guard rules.mayBeKept, size <= limit / 4 else { return }
        guard answer.entityTag != nil || rules.freshness > .zero else { return }
        uses += 1
        entries[key] = Entry(
            answer: FinHubResponse(
                status: answer.status,
                wire: answer.wire,
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
        with headers: HTTPHeaders,
        at now: ContinuousClock.Instant
    ) {
        guard session == self.session, var entry = entries[key] else { return }
        let rules = CacheRules(headers.contains(name: "Cache-Control") ? headers : entry.answer.wire)
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

    init(_ headers: HTTPHeaders) {
        var directives = Directives()
        var age = Int64(0)
        for (name, value) in headers {
            // Few names are as long as these: most need no closer look.
            switch name.utf8.count {
            case 13 where name.lowercased() == "cache-control": directives.read(value)
            case 4 where value == "*" && name.lowercased() == "vary": directives.mayBeKept = false
            case 3 where name.lowercased() == "age": age = Int64(value) ?? 0
            default: break
            }
        }
        mayBeKept = directives.mayBeKept
        let maximum = directives.isFresh ? directives.maximum ?? 0 : 0
        // A year, as RFC 9111 has it: more is no more.
        freshness = .seconds(min(max(max(maximum, 0) - max(age, 0), 0), 31_536_000))
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
            let end = directive.firstIndex(of: UInt8(ascii: "=")) ?? directive.endIndex
            let name = directive[..<end].trimmed
            if name.isName("no-store") {
                mayBeKept = false
            } else if name.isName("no-cache") {
                isFresh = false
            } else if name.isName("max-age") {
                let value = directive[end...].dropFirst().trimmed.filter { $0 != UInt8(ascii: "\"") }
                maximum = maximum ?? Int64(String(decoding: value, as: UTF8.self)) ?? 0
            }
        }
    }
}

extension Substring.UTF8View {
    fileprivate var trimmed: Substring.UTF8View {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let start = drop(while: isBlank)
        return start.lastIndex { !isBlank($0) }.map { start[...$0] } ?? start[start.endIndex...]
    }

    /// Whether it is `name`, which is in lower case, in any case.
    fileprivate func isName(_ name: StaticString) -> Bool {
        name.withUTF8Buffer { name in count == name.count && zip(self, name).allSatisfy { $0 | 0x20 == $1 } }
    }
}
