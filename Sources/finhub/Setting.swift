/// One thing that can be set: by flag, by environment, in the file, or left at its default.
struct Setting: Sendable {
    /// What values are accepted.
    enum Kind: Sendable {
        case text
        case path
        case bool
        case number(ClosedRange<Int>)
        case choice([String])
        /// Network ranges in CIDR notation, separated by commas.
        case ranges
        /// Calls a minute, with how many at once after a colon; 0 for no limit.
        case rate
    }

    /// The name as in the file; `--name` as a flag, `FINHUB_NAME` in the environment.
    let name: String
    let kind: Kind
    /// What holds when nobody says otherwise.
    let standard: String
    let summary: String

    var environmentName: String {
        "FINHUB_" + name.uppercased().replacing("-", with: "_")
    }

    static let all: [Setting] =
        [
            Setting(name: "host", kind: .text, standard: "127.0.0.1", summary: "Address the API listens on"),
            Setting(
                name: "port",
                kind: .number(0...65_535),
                standard: "8080",
                summary: "Port of the API; 0 for a free one"
            ),
            Setting(name: "data-dir", kind: .path, standard: "", summary: "Folder of the database and the master key"),
            Setting(name: "admin-host", kind: .text, standard: "127.0.0.1", summary: "Address of /metrics"),
            Setting(
                name: "admin-port",
                kind: .number(0...65_535),
                standard: "9090",
                summary: "Port of /metrics; 0 for a free one"
            ),
            Setting(name: "tls-certificate", kind: .path, standard: "", summary: "Certificate chain, PEM"),
            Setting(name: "tls-key", kind: .path, standard: "", summary: "Private key of the certificate, PEM"),
            Setting(
                name: "behind-tls-proxy",
                kind: .bool,
                standard: "false",
                summary: "A proxy in front terminates TLS"
            ),
            Setting(
                name: "trusted-proxies",
                kind: .ranges,
                standard: "",
                summary: "Whose X-Forwarded-For is believed, CIDR"
            ),
            Setting(
                name: "master-key-file",
                kind: .path,
                standard: "",
                summary: "Default: master.key in the data folder"
            ),
            Setting(
                name: "log-level",
                kind: .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
                standard: "info",
                summary: "The least serious lines that are logged"
            ),
            Setting(
                name: "log-format",
                kind: .choice(["json", "human"]),
                standard: "json",
                summary: "How log lines look"
            ),
            Setting(
                name: "argon2-memory-kib",
                kind: .number(19_456...262_144),
                standard: "19456",
                summary: "Memory of a password hash, KiB"
            ),
            Setting(name: "argon2-passes", kind: .number(2...10), standard: "2", summary: "Passes of a password hash"),
            Setting(
                name: "header-timeout",
                kind: .number(1...60),
                standard: "10",
                summary: "Seconds until a request's headers must be there"
            ),
            Setting(
                name: "request-timeout",
                kind: .number(1...120),
                standard: "15",
                summary: "Seconds until a request's body must be there"
            ),
        ] + rates
}
