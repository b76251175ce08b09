import FinHubAPI

extension FinHubClient {
    /// Sends many requests, a few at a time, and gives their answers in the order of the requests.
    ///
    /// ```swift
    /// for await result in client.batch(requests, concurrency: 8) {
    ///     let answer = try result.get()
    /// }
    /// ```
    ///
    /// One that fails doesn't stop the others. All share the client's retry budget. Nothing is sent
    /// before the first answer is asked for, and never more than `concurrency` are under way or
    /// waiting to be taken; ending the loop early cancels those.
    ///
    /// - Parameters:
    ///   - requests: Read as far as there is room.
    ///   - concurrency: How many at a time, at least 1.
    /// - Returns: A sequence of results, one for each request.
    public func batch<Requests: Sequence<FinHubRequest> & Sendable>(
        _ requests: Requests,
        concurrency: Int = 8
    ) -> Batch<Requests> {
        Batch(requests: requests, concurrency: max(1, concurrency)) { request in
            try await self.send(request)
        }
    }
}

/// The answers to many requests, in their order.
public struct Batch<Requests: Sequence<FinHubRequest> & Sendable>: AsyncSequence, Sendable {
    /// An answer, or the `FinHubClientError` or `CancellationError` in its place.
    public typealias Element = Result<FinHubResponse, any Error>
    /// The sequence itself never fails: each result says how its own call went.
    public typealias Failure = Never

    let requests: Requests
    let concurrency: Int
    let send: @Sendable (FinHubRequest) async throws -> FinHubResponse

    /// Begins anew: each iterator sends the requests once more.
    public func makeAsyncIterator() -> Iterator {
        Iterator(requests: requests.makeIterator(), concurrency: concurrency, send: send)
    }

    /// Holds the requests under way, in order.
    ///
    /// Their tasks are not a task group's because a group can't outlive one call of ``next()``. What
    /// binds them instead: the iterator's end and the consumer's cancellation cancel them all.
    public final class Iterator: AsyncIteratorProtocol {
        private var requests: Requests.Iterator
        private let concurrency: Int
        private let send: @Sendable (FinHubRequest) async throws -> FinHubResponse
        private var underWay: [Task<FinHubResponse, any Error>] = []

        fileprivate init(
            requests: Requests.Iterator,
            concurrency: Int,
            send: @escaping @Sendable (FinHubRequest) async throws -> FinHubResponse
        ) {
            self.requests = requests
            self.concurrency = concurrency
            self.send = send
        }

        deinit {
            for task in underWay { task.cancel() }
        }

        /// The answer to the next request; `nil` after the last.
        public func next() async -> Result<FinHubResponse, any Error>? {
            while underWay.count < concurrency, let request = requests.next() {
                underWay.append(Task { [send] in try await send(request) })
            }
            guard !underWay.isEmpty else { return nil }
            let tasks = underWay
            underWay.removeFirst()
            return await withTaskCancellationHandler {
                await tasks[0].result
            } onCancel: {
                for task in tasks { task.cancel() }
            }
        }
    }
}
