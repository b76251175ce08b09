import FinHubAPI
import Rainbow
import TextTable

/// How a command shows its result.
enum OutputFormat: String, CaseIterable {
    /// JSON, spread over lines on a terminal and on one line elsewhere.
    case json
    /// A table on a terminal, tab-separated values elsewhere.
    case table
}

/// Rows of text under headings.
struct Table {
    let headings: [String]
    var rows: [[String]] = []

    /// The table as standard output takes it: drawn on a terminal, else tab-separated values.
    func text(isTerminal: Bool, isColoured: Bool) -> String {
        isTerminal ? drawn(isColoured: isColoured) : tabSeparated
    }

    private var tabSeparated: String {
        ([headings] + rows).map { $0.map(Self.cell).joined(separator: "\t") }.joined(separator: "\n")
    }

    private func drawn(isColoured: Bool) -> String {
        let layout = TextTable<[String]> { row in
            zip(headings, row).map { Column(title: $0, value: Self.cell($1)) }
        }
        // A table without rows is drawn as its headings alone.
        guard let table = layout.string(for: rows, style: Simple.self) else { return headings.joined(separator: "  ") }
        var lines = table.split(separator: "\n").map { line in
            String(line.reversed().drop { $0 == " " }.reversed())
        }
        if isColoured, let first = lines.first { lines[0] = first.bold }
        return lines.joined(separator: "\n")
    }

    /// One cell, which is on one line and has no tab.
    private static func cell(_ text: String) -> String {
        text.printable.replacing("\n", with: " ")
    }
}

// MARK: Of JSON

extension Table {
    /// A table of what `json` holds: one row for each element of a list (or of a page's `items`), else one for
    /// each value, named by the path that leads to it.
    init(_ json: JSON) {
        let items = json.object?["items"]?.array ?? json.array
        if let items, items.allSatisfy({ $0.object != nil }) {
            self.init(rowsOf: items)
        } else {
            self.init(headings: ["FIELD", "VALUE"], rows: json.leaves(at: "").map { [$0.path, $0.text] })
        }
    }

    private init(rowsOf items: [JSON]) {
        let flat = items.map { item in item.leaves(at: "") }
        var names: [String] = []
        for leaf in flat.joined() where !names.contains(leaf.path) { names.append(leaf.path) }
        headings = names
        rows = flat.map { leaves in
            names.map { name in leaves.first { $0.path == name }?.text ?? "" }
        }
    }
}

extension JSON {
    /// Every value that has no parts, with the path that leads to it; a list of plain values is one.
    fileprivate func leaves(at path: String) -> [(path: String, text: String)] {
        switch self {
        case .object(let object):
            return object.members.flatMap { $0.value.leaves(at: path.isEmpty ? $0.name : "\(path).\($0.name)") }
        case .array(let elements):
            if let texts = elements.plainTexts { return [(path, texts.joined(separator: ","))] }
            return elements.enumerated().flatMap { $1.leaves(at: "\(path)[\($0)]") }
        default:
            return [(path, plainText ?? "")]
        }
    }

    /// The value as a cell has it; `nil` for one with parts.
    fileprivate var plainText: String? {
        switch self {
        case .null: ""
        case .bool(let value): value ? "true" : "false"
        case .number(let digits): digits
        case .string(let string): string
        case .array, .object: nil
        }
    }
}

extension [JSON] {
    fileprivate var plainTexts: [String]? {
        let texts = compactMap(\.plainText)
        return texts.count == count ? texts : nil
    }
}

// MARK: Printing

/// Prints a command's result on standard output.
func show(_ json: JSON, table: Table? = nil, as format: OutputFormat) {
    switch format {
    case .json: say(json.text(isSpread: Console.isTerminal))
    case .table:
        let table = table ?? Table(json)
        say(table.text(isTerminal: Console.isTerminal, isColoured: Console.showsColours(1)))
    }
}

/// Prints what the API describes by a body of its own.
func show(_ body: some JSONWritable, table: Table, as format: OutputFormat) throws {
    show(try JSON(body.jsonBytes), table: table, as: format)
}
