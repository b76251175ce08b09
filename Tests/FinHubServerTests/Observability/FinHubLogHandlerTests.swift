import FinHubAPI
import FinHubServer
import Logging
import Synchronization
import Testing

@Suite("Log lines")
struct FinHubLogHandlerTests {
    /// Line ends of every kind, quotes, a reversal of the reading direction, invisible
    /// and unassigned characters.
    private static let attacks = [
        "x\r\n2026-01-13T22:21:48.974Z error forged=1", "x\n{\"level\":\"error\"}", "x\u{2028}y", "x\u{2029}y",
        "x\u{85}y", "\u{0}\u{1b}[2J\u{7f}", "a\"b\\c", "\u{202e}txt", "\u{feff}\u{200b}", "\u{e0001}", "\u{fffe}",
        "\u{e000}", "\\u000a", "", " ", "x level=error", "k=v",
    ]

    @Test("JSON: time to the millisecond, level, event or message, then the metadata flat and in order")
    func json() {
        let log = Log(.json)
        log.logger.info("session_created", metadata: ["tenant": "t1", "b": ["y": "2", "x": "1"], "a": ["p", "q"]])
        log.logger.warning("Listening on 127.0.0.1", metadata: ["port": "\(8080)"])
        log.logger.info("stopping")
        let time = #""time":"2026-01-13T22:21:48.974Z""#
        #expect(
            log.text == """
                {\(time),"level":"info","event":"session_created","a.0":"p","a.1":"q","b.x":"1","b.y":"2","tenant":"t1"}
                {\(time),"level":"warning","message":"Listening on 127.0.0.1","port":"8080"}
                {\(time),"level":"info","message":"stopping"}

                """
        )
    }

    @Test("human: time, level, message, then values, quoted when they are more than a word")
    func human() {
        let log = Log(.human)
        log.logger.info("session_created", metadata: ["tenant": "t1", "agent": "curl 8"])
        log.logger.critical("Cannot listen", metadata: ["port": "8080"])
        #expect(
            log.text == """
                2026-01-13T22:21:48.974Z info  session_created agent="curl 8" tenant=t1
                2026-01-13T22:21:48.974Z critical Cannot listen port=8080

                """
        )
    }

    @Test(
        "JSON: whatever a message, a name or a value holds, it is one line and reads back the same",
        arguments: attacks
    )
    func jsonInjection(attack: String) throws {
        let log = Log(.json)
        log.logger.info("\(attack)", metadata: ["k\(attack)": "\(attack)"])
        let bytes = log.bytes
        #expect(bytes.isOneSafeLine)
        let object = try #require(try JSON(bytes.dropLast()).object)
        #expect(object.members.map(\.name) == ["time", "level", "message", "k\(attack)"])
        #expect(object["message"]?.string.map { Array($0.utf8) } == Array(attack.utf8))
        #expect(object["k\(attack)"]?.string.map { Array($0.utf8) } == Array(attack.utf8))
    }

    @Test("human: whatever a message, a name or a value holds, it is one line of three parts", arguments: attacks)
    func humanInjection(attack: String) {
        let log = Log(.human)
        log.logger.info("\(attack)", metadata: ["k\(attack)": "\(attack)"])
        let bytes = log.bytes
        #expect(bytes.isOneSafeLine)
        #expect(bytes.unquoted.filter { $0 == UInt8(ascii: "=") }.count == 1)
        #expect(!log.text.contains(" forged=1") || log.text.contains("error forged=1\""))
    }

    @Test("escapes are those of JSON: by scalar, beyond the basic plane as a pair")
    func escapes() {
        let log = Log(.json)
        log.logger.info("a\r\n\u{2028}\u{e0001}\"é")
        #expect(log.text.contains(#""message":"a\u000d\u000a\u2028\udb40\udc01\"é""#))
    }

    @Test("a field never takes the name of one of the line's own or of another field")
    func reservedNames() throws {
        let log = Log(.json)
        log.logger.info(
            "a_b",
            metadata: ["time": "1", "level": "2", "event": "3", "message": "4", "x": ["y": "5"], "x.y": "6"]
        )
        let object = try #require(try JSON(log.bytes.dropLast()).object)
        #expect(
            object.members.map(\.name) == [
                "time", "level", "event", "event_", "level_", "message_", "time_", "x.y", "x.y_",
            ]
        )
        #expect(object["level"]?.string == "info")
        #expect(object["x.y_"]?.string == "6")
    }

    @Test("a value over 1,024 bytes is cut between scalars and says so", arguments: ["a", "é", "€", "😀", "e\u{301}"])
    func cut(unit: String) throws {
        let log = Log(.json)
        let long = "x" + String(repeating: unit, count: 2_000)
        let fitting = String(repeating: "a", count: 1_024)
        log.logger.info("\(long)", metadata: ["fitting": "\(fitting)", "long": "\(long)"])
        let object = try #require(try JSON(log.bytes.dropLast()).object)
        #expect(object["fitting"]?.string == fitting)
        for name in ["message", "long"] {
            let kept = try #require(object[name]?.string)
            #expect((1_018...1_024).contains(kept.utf8.count))
            #expect(kept.unicodeScalars.last == "…")
            #expect(long.utf8.starts(with: kept.utf8.dropLast(3)))
        }
    }

    @Test("a line keeps 64 fields")
    func fieldLimit() throws {
        let log = Log(.json)
        log.logger.info("x", metadata: ["list": .array((0..<100_000).map { "\($0)" }), "z": "last"])
        let object = try #require(try JSON(log.bytes.dropLast()).object)
        #expect(object.members.count == 3 + 64)
    }

    @Test("the event's own metadata wins over the provider's, and that over the logger's")
    func precedence() throws {
        var log = Log(.human, provider: Logger.MetadataProvider { ["a": "provider", "b": "provider"] })
        log.logger[metadataKey: "a"] = "logger"
        log.logger[metadataKey: "b"] = "logger"
        log.logger[metadataKey: "c"] = "logger"
        log.logger.info("x", metadata: ["a": "event"])
        #expect(log.text.hasSuffix("x a=event b=provider c=logger\n"))
    }

    @Test("an error given to the logger is there with its type")
    func error() {
        struct Broken: Error, CustomStringConvertible { let description = "a\nb" }
        let log = Log(.human)
        log.logger.error("failed", error: Broken())
        #expect(log.text.contains(#"error failed error.message="a\u000ab" error.type="#))
    }

    @Test("a level below the handler's writes nothing, and each event is one write")
    func levels() {
        let log = Log(.json)
        log.logger.debug("quiet")
        log.logger.info("one")
        log.logger.info("two")
        #expect(log.lines.withLock(\.count) == 2)
    }
}

