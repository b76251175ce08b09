import FinHubTestSupport

/// One run of histories that share a server, its weather and, in part, its commits.
struct Run: Sendable {
    let plans: [Plan]
    let weather: Weather
    var fault: Fault?

    /// Plays all plans at once on a new server in `folder`; what was called and answered, by plan.
    ///
    /// Within a phase every caller of every plan runs at once with the server's own work. Between
    /// phases nobody calls, so the weather's changes are calls that overlap no other.
    func histories(in folder: String) async throws -> [[Call]] {
        let notebooks = plans.map { _ in Notebook() }
        let path = "\(folder)/\(UInt64.random(in: 0 ... .max)).sqlite"
        var server = try await Server.open(path, histories: plans.count, fault: fault)
        for (phase, change) in weather.changes.enumerated() {
            server = try await apply(change, to: server, notebooks)
            try await play(phase, on: server, notebooks)
        }
        try await server.close()
        return notebooks.map(\.calls)
    }

    private func apply(_ change: Weather.Change, to server: Server, _ notebooks: [Notebook]) async throws -> Server {
        var server = server
        if change.clock != 0 {
            server.clock.advance(by: change.clock)
            note(.setClock(to: server.now), notebooks)
        }
        if change.isRestart {
            server = try await server.restarted()
            note(.restart, notebooks)
        }
        return server
    }

    private func note(_ action: Action, _ notebooks: [Notebook]) {
        for notebook in notebooks {
            notebook.note(action, by: Generator.callers, madeAt: notebook.tick(), .done)
        }
    }

    private func play(_ phase: Int, on server: Server, _ notebooks: [Notebook]) async throws {
        let work = plans.enumerated().flatMap { number, plan in
            plan.phases[phase].enumerated().map { (number, caller: $0, calls: $1) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.beat() }
            // In any order: the seed gives the calls, chance gives how they overlap.
            for (number, caller, calls) in work.shuffled() where !calls.isEmpty {
                let caller = Caller(
                    number: caller,
                    server: server,
                    cast: Cast(number: number),
                    notebook: notebooks[number]
                )
                group.addTask { await caller.make(calls) }
            }
            try await group.waitForAll()
        }
    }
}
