public import FinHubAPI
public import FinHubClient
public import HTTPTypes
import NIOCore

/// What a ``ScriptedTransport`` does with a request.
public struct ScriptedAnswer: Sendable {
    enum Kind: Sendable {
        case answer(status: Int, headers: HTTPFields, parts: [ByteBuffer], end: End)
        case failure(TransportFailure)
        case silence
    }

    /// How a body ends.
    enum End: Sendable {
        case complete
        case cut
        case never
    }

    let kind: Kind
    var gate: Gate?

    private init(_ kind: Kind) {
        self.kind = kind
    }

    /// Status, headers and body as given.
    public static func raw(_ status: Int, headers: HTTPFields = [:], body: String = "") -> ScriptedAnswer {
        ScriptedAnswer(.answer(status: status, headers: headers, parts: [ByteBuffer(string: body)], end: .complete))
    }

    /// A success whose envelope holds `data`.
    public static func success(_ data: some JSONWritable, headers: HTTPFields = [:]) -> ScriptedAnswer {
        raw(200, headers: headers, body: String(decoding: Envelope(data: data).jsonBytes, as: UTF8.self))
    }

    /// A success whose envelope holds `json`, which must be JSON.
    public static func success(json: String, headers: HTTPFields = [:]) -> ScriptedAnswer {
        raw(200, headers: headers, body: #"{"code":200,"message":"Success","data":\#(json)}"#)
    }

    /// The answer to a login or a refresh: tokens that live `expiresIn` seconds.
    ///
    /// - Parameters:
    ///   - token: The access token.
    ///   - refreshToken: The refresh token.
    ///   - expiresIn: How long both live, in seconds.
    ///   - session: By default the session of the reference's example.
    /// - Returns: The answer.
    public static func tokens(
        _ token: String,
        refreshToken: String = "refresh-token",
        expiresIn: Int64 = 3_600,
        session: SessionID = SessionID(high: 0xed8e_1ef7_d885_4753, low: 0x88ad_afc5_aedf_ac7b)
    ) -> ScriptedAnswer {
        success(
            TokensBody(
                sessionID: session,
                userID: UserID(high: 0xe2f3_a4b5_c6d7_48e9, low: 0x0f1a_2b3c_4d5e_6f7a),
                token: Secret(token),
                refreshToken: Secret(refreshToken),
                expiresAt: Timestamp(seconds: 1_768_339_308 + expiresIn),
                expiresInSeconds: expiresIn,
                message: "Session created successfully"
            )
        )
    }

    /// An error as FinHub words it.
    public static func refusal(
        _ status: Int,
        _ code: ErrorCode,
        details: String = "Refused.",
        headers: HTTPFields = [:]
    ) -> ScriptedAnswer {
        let body = RefusalBody(error: code, details: details, suggestions: [])
        let bytes = Envelope(code: status, message: "Refused", data: body).jsonBytes
        return raw(status, headers: headers, body: String(decoding: bytes, as: UTF8.self))
    }

    /// No answer, or no connection.
    public static func failure(_ reason: TransportFailure.Reason) -> ScriptedAnswer {
        ScriptedAnswer(.failure(TransportFailure(reason, "Scripted.")))
    }

    /// Nothing, until the request's time is up.
    public static var silence: ScriptedAnswer { ScriptedAnswer(.silence) }

    /// A body in parts that is cut off after the last of them.
    public static func cut(_ status: Int, headers: HTTPFields = [:], after parts: String...) -> ScriptedAnswer {
        ScriptedAnswer(
            .answer(status: status, headers: headers, parts: parts.map { ByteBuffer(string: $0) }, end: .cut)
        )
    }

    /// A body in parts that goes on after the last of them without another byte.
    public static func stalled(_ status: Int, headers: HTTPFields = [:], after parts: String...) -> ScriptedAnswer {
        ScriptedAnswer(
            .answer(status: status, headers: headers, parts: parts.map { ByteBuffer(string: $0) }, end: .never)
        )
    }

    /// The same, but only once `gate` is open.
    public func after(_ gate: Gate) -> ScriptedAnswer {
        var answer = self
        answer.gate = gate
        return answer
    }
}
