/// The one shape of every answer: `{"code", "message", "data"}` (contract, *Conventions*).
public struct Envelope<Body: JSONWritable>: JSONWritable {
    /// The HTTP status.
    public let code: Int
    public let message: String
    public let data: Body?

    public init(code: Int = 200, message: String = "Success", data: Body?) {
        self.code = code
        self.message = message
        self.data = data
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("code", Int64(code))
            writer.member("message", message)
            writer.name("data")
            if let data { data.write(to: &writer) } else { writer.null() }
        }
    }
}

/// The `data` of every error.
public struct RefusalBody: JSONWritable {
    public let error: ErrorCode
    /// One sentence for a person; it may change in any release.
    public let details: String
    /// What is wrong with which field; one of them also gives `field`.
    public let problems: [FieldProblem]
    /// What the caller can do, best first.
    public let suggestions: [String]

    public init(error: ErrorCode, details: String, problems: [FieldProblem] = [], suggestions: [String]) {
        self.error = error
        self.details = details
        self.problems = problems
        self.suggestions = suggestions
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("error", error.rawValue)
            writer.member("details", details)
            if problems.count == 1, let problem = problems.first { writer.member("field", problem.field) }
            if !problems.isEmpty {
                writer.name("errors")
                writer.array { writer in
                    for problem in problems {
                        writer.object {
                            $0.member("field", problem.field)
                            $0.member("message", problem.message)
                        }
                    }
                }
            }
            writer.member("suggestions", suggestions)
        }
    }
}
