import Testing

extension EndToEnd {
    @Suite("Sandbox")
    struct SandboxTests {
        @Test("a token's lifetime is the sandbox's alone, and within bounds", arguments: ["1", "3601", "x", "-5"])
        func lifetimes(seconds: String) async throws {
            let finished = try await Executable.finhub(["sandbox", "--token-lifetime=\(seconds)"])
            #expect(finished.status == 64, "\(finished.said)")
            #expect(try await Executable.finhub(["serve", "--token-lifetime", "5"]).status == 64)
        }
    }
}
