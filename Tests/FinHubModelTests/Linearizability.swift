/// Looks for an order of a history's calls that the rules allow (Wing and Gong, 1993).
///
/// Calls that overlap may take their steps in any order; a call answered before another was made
/// comes first. Where the same steps of the same calls led to the same state before, and to no
/// end, they are not tried again (Lowe, 2017).
struct Linearizability {
    /// How far the search got at best: what to look at when there is no order.
    struct Impasse: Hashable {
        /// The calls that took all their steps, in their order.
        let order: [Int]
        let model: Model
        /// The calls that could come next, and what the rules would answer them.
        let expected: [Expectation]
    }

    struct Expectation: Hashable {
        let call: Int
        let answer: Answer?
    }

    private struct Place: Hashable {
        /// By caller: how many calls are over, and how many steps of the next are taken.
        var calls: [UInt16]
        var steps: [UInt8]
    }

    private struct Dead: Hashable {
        let place: Place
        let model: Model
    }

    private let history: [Call]
    /// Indices into the history by caller, in the order in which the caller made them.
    private let lanes: [[Int]]
    private var dead: Set<Dead> = []
    private var order: [Int] = []
    private var best: Impasse?

    private init(_ history: [Call]) {
        self.history = history
        let callers = Set(history.map(\.caller)).sorted()
        lanes = callers.map { caller in
            history.indices.filter { history[$0].caller == caller }.sorted { history[$0].madeAt < history[$1].madeAt }
        }
    }

    /// Where the search for an allowed order ended; `nil` when there is one.
    static func impasse(in history: [Call], from model: Model = Model()) -> Impasse? {
        var search = Linearizability(history)
        let start = Place(
            calls: Array(repeating: 0, count: search.lanes.count),
            steps: Array(repeating: 0, count: search.lanes.count)
        )
        if search.isEndReached(from: model, at: start) { return nil }
        return search.best ?? Impasse(order: [], model: model, expected: [])
    }

    private mutating func isEndReached(from model: Model, at place: Place) -> Bool {
        let next = candidates(at: place)
        if next.isEmpty { return true }
        let node = Dead(place: place, model: model)
        // Hashing is dear, and most histories never come back to a place.
        if !dead.isEmpty, dead.contains(node) { return false }
        for lane in next {
            let number = lanes[lane][Int(place.calls[lane])]
            guard let (after, isOver) = take(place.steps[lane], of: number, model) else { continue }
            var there = place
            there.calls[lane] += isOver ? 1 : 0
            there.steps[lane] = isOver ? 0 : there.steps[lane] + 1
            if isOver { order.append(number) }
            if isEndReached(from: after, at: there) { return true }
            if isOver { order.removeLast() }
        }
        dead.insert(node)
        note(next, at: place, model)
        return false
    }

    /// The lanes whose next call no other call has to precede, the earliest answered first.
    private func candidates(at place: Place) -> [Int] {
        let heads = lanes.indices.compactMap { lane in
            place.calls[lane] < lanes[lane].count
                ? (lane: lane, call: history[lanes[lane][Int(place.calls[lane])]]) : nil
        }
        guard let firstAnswer = heads.map(\.call.answeredAt).min() else { return [] }
        return heads.filter { $0.call.madeAt <= firstAnswer }.sorted { $0.call.answeredAt < $1.call.answeredAt }
            .map(\.lane)
    }

    /// The model after a call's next step, and whether that was its last.
    ///
    /// It is `nil` when the rules would answer otherwise.
    private func take(_ step: UInt8, of number: Int, _ model: Model) -> (Model, isOver: Bool)? {
        let call = history[number]
        var model = model
        let outcome: Model.Step
        switch step {
        case 0: outcome = model.begin(call.action, number: number)
        case 1: outcome = model.act(call.action, number: number)
        default:
            model.tell(call.action, number: number)
            return (model, true)
        }
        switch outcome {
        case .goesOn: return (model, false)
        case .answers(let answer, let tells): return answer == call.answer ? (model, !tells) : nil
        }
    }

    /// Keeps the place that explains the most calls.
    private mutating func note(_ lanes: [Int], at place: Place, _ model: Model) {
        guard order.count > best?.order.count ?? -1 else { return }
        let expected = lanes.map { lane in
            let number = self.lanes[lane][Int(place.calls[lane])]
            return Expectation(call: number, answer: answer(to: number, from: place.steps[lane], model))
        }
        best = Impasse(order: order, model: model, expected: expected)
    }

    private func answer(to number: Int, from step: UInt8, _ model: Model) -> Answer? {
        var model = model
        let action = history[number].action
        if step == 0, case .answers(let answer, _) = model.begin(action, number: number) { return answer }
        if step <= 1, case .answers(let answer, _) = model.act(action, number: number) { return answer }
        return nil
    }
}
