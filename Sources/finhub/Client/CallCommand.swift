import ArgumentParser
import FinHubAPI
import FinHubClient
import Foundation
import HTTPTypes
import NIOCore

/// `finhub call`: any call of the API.
struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Call the API and print the answer's data.",
        discussion: """
            The token is refreshed when it is due. A session that is over ends the command: log in again.

              finhub call GET /admin/sessions/current
              finhub call PUT /customer/individual/categorization/hierarchy/… --header 'If-Match: "…"' --body-file new.json

            \(ExitStatus.help)
            """
    )

    @OptionGroup var flags: ClientFlags
    @OptionGroup var output: OutputFlags
    @Argument(help: "GET, POST, PUT, DELETE or another method.")
    var method: String
    @Argument(help: "The path below /api/v2.1, with its query: /admin/sessions/current.")
    var path: String
    @Option(name: [.long, .customShort("H")], help: "A further header, 'Name: value'; may be repeated.")
    var header: [String] = []
    @Flag(name: [.long, .customShort("i")], help: "Print the answer's status and headers on standard error.")
    var include = false
    @Option(help: "The body, JSON. Others can see arguments: for secrets use --body-file.")
    var body: String?
    @Option(help: "A file with the body; - for standard input.")
    var bodyFile: String?

    func validate() throws {
        guard body == nil || bodyFile == nil else {
            throw ValidationError("--body and --body-file exclude each other.")
        }
    }

    func run() async throws {
        try await reportingFailures {
            let request = try request()
            try await flags.withSession { client, _ in
                let answer = try await client.send(request)
                if include { Console.printHead(of: answer) }
                guard let data = try answer.json else { return }
                show(data, as: output.format(or: .json))
            }
        }
    }

    private func request() throws -> FinHubRequest {
        guard let method = HTTPRequest.Method(rawValue: method.uppercased()) else {
            throw ClientFailure(status: .usage, message: "“\(self.method)” is no HTTP method.")
        }
        let parts = path.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var request = FinHubRequest(method, APIPath(String(parts[0])), body: try content())
        request.query = try parts.count == 2 ? Self.query(parts[1]) : []
        request.options.headers = try headers()
        return request
    }

    private static func query(_ text: Substring) throws -> [QueryItem] {
        try text.split(separator: "&").map { item in
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let decoded = pair.compactMap { $0.removingPercentEncoding }
            guard decoded.count == 2 else {
                throw ClientFailure(status: .usage, message: "“\(item)” is no name=value of a query.")
            }
            return QueryItem(decoded[0], decoded[1])
        }
    }

    private func headers() throws -> HTTPFields {
        var fields = HTTPFields()
        for line in header {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = HTTPField.Name(String(parts[0])) else {
                throw ClientFailure(status: .usage, message: "“\(parts[0])” does not begin a header: Name: value.")
            }
            let value = parts[1].trimmingCharacters(in: .whitespaces)
            guard HTTPField.isValidValue(value) else {
                throw ClientFailure(status: .usage, message: "The value of \(name) can't stand in a header.")
            }
            fields.append(HTTPField(name: name, value: value))
        }
        return fields
    }

    private func content() throws -> ByteBuffer? {
        if let body { return ByteBuffer(string: body) }
        guard let bodyFile else { return nil }
        if bodyFile == "-" {
            return ByteBuffer(bytes: try FileHandle.standardInput.readToEnd() ?? Data())
        }
        guard let data = FileManager.default.contents(atPath: bodyFile) else {
            throw ClientFailure(status: .usage, message: "\(bodyFile) can't be read.")
        }
        return ByteBuffer(bytes: data)
    }
}

extension Console {
    fileprivate static func printHead(of answer: FinHubResponse) {
        let lines = ["HTTP \(answer.status.code)"] + answer.headers.map { "\($0.name): \($0.value)" }
        FileHandle.standardError.write(Data((lines.map(\.printable).joined(separator: "\n") + "\n").utf8))
    }
}

extension FinHubResponse {
    /// The envelope's data; `nil` when there is no body or no data.
    ///
    /// - Throws: `FinHubClientError` when it is no FinHub envelope.
    fileprivate var json: JSON? {
        get throws {
            guard body.readableBytes > 0 else { return nil }
            guard let envelope = (try? JSON(body.readableBytesView, depth: 128))?.object else {
                throw FinHubClientError(
                    code: .clientUnreadableAnswer,
                    message: "The answer is no FinHub envelope.",
                    status: status.code
                )
            }
            guard envelope["code"] == .number(String(status.code)) else {
                throw FinHubClientError(
                    code: .clientContradictoryAnswer,
                    message: "The envelope's code is not the HTTP status.",
                    status: status.code
                )
            }
            return envelope["data"] == .null ? nil : envelope["data"]
        }
    }
}
