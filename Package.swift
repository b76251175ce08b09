// swift-tools-version:6.2
import PackageDescription

/// Where libFuzzer's library without a `main` is; set by `scripts/fuzz` alone.
let libFuzzer = Context.environment["FINHUB_LIBFUZZER"]

let settings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + (libFuzzer == nil ? [] : [.unsafeFlags(["-sanitize=fuzzer"])])

extension Target.Dependency {
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let asyncAlgorithms = product(name: "AsyncAlgorithms", package: "swift-async-algorithms")
    static let asyncHTTPClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let configuration = product(name: "Configuration", package: "swift-configuration")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let grdb = product(name: "GRDB", package: "GRDB.swift")
    static let grdbSQLite = product(name: "GRDBSQLite", package: "GRDB.swift")
    static let httpTypes = product(name: "HTTPTypes", package: "swift-http-types")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore = product(name: "HummingbirdCore", package: "hummingbird")
    static let hummingbirdTesting = product(name: "HummingbirdTesting", package: "hummingbird")
    static let hummingbirdTLS = product(name: "HummingbirdTLS", package: "hummingbird")
    static let inMemoryTracing = product(name: "InMemoryTracing", package: "swift-distributed-tracing")
    static let instrumentation = product(name: "Instrumentation", package: "swift-distributed-tracing")
    static let jwtKit = product(name: "JWTKit", package: "jwt-kit")
    static let logging = product(name: "Logging", package: "swift-log")
    static let metrics = product(name: "Metrics", package: "swift-metrics")
    static let metricsTestKit = product(name: "MetricsTestKit", package: "swift-metrics")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioHTTPTypes = product(name: "NIOHTTPTypes", package: "swift-nio-extras")
    static let nioHTTPTypesHTTP1 = product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
    static let nioEmbedded = product(name: "NIOEmbedded", package: "swift-nio")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let nioSSL = product(name: "NIOSSL", package: "swift-nio-ssl")
    static let rainbow = product(name: "Rainbow", package: "Rainbow")
    static let serviceLifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let textTable = product(name: "TextTable", package: "TextTable")
    static let tracing = product(name: "Tracing", package: "swift-distributed-tracing")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
}

