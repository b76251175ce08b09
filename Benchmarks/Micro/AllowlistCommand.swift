import ArgumentParser
import FinHubCore

/// What one look at an allowlist takes, for addresses on it and for others.
struct AllowlistCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allowlist",
        abstract: "Match addresses against the ranges of an IP allowlist."
    )

    @Option(help: "How often each is measured, in turns.")
    var rounds = 15
    @Option(help: "How many ranges there are, one half IPv4, one half IPv6.")
    var ranges = 10_000

    private static let count = 200_000

    func validate() throws {
        guard (1...100_000).contains(ranges) else { throw ValidationError("--ranges is 1 to 100,000.") }
    }

    mutating func run() throws {
        let list = AddressAllowlist(Self.ranges(ranges))
        guard list.ranges.count == ranges else { throw ExitCode.failure }
        let (listed, others) = (Self.addresses(ranges, host: 7), Self.addresses(ranges, host: 200))
        guard listed.allSatisfy(list.admits), !others.contains(where: list.admits) else { throw ExitCode.failure }
        var admitted: [Double] = []
        var refused: [Double] = []
        for round in -1..<rounds {
            let (one, other) = (seconds(listed, in: list), seconds(others, in: list))
            guard round >= 0 else { continue }
            admitted.append(one)
            refused.append(other)
        }
        let (yes, no) = (admitted.median * 1e6, refused.median * 1e6)
        print(#"{"admitted_us":\#(yes),"refused_us":\#(no),"ranges":\#(ranges)}"#)
    }

    /// Networks with gaps between them: the lower half of each is on the list.
    private static func ranges(_ count: Int) -> [NetworkRange] {
        (0..<count).compactMap { index in
            let number = index / 2
            return NetworkRange(
                index.isMultiple(of: 2)
                    ? "10.\(number / 256 % 256).\(number % 256).0/25"
                    : "2001:db8:\(String(number, radix: 16))::/121"
            )
        }
    }

    /// One address of each network, in an order that no cache foresees.
    private static func addresses(_ count: Int, host: Int) -> [NetworkAddress?] {
        (0..<count).map { index in
            let index = index * 7_919 % count
            let number = index / 2
            return NetworkAddress(
                index.isMultiple(of: 2)
                    ? "10.\(number / 256 % 256).\(number % 256).\(host)"
                    : "2001:db8:\(String(number, radix: 16))::\(String(host, radix: 16))"
            )
        }
    }

    private func seconds(_ addresses: [NetworkAddress?], in list: AddressAllowlist) -> Double {
        let begun = ContinuousClock.now
        for index in 0..<Self.count { consume(list.admits(addresses[index % addresses.count])) }
        return (ContinuousClock.now - begun).seconds / Double(Self.count)
    }
}
