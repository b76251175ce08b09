import ArgumentParser
import FinHubAPI
import FinHubCore
import FinHubServer
import Foundation

/// `finhub audit`: a tenant's audit log, on the data folder.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Read a tenant's audit log, and prove that nobody has touched it.",
        subcommands: [AuditList.self, AuditVerify.self, AuditErase.self]
    )
}

/// `finhub audit list`.
struct AuditList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List entries, newest first.")

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @OptionGroup var output: OutputFlags
    @Option(help: "How many at most.")
    var limit = 50

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 10,000.") }
    }

    func run() async throws {
        try await folder.withServices { services in
            let entries = try await services.auditEntries(limit: limit, ofTenantNamed: tenant.tenant)
            show(
                .array(try entries.map { try JSON($0.jsonBytes) }),
                table: Table(entries),
                as: output.format(or: .table)
            )
        }
    }
}

/// `finhub audit verify`.
struct AuditVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Prove that no entry was changed, dropped, inserted or moved.",
        discussion: """
            Prints the log's end, such as 7:3fJ…: note it where nobody can change it, and give it with --anchor the next \
            time. Then an older copy of the whole database is found out as well. Ends with 1, and the number of the first \
            broken entry, when the log is not as it was written.
            """
    )

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @Option(help: "An end of the log that was noted before.", transform: anchor)
    var anchor: AuditAnchor?

    func run() async throws {
        try await folder.withServices { services in
            let verdict = try await services.verifyAudit(ofTenantNamed: tenant.tenant, holding: anchor) {
                checked,
                all in
                Self.tell(checked, of: all)
            }
            switch verdict {
            case .sound(let end): say("The log is sound. Entries: \(end.sequence). Its end: \(AuditAnchor(end))")
            case .broken(let entry, let damage):
                FileHandle.standardError.write(
                    Data("finhub: The log is broken at entry \(entry): \(damage.explanation)\n".utf8)
                )
                throw ExitCode(1)
            }
        }
    }

    /// Who waits at a terminal sees how far it is.
    private static func tell(_ checked: Int64, of all: Int64) {
        guard isatty(STDERR_FILENO) != 0, all > 10_000 else { return }
        let end = checked == all ? "\n" : ""
        FileHandle.standardError.write(Data("\rchecked \(checked) of \(all) (\(checked * 100 / all) %)\(end)".utf8))
    }

    private static func anchor(_ text: String) throws -> AuditAnchor {
        guard let anchor = AuditAnchor(text) else {
            throw ValidationError("--anchor is what an earlier `finhub audit verify` printed.")
        }
        return anchor
    }
}

/// `finhub audit erase`.
struct AuditErase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Destroy the key of a user's personal data: the entries stay, and nobody can read who it was."
    )

    @OptionGroup var folder: DataFolderFlags
    @OptionGroup var tenant: TenantOption
    @Argument(help: "The user's identifier, a UUID.")
    var user: UserID

    func run() async throws {
        try await folder.withServices { services in
            let wasThere = try await services.eraseFromAudit(user, ofTenantNamed: tenant.tenant)
            say(
                wasThere
                    ? "The personal data of user \(user) in the log is erased. Backups still hold the key."
                    : "The log holds no personal data of user \(user) that could be read."
            )
        }
    }
}

extension AuditVerdict.Damage {
    fileprivate var explanation: String {
        switch self {
        case .altered: "it is not what was written there."
        case .missing: "it is gone."
        case .unsealed: "it was not written by the server."
        case .endForged: "the log's end was not written by the server. Entries may have been cut off."
        }
    }
}

extension Table {
    /// Entries of an audit log, one a row.
    fileprivate init(_ entries: [AuditEntryBody]) {
        headings = ["NO", "AT", "EVENT", "ACTOR", "SUBJECT", "WHAT", "REASON", "ADDRESS"]
        rows = entries.map { entry in
            [
                "\(entry.sequence)",
                String(entry.at.description.prefix(19)) + "Z",
                entry.event,
                entry.actorID?.description ?? entry.actorKind,
                entry.subjectID?.description ?? "",
                entry.object ?? "",
                entry.reason ?? "",
                entry.clientAddress ?? "",
            ]
        }
    }
}
