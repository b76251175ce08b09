import ArgumentParser

/// Measurements within one process, each printed as one line of JSON, and the seeding of databases.
@main
struct Micro: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench-micro",
        abstract: "Measure within this process; make databases for what needs a server.",
        subcommands: [
            TokenCommand.self, HashingCommand.self, RateLimitCommand.self, AllowlistCommand.self, SDKCommand.self,
            SeedCommand.self,
        ]
    )
}

/// Takes a value so that the compiler can't leave out the work that made it.
@inline(never)
func consume<Value>(_: Value) {}

extension Duration {
    var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}

extension [Double] {
    /// The middle one; the upper of two.
    var median: Double { isEmpty ? .nan : sorted()[count / 2] }
}
