/// Makes a failing history as short as it gets while it still fails.
struct Shrinking: Sendable {
    /// How many copies of a plan run at once, because overlapping calls fall out differently each time.
    private static let copies = 24

    let fault: Fault?
    let folder: String

    /// A plan under its weather.
    private struct Trial: Hashable, Sendable {
        var plan: Plan
        var weather: Weather
    }

    /// The shortest failure found; the one given when it does not fail again.
    func shortest(_ failure: Campaign.Failure) async throws -> Campaign.Failure {
        var trial = Trial(plan: failure.plan, weather: failure.weather)
        guard var history = try await failingHistory(of: trial, tries: 10) else { return failure }
        var isShrinking = true
        while isShrinking {
            isShrinking = false
            for shorter in shorter(trial) {
                guard let found = try await failingHistory(of: shorter) else { continue }
                (trial, history, isShrinking) = (shorter, found, true)
                break
            }
        }
        return Campaign.Failure(number: failure.number, plan: trial.plan, weather: trial.weather, history: history)
    }

    private func failingHistory(of trial: Trial, tries: Int = 2) async throws -> [Call]? {
        let plans = Array(repeating: trial.plan, count: Self.copies)
        for _ in 0..<tries {
            let histories = try await Run(plans: plans, weather: trial.weather, fault: fault).histories(in: folder)
            let failing = histories.filter { Linearizability.impasse(in: $0) != nil }
            if let shortest = failing.min(by: { $0.count < $1.count }) { return shortest }
        }
        return nil
    }
}

// MARK: Shorter trials

extension Shrinking {
    /// Everything one step shorter, the greatest steps first: a phase, a caller, a call, a change.
    private func shorter(_ trial: Trial) -> [Trial] {
        let phases = trial.plan.phases
        var trials: [Trial] = []
        for phase in phases.indices.reversed() {
            var shorter = trial
            shorter.plan.phases.remove(at: phase)
            let change = shorter.weather.changes.remove(at: phase)
            // Time goes on as it did.
            if shorter.weather.changes.indices.contains(phase) { shorter.weather.changes[phase].clock += change.clock }
            trials.append(shorter)
        }
        for caller in 0..<Generator.callers {
            var shorter = trial
            for phase in phases.indices where caller < phases[phase].count { shorter.plan.phases[phase][caller] = [] }
            trials.append(shorter)
        }
        return (trials + withoutCall(trial) + calmer(trial)).filter { $0 != trial && !$0.plan.phases.isEmpty }
    }

    private func withoutCall(_ trial: Trial) -> [Trial] {
        var trials: [Trial] = []
        for (phase, callers) in trial.plan.phases.enumerated() {
            for (caller, calls) in callers.enumerated() {
                for call in calls.indices {
                    var shorter = trial
                    shorter.plan.phases[phase][caller].remove(at: call)
                    trials.append(shorter)
                }
            }
        }
        return trials
    }

    private func calmer(_ trial: Trial) -> [Trial] {
        trial.weather.changes.indices.flatMap { phase in
            var (still, running) = (trial, trial)
            still.weather.changes[phase].clock = 0
            running.weather.changes[phase].isRestart = false
            return [still, running]
        }
    }
}
