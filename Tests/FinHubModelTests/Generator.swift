import FinHubTestSupport

/// Makes plans and weathers, the same ones for the same seed.
struct Generator {
    static let callers = 3
    /// The farthest that a clock is set back from the latest time it has shown, in seconds.
    static let longestSetBack: Int64 = 7_200

    private var random: SeededGenerator

    init(seed: UInt64, stream: UInt64) {
        random = SeededGenerator(seed: seed ^ stream &* 0xd1b5_4a32_d192_ed03)
    }

    private mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &random) < percent
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &random)]
    }
}

// MARK: Weather

extension Generator {
    /// Most are a few moves at random; some keep sessions going until their absolute end, some
    /// swing two hours forth and back, some begin with two hours back.
    mutating func weather() -> Weather {
        switch Int.random(in: 0..<16, using: &random) {
        case 0: weather((1...14).map { 3_300 * $0 + .random(in: 0..<300, using: &random) })
        case 1...2: weather([moment(0, 600), moment(3_600, 7_200), moment(0, 600), moment(0, 3_500)])
        case 3...4: weather([moment(-7_200, -5_400), moment(3_900, 5_400), moment(60, 3_500), moment(60, 3_500)])
        default: randomWeather()
        }
    }

    private mutating func moment(_ first: Int64, _ last: Int64) -> Int64 {
        .random(in: first...last, using: &random)
    }

    /// The clock shows these moments, one in each phase after the first.
    private mutating func weather(_ moments: [Int64]) -> Weather {
        let moves = zip(moments, [0] + moments).map { $0 - $1 }
        return Weather(changes: [Weather.Change()] + moves.map { Weather.Change(clock: $0, isRestart: chance(25)) })
    }

    private mutating func randomWeather() -> Weather {
        var (now, latest): (Int64, Int64) = (0, 0)
        let moments = (0..<Int.random(in: 3...5, using: &random)).map { _ in
            now = max(now + clockMove(), latest - Self.longestSetBack)
            latest = max(latest, now)
            return now
        }
        return weather(moments)
    }

    private mutating func clockMove() -> Int64 {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<30: 0
        case 30..<45: .random(in: 1...28, using: &random)
        case 45..<60: pick([29, 30, 31])
        case 60..<72: .random(in: 60...3_500, using: &random)
        case 72..<82: pick([3_599, 3_600, 3_601])
        case 82..<86: 7_200
        case 86..<91: -.random(in: 1...60, using: &random)
        default: -.random(in: 60...7_200, using: &random)
        }
    }
}

// MARK: Plans

extension Generator {
    /// A plan for that weather: at first everybody signs in, then everybody does anything.
    mutating func plan(for weather: Weather) -> Plan {
        var owners: [Person] = [.ada, pick([.ada, .ada, .bob, .carl]), pick([.ada, .carl])]
        var plan = Plan(phases: [owners.enumerated().map { [.create($1, session: $0)] }])
        for change in weather.changes.dropFirst() {
            // By a clock set back the tokens there are may be from the future.
            let begins = change.clock < -30 && chance(60)
            if begins { owners.append(pick([.ada, .ada, .bob, .carl])) }
            let focus = begins ? owners.count - 1 : Int.random(in: 0..<owners.count, using: &random)
            let callers = (0..<Self.callers).map { _ in
                (0..<pick([0, 1, 1, 1, 2])).map { _ in call(focus: focus, &owners) }
            }
            var first: [PlannedCall] = begins ? [.create(owners[focus], session: focus)] : []
            // Long ones live on by one refresh in every phase.
            if weather.changes.count > 8 { first.append(.refresh(0, with: token(0), bearer: bearer(0))) }
            plan.phases.append([first + callers[0]] + callers[1...])
        }
        return plan
    }

    private mutating func call(focus: Int, _ owners: inout [Person]) -> PlannedCall {
        let session = chance(75) ? focus : Int.random(in: 0..<owners.count, using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<52: return refresh(session, among: owners.count)
        case 52..<67: return .check(bearer(session))
        case 67..<74: return .read(session, bearer: bearer(session, among: owners.count))
        case 74..<78: return .list(owners[session], bearer: bearer(session, among: owners.count))
        case 78..<85: return .end(session, bearer: bearer(session, among: owners.count))
        case 85..<92:
            return .endAll(owners[session], sparing: chance(60), bearer: bearer(session, among: owners.count))
        default:
            owners.append(chance(70) ? owners[session] : pick(Person.allCases))
            return .create(owners[owners.count - 1], session: owners.count - 1)
        }
    }

    private mutating func refresh(_ session: Int, among count: Int) -> PlannedCall {
        let presented = chance(92) ? session : Int.random(in: 0..<count, using: &random)
        let holder = chance(95) ? bearer(session) : bearer(session, among: count)
        return .refresh(session, with: token(presented, age: pick([0, 0, 0, 0, 1, 1, 1, 2, 3])), bearer: holder)
    }

    private mutating func token(_ session: Int, age: Int = 0) -> PlannedToken {
        PlannedToken(session: session, age: age, isForged: age > 0 && chance(8))
    }

    private mutating func bearer(_ session: Int) -> PlannedBearer {
        PlannedBearer(session: session, isFirst: chance(20))
    }

    /// Mostly the session's own; sometimes another's, a stranger's too.
    private mutating func bearer(_ session: Int, among count: Int) -> PlannedBearer {
        bearer(chance(60) ? session : Int.random(in: 0..<count, using: &random))
    }
}
