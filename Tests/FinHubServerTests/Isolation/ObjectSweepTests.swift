import FinHubAPI
import Foundation
import HTTPTypes
import Testing

/// OWASP API1:2023, *Broken Object Level Authorization*: nobody learns of, or reaches, what another tenant has.
@Suite("Objects of other tenants")
struct ObjectSweepTests {
    @Test("every operation that names an object is tried")
    func complete() throws {
        let documented = try ObjectOperation.documented()
        #expect(documented.count > 30)
        let prepared = Set(ObjectOperation.prepared.map(\.testDescription))
        let unprepared = documented.filter { !$0.names.isEmpty }.map(\.testDescription).filter {
            !prepared.contains($0)
        }
        #expect(unprepared.isEmpty, "to be added to ObjectOperation.prepared")
        #expect(prepared.isSubset(of: documented.map(\.testDescription)))
    }

    @Test("another tenant's is answered as one that does not exist", arguments: ObjectOperation.prepared)
    func sweep(_ operation: ObjectOperation) async throws {
        try await withIntruder { intruder in
            let before = try await intruder.victimsView()
            for names in operation.names.map({ [$0] }) + [operation.names] {
                let foreign = try await intruder.trace(operation, with: names, from: intruder.theirs)
                let invented = try await intruder.trace(operation, with: names, from: .invented)
                #expect(foreign == invented, "\(names)")
                #expect((400..<405).contains(foreign.status), "\(names): \(foreign)")
            }
            #expect(try await intruder.victimsView() == before)
            // What is one's own is answered otherwise: the request does get as far as the object.
            let own = try await intruder.trace(operation, with: [], from: .invented)
            let invented = try await intruder.trace(operation, with: operation.names, from: .invented)
            #expect(own != invented)
        }
    }

    @Test("and so are the methods that a path does not have")
    func methods() async throws {
        try await withIntruder { intruder in
            let before = try await intruder.victimsView()
            let prepared = Set(ObjectOperation.prepared.map(\.testDescription))
            for path in Set(ObjectOperation.prepared.map(\.path)) {
                for method in [HTTPRequest.Method.get, .head, .post, .put, .delete, .patch, .options] {
                    let operation = ObjectOperation(method: method, path: path)
                    guard !prepared.contains(operation.testDescription) else { continue }
                    let foreign = try await intruder.trace(operation, with: operation.names, from: intruder.theirs)
                    let invented = try await intruder.trace(operation, with: operation.names, from: .invented)
                    #expect(foreign == invented, "\(operation.testDescription)")
                    #expect(foreign.status >= 400, "\(operation.testDescription): \(foreign)")
                }
            }
            #expect(try await intruder.victimsView() == before)
        }
    }
}

/// What can be told of an answer from outside.
private struct Trace: Equatable {
    let status: Int
    let headers: [String]
    let text: String
}

/// An administrator of one tenant, with the identifiers of another's objects in hand.
private struct Intruder {
    let server: TestServer
    let tokens: Tokens
    let own: NamedObjects
    let theirs: NamedObjects
    let victim: Tokens

    /// Sends the operation with one's own objects, but for those of `names`, which come from `others`.
    func trace(_ operation: ObjectOperation, with names: [String], from others: NamedObjects) async throws -> Trace {
        let objects = own.replacing(names, from: others)
        var headers: HTTPFields = [.ifMatch: "*"]
        if operation.proof == .tenantCredentials {
            headers[.authorization] = "Basic " + Base64.encode("\(Account.lin.key):\(Account.secret)")
        }
        let answer = try await server.call(
            operation.method,
            ObjectOperation.fill(operation.path, with: objects),
            tenant: Account.lin.slug,
            token: operation.proof == .token ? tokens.token : nil,
            headers: headers,
            body: operation.body.map {
                ObjectOperation.fill($0, with: objects).replacing("REFRESH-TOKEN", with: tokens.refreshToken)
            }
        )
        #expect(answer.status != 429)
        // A refused login is a guess at the user's name; the next one is to be looked at again.
        if operation.proof != .token { try await server.unlock(.kai) }
        let named = names.map { others[$0] }
        let text = named.reduce(String(describing: answer.json)) { $0.replacing($1, with: "…") }
        return Trace(status: answer.status, headers: answer.headers.map(\.name.rawName).sorted(), text: text)
    }

    /// All that the other tenant sees of its own.
    func victimsView() async throws -> [String] {
        var view: [String] = []
        for operation in try ObjectOperation.documented() where operation.method == .get {
            guard operation.path.hasPrefix("/api/") else { continue }
            let path = ObjectOperation.fill(operation.path, with: theirs)
            let answer = try await server.call(.get, path, tenant: Account.grace.slug, token: victim.token)
            #expect(answer.status == 200, "\(path)")
            view.append(String(describing: answer.json))
        }
        return view
    }
}

private func withIntruder(_ body: @Sendable (Intruder) async throws -> Void) async throws {
    try await withOffice { server in
        let (tokens, victim) = (try await server.session(.lin), try await server.session(.grace))
        try await body(
            Intruder(
                server: server,
                tokens: tokens,
                own: .of(.kai, session: tokens.session),
                theirs: .of(.grace, session: victim.session),
                victim: victim
            )
        )
    }
}
