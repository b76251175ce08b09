extension FieldProblem: Decodable {
    private enum CodingKeys: String, CodingKey {
        case field, message
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            field: try fields.decode(String.self, forKey: .field),
            message: try fields.decodeIfPresent(String.self, forKey: .message) ?? ""
        )
    }
}

extension RefusalBody: Decodable {
    private enum CodingKeys: String, CodingKey {
        case error, details, field, errors, suggestions
    }

    /// Reads what is there; of a refusal only its code is indispensable.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let details = (try? fields.decode(String.self, forKey: .details)) ?? ""
        let field = try? fields.decode(String.self, forKey: .field)
        self.init(
            error: try fields.decode(ErrorCode.self, forKey: .error),
            details: details,
            problems: (try? fields.decode([FieldProblem].self, forKey: .errors))
                ?? field.map { [FieldProblem(field: $0, message: details)] } ?? [],
            suggestions: (try? fields.decode([String].self, forKey: .suggestions)) ?? []
        )
    }
}
