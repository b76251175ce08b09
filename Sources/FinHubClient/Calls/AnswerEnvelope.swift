import FinHubAPI
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1

/// `{"code", "message", "data"}` as a client reads it.
///
/// It is read with `JSONDecoder`, not with the strict reader that guards the server: other FinHub
/// hosts need not write as ours does, and whom TLS has proven can't be smuggled past by a second
/// reading of the same bytes.
struct AnswerEnvelope<Body: Decodable>: Decodable {
    let code: Int?
    let data: Result<Body, any Error>

    private enum CodingKeys: String, CodingKey {
        case code, data
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        code = try fields.decodeIfPresent(Int.self, forKey: .code)
        data = Result { try fields.decode(Body.self, forKey: .data) }
    }

    /// The `data` of a success whose envelope agrees that it is one.
    ///
    /// - Throws: ``FinHubClientError``.
    static func data(of answer: FinHubResponse) throws -> Body {
        let envelope = try AnswerEnvelope(agreeingWith: answer)
        do {
            return try envelope.data.get()
        } catch {
            let place = (error as? DecodingError)?.place ?? "it is malformed"
            throw answer.error(.clientUnreadableAnswer, "The answer's data is not as expected: \(place).")
        }
    }

    /// Reads the envelope of `answer`, whose code must not contradict the status.
    init(agreeingWith answer: FinHubResponse) throws {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(answer.body.readableBytesView))
        } catch {
            throw answer.error(.clientUnreadableAnswer, "The answer is no FinHub envelope.")
        }
        guard let code, code != answer.status.code else { return }
        throw answer.error(
            .clientContradictoryAnswer,
            "The HTTP status is \(answer.status.code), and the envelope says \(code)."
        )
    }
}

/// Reads anything and keeps nothing.
struct NoData: Decodable {
    init(from decoder: any Decoder) throws {}
}

extension FinHubResponse {
    /// An error about this answer.
    func error(_ code: ErrorCode, _ message: String) -> FinHubClientError {
        FinHubClientError(
            code: code,
            message: message,
            status: Int(status.code),
            correlationID: wire.first(name: "X-Correlation-ID")?.fitToShow
        )
    }
}

extension DecodingError {
    /// Where it went wrong and how, without the value that was found there.
    fileprivate var place: String {
        switch self {
        case .typeMismatch(let type, let context): "\(context.path) is no \(type)"
        case .valueNotFound(_, let context): "\(context.path) is null"
        case .keyNotFound(let key, let context): "\(context.path) lacks \(key.stringValue)"
        case .dataCorrupted(let context): "\(context.path) is malformed"
        @unknown default: "it is malformed"
        }
    }
}

extension DecodingError.Context {
    fileprivate var path: String {
        codingPath.map(\.stringValue).joined(separator: ".")
    }
}
