import Logging

/// The metadata of one line, flat: a nested `a: {b: …}` is `a.b`, a list's elements
/// `a.0`, `a.1`.
///
/// Every value is text, so that a field has one type in whatever reads the log. No two
/// fields have one name, and none takes the name of one of the line's own.
struct LogFields {
    private(set) var fields: [(name: String, value: String)] = []
    private var names: Set<String> = ["time", "level", "event", "message"]

    /// Takes `metadata` in the order of its names.
    init(_ metadata: Logger.Metadata) {
        add(metadata, prefix: "")
    }

    private mutating func add(_ metadata: Logger.Metadata, prefix: String) {
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
            add(prefix + name, value)
        }
    }

    private mutating func add(_ name: String, _ value: Logger.MetadataValue) {
        guard fields.count < LogLimit.fields else { return }
        switch value {
        case .string(let text): append(name, text)
        case .stringConvertible(let value): append(name, value.description)
        case .dictionary(let members): add(members, prefix: name + ".")
        case .array(let elements):
            for (index, element) in elements.enumerated() { add("\(name).\(index)", element) }
        }
    }

    private mutating func append(_ name: String, _ value: String) {
        var name = name.cut(to: LogLimit.nameBytes)
        while !names.insert(name).inserted { name += "_" }
        fields.append((name, value.cut(to: LogLimit.valueBytes)))
    }
}
