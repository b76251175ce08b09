import Hummingbird

/// The yardstick: what the HTTP library answers when there is nothing to do.
///
/// All is left at the library's defaults. `/hello` is the shortest useful answer; `/large` has the
/// size of what `GET /admin/sessions/current` answers.
@main
enum Hello {
    static func main() async throws {
        guard let port = CommandLine.arguments.dropFirst().first.flatMap({ Int($0) }) else {
            print("usage: bench-hello PORT")
            return
        }
        let router = Router()
        router.get("hello") { _, _ in "Hello" }
        let large = String(repeating: "x", count: 551)
        router.get("large") { _, _ in large }
        let app = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port))
        )
        try await app.runService()
    }
}
