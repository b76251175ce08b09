public import FinHubAPI
public import Logging

/// Writes each log event as one line that no value can break, forge or disguise.
///
/// A message that is a name, as in `session_created`, is the JSON line's `event`; any
/// other is its `message`. Messages and values over 1,024 bytes are cut, and end in `…`
/// when they are; of more than 64 fields the first are kept.
public struct FinHubLogHandler: LogHandler {
    /// How a line is laid out.
    public enum Format: String, Sendable {
        /// One JSON object: `time`, `level`, `event` or `message`, then the metadata.
        case json
        /// `2026-01-13T22:21:48.974Z info  message key=value`, for a terminal.
        case human
    }

    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    private let format: Format
    private let now: @Sendable () -> Timestamp
    private let write: @Sendable ([UInt8]) -> Void

    /// Makes a handler.
    ///
    /// - Parameters:
    ///   - format: How lines are laid out.
    ///   - logLevel: The least level that is written.
    ///   - metadataProvider: Where fields come from that are not given with the event.
    ///   - now: The wall clock.
    ///   - write: Takes one whole line, its line feed included; called from any thread.
    public init(
        format: Format,
        logLevel: Logger.Level = .info,
        metadataProvider: Logger.MetadataProvider? = nil,
        now: @escaping @Sendable () -> Timestamp,
        write: @escaping @Sendable ([UInt8]) -> Void = { LineSink.standardError.put($0) }
    ) {
        self.logLevel = logLevel
        self.metadataProvider = metadataProvider
        self.format = format
        self.now = now
        self.write = write
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let line = LogLine(
            time: now(),
            level: event.level,
            message: event.message.description.cut(to: LogLimit.valueBytes),
            fields: LogFields(metadata(of: event)).fields
        )
        switch format {
        case .json: write(line.json)
        case .human: write(line.human)
        }
    }

    /// What is nearer to the event wins: its own, then the provider's, then the logger's.
    private func metadata(of event: LogEvent) -> Logger.Metadata {
        var metadata = metadata
        if let provided = metadataProvider?.get() { metadata.merge(provided) { $1 } }
        if let own = event.metadata { metadata.merge(own) { $1 } }
        if let error = event.error {
            metadata["error.message"] = "\(error)"
            metadata["error.type"] = "\(String(reflecting: type(of: error)))"
        }
        return metadata
    }
}
