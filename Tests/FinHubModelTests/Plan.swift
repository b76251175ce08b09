/// What callers are to do, phase by phase; all calls of a phase may overlap.
///
/// A plan says "the newest token of session 2"; which one that is, the run decides.
struct Plan: Hashable, Sendable {
    /// By phase, by caller: the caller's calls, one after the other.
    var phases: [[[PlannedCall]]]

    var count: Int { phases.joined().joined().count }
}

/// A call as it is planned; one that needs a session nobody opened is left out.
enum PlannedCall: Hashable, Sendable {
    case create(Person, session: Int)
    case refresh(Int, with: PlannedToken, bearer: PlannedBearer)
    case check(PlannedBearer)
    case read(Int, bearer: PlannedBearer)
    case list(Person, bearer: PlannedBearer)
    case end(Int, bearer: PlannedBearer)
    case endAll(Person, sparing: Bool, bearer: PlannedBearer)
}

/// A refresh token, counted back from the newest that is known when the call is made.
struct PlannedToken: Hashable, Sendable {
    let session: Int
    let age: Int
    let isForged: Bool
}

/// The newest access token of a session, or its first.
struct PlannedBearer: Hashable, Sendable {
    let session: Int
    let isFirst: Bool
}

/// What happens between the phases of all the histories that share a server.
struct Weather: Hashable, Sendable {
    /// What comes before a phase: the clock is moved, then the server may be restarted.
    struct Change: Hashable, Sendable {
        var clock: Int64 = 0
        var isRestart = false
    }

    /// One for each phase; the first is nothing.
    var changes: [Change]
}
