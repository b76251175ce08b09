import FinHubAPI
import HTTPTypes
import Hummingbird
import NIOCore

/// How large a body may be, in bytes (contract, *Limits*).
enum BodyLimit {
    static let standard = 16 * 1_024
    static let hierarchy = 1_024 * 1_024
    /// Ten thousand ranges, each as long as it can be, fit.
    static let allowlist = 512 * 1_024
}

extension Request {
    /// Reads the body as one JSON object.
    ///
    /// - Throws: ``Refusal`` for another media type, a body that is too large, is not JSON to the
    ///   letter, or is no object.
    func jsonObject(limit: Int = BodyLimit.standard) async throws -> JSONObject {
        guard isJSON else { throw Refusal.unsupportedMediaType }
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw Refusal.bodyTooLarge(limit: limit)
        }
        var bytes: [UInt8] = []
        for try await part in body {
            guard bytes.count + part.readableBytes <= limit else { throw Refusal.bodyTooLarge(limit: limit) }
            bytes.append(contentsOf: part.readableBytesView)
        }
        do {
            guard let object = try JSON(bytes).object else {
                throw Refusal(.badRequest, .validationFailed, "The body must be a JSON object.")
            }
            return object
        } catch is MalformedJSON {
            throw Refusal.malformedJSON
        }
    }

    /// Whether the body is announced as JSON in UTF-8, and as nothing else.
    private var isJSON: Bool {
        guard headers[values: .contentEncoding].isEmpty else { return false }
        let types = headers[values: .contentType]
        guard types.count == 1, let type = types.first else { return false }
        if type == "application/json" { return true }
        let parts = type.lowercased().utf8.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
            .map { String(Substring($0)).trimmedOfSpace }
        guard parts.first == "application/json" else { return false }
        return parts.dropFirst().allSatisfy { parameter in
            !parameter.hasPrefix("charset=") || parameter == "charset=utf-8" || parameter == "charset=\"utf-8\""
        }
    }
}

extension String {
    /// Without the spaces and tabs at both ends.
    var trimmedOfSpace: String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        guard let first = utf8.firstIndex(where: { !isSpace($0) }),
            let last = utf8.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(self[first...last])
    }
}