let package = Package(
    name: "finhub",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "finhub", targets: ["finhub"]),
        .library(name: "FinHubAPI", targets: ["FinHubAPI"]),
        .library(name: "FinHubTokens", targets: ["FinHubTokens"]),
        .library(name: "FinHubClient", targets: ["FinHubClient"]),
        .library(name: "FinHubClientTesting", targets: ["FinHubClientTesting"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-async-algorithms.git", from: "1.1.4"),
        .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/onevcat/Rainbow.git", from: "4.2.2"),
        .package(url: "https://github.com/ordo-one/TextTable.git", from: "0.0.2"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit.git", from: "5.7.1"),
    ],
    targets: [
        .systemLibrary(
            name: "CSodium",
            pkgConfig: "libsodium",
            providers: [.apt(["libsodium-dev"]), .brew(["libsodium"])]
        ),
        .target(name: "FinHubAPI", swiftSettings: settings),
        .target(name: "FinHubTokens", dependencies: ["FinHubAPI", .crypto], swiftSettings: settings),
        .target(
            name: "FinHubCore",
            dependencies: ["FinHubAPI", "FinHubTokens", .crypto],
            swiftSettings: settings
        ),
        .target(
            name: "FinHubPasswords",
            dependencies: ["FinHubAPI", "FinHubCore", "CSodium", .nioPosix],
            swiftSettings: settings
        ),
        .target(
            name: "FinHubSQLite",
            dependencies: ["FinHubAPI", "FinHubCore", .grdb, .grdbSQLite],
            swiftSettings: settings
        ),
        .target(
            name: "FinHubStoreContract",
            dependencies: ["FinHubAPI", "FinHubCore"],
            swiftSettings: settings
        ),
        .target(
            name: "FinHubServer",
            dependencies: [
                "FinHubAPI", "FinHubTokens", "FinHubCore",
                .asyncAlgorithms, .crypto, .httpTypes, .hummingbird, .hummingbirdCore, .hummingbirdTLS, .logging,
                .metrics, .nioCore,
                .nioHTTP1, .nioHTTPTypes, .nioHTTPTypesHTTP1, .nioSSL, .serviceLifecycle,
            ],
            resources: [.embedInCode("openapi.yaml")],
            swiftSettings: settings
        ),
        .target(
            name: "FinHubClient",
            dependencies: [
                "FinHubAPI",
                .asyncHTTPClient, .crypto, .httpTypes, .instrumentation, .logging, .metrics, .nioCore, .nioHTTP1,
                .nioHTTPTypesHTTP1, .nioPosix, .nioSSL, .serviceLifecycle, .tracing,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "FinHubClientTesting",
            dependencies: ["FinHubClient", "FinHubAPI", .httpTypes, .nioCore],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "finhub",
            dependencies: [
                "FinHubAPI", "FinHubTokens", "FinHubCore", "FinHubPasswords", "FinHubSQLite", "FinHubServer",
                "FinHubClient",
                .argumentParser, .configuration, .crypto, .httpTypes, .logging, .metrics, .nioCore, .rainbow,
                .serviceLifecycle, .textTable, .unixSignals,
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "bench-hello",
            dependencies: [.hummingbird],
            path: "Benchmarks/Hello",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "bench-micro",
            dependencies: [
                "FinHubAPI", "FinHubTokens", "FinHubCore", "FinHubPasswords", "FinHubSQLite", "FinHubClient",
                .argumentParser, .asyncHTTPClient, .crypto, .httpTypes, .jwtKit, .nioCore, .nioHTTP1, .nioSSL,
            ],
            path: "Benchmarks/Micro",
            swiftSettings: settings
        ),
        .target(
            name: "FinHubTestSupport",
            dependencies: ["FinHubAPI", "FinHubCore"],
            path: "Tests/FinHubTestSupport",
            swiftSettings: settings
        ),
        .target(
            name: "FinHubFuzzing",
            dependencies: [
                "FinHubAPI", "FinHubTokens", "FinHubCore", "FinHubServer", .crypto, .httpTypes, .nioCore,
            ],
            path: "Fuzzing/FinHubFuzzing",
            swiftSettings: settings
        ),
        .testTarget(
            name: "FinHubAPITests",
            dependencies: ["FinHubAPI"],
            exclude: ["Fixtures"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FinHubTokensTests",
            dependencies: ["FinHubTestSupport", "FinHubTokens", "FinHubAPI", .crypto, .jwtKit],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FinHubPasswordsTests",
            dependencies: ["FinHubPasswords", "FinHubCore", "FinHubAPI"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FinHubSQLiteTests",
            dependencies: [
                "FinHubTestSupport", "FinHubSQLite", "FinHubStoreContract", "FinHubCore", "FinHubAPI", .grdb,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FinHubClientTests",
            dependencies: [
                "FinHubClient", "FinHubClientTesting", "FinHubAPI",
                .httpTypes, .inMemoryTracing, .instrumentation, .logging, .metrics, .metricsTestKit,
                .nioCore, .nioEmbedded, .nioSSL, .tracing,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FinHubServerTests",
            dependencies: [
                "FinHubTestSupport", "FinHubServer", "FinHubSQLite", "FinHubPasswords", "FinHubCore", "FinHubTokens",
                "FinHubAPI",
                .crypto, .grdb, .httpTypes, .hummingbird, .hummingbirdTesting, .logging, .metrics, .nioCore,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FinHubModelTests",
            dependencies: [
                "FinHubTestSupport", "FinHubServer", "FinHubSQLite", "FinHubCore", "FinHubTokens", "FinHubAPI",
                .crypto, .httpTypes, .hummingbird, .nioCore,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FinHubFuzzingTests",
            dependencies: ["FinHubFuzzing"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "finhub", "FinHubClient", "FinHubClientTesting", "FinHubTestSupport", "FinHubCore", "FinHubAPI",
                .asyncHTTPClient, .grdb, .httpTypes, .logging, .nioCore, .nioHTTP1, .serviceLifecycle,
            ],
            exclude: ["Disk/failingdisk.c"],
            swiftSettings: settings
        ),
    ]
)

if let libFuzzer {
    package.targets += [
        .systemLibrary(name: "CLibFuzzer", path: "Fuzzing/CLibFuzzer"),
        .executableTarget(
            name: "finhub-fuzz",
            dependencies: ["CLibFuzzer", "FinHubFuzzing"],
            path: "Fuzzing/finhub-fuzz",
            swiftSettings: settings,
            linkerSettings: [.unsafeFlags(["-Xlinker", libFuzzer]), .linkedLibrary("stdc++")]
        ),
    ]
}