/// A logger whose lines are kept, at one moment.
private struct Log {
    let lines: Lines
    var logger: Logger

    init(_ format: FinHubLogHandler.Format, provider: Logger.MetadataProvider? = nil) {
        let lines = Lines()
        let handler = FinHubLogHandler(
            format: format,
            metadataProvider: provider,
            now: { Timestamp(microseconds: 1_768_342_908_974_999) },
            write: { line in lines.withLock { $0.append(line) } }
        )
        self.lines = lines
        logger = Logger(label: "test") { _ in handler }
    }

    var bytes: [UInt8] { lines.withLock { Array($0.joined()) } }
    var text: String { String(decoding: bytes, as: UTF8.self) }
}

private final class Lines: Sendable {
    private let value = Mutex<[[UInt8]]>([])

    func withLock<Result: Sendable>(_ body: (inout [[UInt8]]) -> Result) -> Result {
        value.withLock { body(&$0) }
    }
}

extension [UInt8] {
    /// Whether the only control, separator or format character is the line feed at the
    /// end.
    fileprivate var isOneSafeLine: Bool {
        let text = String(decoding: self, as: UTF8.self)
        return text.unicodeScalars.last == "\n"
            && text.unicodeScalars.dropLast().allSatisfy {
                ![.control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned]
                    .contains($0.properties.generalCategory)
            }
    }

    /// What stands outside quotes.
    fileprivate var unquoted: [UInt8] {
        var result: [UInt8] = []
        var isQuoted = false
        var isEscaped = false
        for byte in self {
            if isEscaped {
                isEscaped = false
            } else if isQuoted, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if !isQuoted {
                result.append(byte)
            }
        }
        return result
    }
}
