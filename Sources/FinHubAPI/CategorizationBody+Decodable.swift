extension HierarchyBody: Decodable {
    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenantId"
        case tenantName, complianceLevel
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            tenantID: try fields.decode(TenantID.self, forKey: .tenantID),
            tenantName: try fields.decode(String.self, forKey: .tenantName),
            complianceLevel: try fields.decode(String.self, forKey: .complianceLevel),
            categorization: try CategorizationBody(from: decoder)
        )
    }
}

extension CategorizationBody: Decodable {
    private enum CodingKeys: String, CodingKey {
        case categories, features
    }

    /// Reads both maps; decoders keep no order, so what they hold is sorted by code.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let categories = try fields.nestedContainer(keyedBy: CodeKey.self, forKey: .categories)
        let features = try fields.nestedContainer(keyedBy: CodeKey.self, forKey: .features)
        self.init(
            categories: try categories.allKeys.sorted().map { code in
                try Category(code: code.stringValue, from: categories.superDecoder(forKey: code))
            },
            features: try features.allKeys.sorted().map { code in
                try Feature(code: code.stringValue, from: features.superDecoder(forKey: code))
            }
        )
    }
}

extension CategorizationBody.Category {
    private enum CodingKeys: String, CodingKey {
        case databaseId, categoryId, categoryName, availableFeatures
    }

    fileprivate init(code: String, from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            code: code,
            databaseID: try fields.decode(ID<CategorizationBody>.self, forKey: .databaseId),
            categoryID: try fields.decode(String.self, forKey: .categoryId),
            categoryName: try fields.decode(String.self, forKey: .categoryName),
            availableFeatures: try fields.decode([String].self, forKey: .availableFeatures)
        )
    }
}

extension CategorizationBody.Feature {
    private enum CodingKeys: String, CodingKey {
        case databaseId, featureCode, featureName, mandatoryKeys, allowedValues
    }

    fileprivate init(code: String, from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let allowed = try fields.decode([String: [String]].self, forKey: .allowedValues)
        self.init(
            code: code,
            databaseID: try fields.decode(ID<CategorizationBody>.self, forKey: .databaseId),
            featureCode: try fields.decode(String.self, forKey: .featureCode),
            featureName: try fields.decode(String.self, forKey: .featureName),
            mandatoryKeys: try fields.decode([String].self, forKey: .mandatoryKeys),
            allowedValues: allowed.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                .map { CategorizationBody.AllowedValues(key: $0.key, values: $0.value) }
        )
    }
}

/// A category's or a feature's code as the name of a member.
private struct CodeKey: CodingKey, Comparable {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) {
        return nil
    }

    static func < (one: CodeKey, other: CodeKey) -> Bool {
        one.stringValue.utf8.lexicographicallyPrecedes(other.stringValue.utf8)
    }
}
