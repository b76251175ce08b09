public import HTTPTypes

extension FinHubClient {
    /// Calls the API and reads the answer's `data`.
    ///
    /// Reference: *Using the Token*. The answer of a GET may come from an earlier call, as its
    /// `Cache-Control` and `ETag` allow.
    ///
    /// - Parameters:
    ///   - method: Such as `.get`.
    ///   - path: Below `/api/v2.1`.
    ///   - query: Percent-encoded by the client.
    ///   - type: What `data` is.
    ///   - options: What this call does differently.
    /// - Returns: The `data`.
    /// - Throws: ``FinHubClientError``.
    public func request<Answer: Decodable & Sendable>(
        _ method: HTTPRequest.Method,
        _ path: APIPath,
        query: [QueryItem] = [],
        as type: Answer.Type = Answer.self,
        options: CallOptions = CallOptions()
    ) async throws -> Answer {
        try await send(FinHubRequest(method, path, query: query, options: options)).decode(type)
    }

    /// Calls the API with a body of JSON and reads the answer's `data`.
    public func request<Answer: Decodable & Sendable>(
        _ method: HTTPRequest.Method,
        _ path: APIPath,
        query: [QueryItem] = [],
        body: some Encodable & Sendable,
        as type: Answer.Type = Answer.self,
        options: CallOptions = CallOptions()
    ) async throws -> Answer {
        try await send(FinHubRequest(method, path, query: query, encoding: body, options: options)).decode(type)
    }

    /// Calls the API and only makes sure that it succeeded.
    public func request(
        _ method: HTTPRequest.Method,
        _ path: APIPath,
        query: [QueryItem] = [],
        options: CallOptions = CallOptions()
    ) async throws {
        let answer = try await send(FinHubRequest(method, path, query: query, options: options))
        _ = try AnswerEnvelope<NoData>(agreeingWith: answer)
    }

    /// Calls the API with a body of JSON and only makes sure that it succeeded.
    public func request(
        _ method: HTTPRequest.Method,
        _ path: APIPath,
        query: [QueryItem] = [],
        body: some Encodable & Sendable,
        options: CallOptions = CallOptions()
    ) async throws {
        let answer = try await send(FinHubRequest(method, path, query: query, encoding: body, options: options))
        _ = try AnswerEnvelope<NoData>(agreeingWith: answer)
    }

    /// Sends `request` and returns the whole answer as it came; 4xx and 5xx are thrown.
    ///
    /// Everything a call has: tokens, retries, cache, deadline.
    public func send(_ request: FinHubRequest) async throws -> FinHubResponse {
        try await engine.send(request)
    }

    /// Sends `request` and returns as soon as the answer's head is there; 4xx and 5xx are thrown.
    ///
    /// Neither kept nor taken from the cache. The deadline covers the head; the parts of the body
    /// may take as long as they come within ``Configuration/idleTimeout`` of each other.
    public func stream(_ request: FinHubRequest) async throws -> StreamedResponse {
        try await engine.stream(request)
    }
}
