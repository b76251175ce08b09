/// The part of the categorization hierarchy that a tenant edits: categories and features.
///
/// Reference: *Using the Token*; contract: *Protected resource*.
public struct CategorizationBody: Hashable, Sendable {
    /// A customer category and the features it may use.
    public struct Category: Hashable, Sendable {
        public let code: String
        public let databaseID: ID<CategorizationBody>
        public let categoryID: String
        public let categoryName: String
        public let availableFeatures: [String]

        public init(
            code: String,
            databaseID: ID<CategorizationBody>,
            categoryID: String,
            categoryName: String,
            availableFeatures: [String]
        ) {
            self.code = code
            self.databaseID = databaseID
            self.categoryID = categoryID
            self.categoryName = categoryName
            self.availableFeatures = availableFeatures
        }
    }

    /// A feature and the values its keys may take.
    public struct Feature: Hashable, Sendable {
        public let code: String
        public let databaseID: ID<CategorizationBody>
        public let featureCode: String
        public let featureName: String
        public let mandatoryKeys: [String]
        public let allowedValues: [AllowedValues]

        public init(
            code: String,
            databaseID: ID<CategorizationBody>,
            featureCode: String,
            featureName: String,
            mandatoryKeys: [String],
            allowedValues: [AllowedValues]
        ) {
            self.code = code
            self.databaseID = databaseID
            self.featureCode = featureCode
            self.featureName = featureName
            self.mandatoryKeys = mandatoryKeys
            self.allowedValues = allowedValues
        }
    }

    /// The values that one key of a feature may take.
    public struct AllowedValues: Hashable, Sendable {
        public let key: String
        public let values: [String]

        public init(key: String, values: [String]) {
            self.key = key
            self.values = values
        }
    }

    public let categories: [Category]
    public let features: [Feature]

    public init(categories: [Category], features: [Feature]) {
        self.categories = categories
        self.features = features
    }

    /// The first feature that a category names and that does not exist.
    public var unknownFeature: String? {
        let known = Set(features.map { Array($0.code.utf8) })
        return categories.lazy.flatMap(\.availableFeatures).first { !known.contains(Array($0.utf8)) }
    }
}

// MARK: Reading

extension CategorizationBody {
    /// Reads `categories` and `features`; other members are ignored.
    public init(_ object: JSONObject) throws(InvalidFields) {
        var reader = FieldReader(object)
        categories = reader.members("categories").map { Category($0, reader: &reader) }
        features = reader.members("features").map { Feature($0, reader: &reader) }
        try reader.finish()
    }
}

extension CategorizationBody.Category {
    fileprivate init(_ member: JSONObject.Member, reader: inout FieldReader) {
        var fields = FieldReader(named: member, under: "categories", reporting: &reader)
        code = member.name
        databaseID = fields.identifier("databaseId")
        categoryID = fields.text("categoryId", limit: 256)
        categoryName = fields.text("categoryName", limit: 256)
        availableFeatures = fields.texts("availableFeatures")
        reader.merge(fields)
    }
}

extension CategorizationBody.Feature {
    fileprivate init(_ member: JSONObject.Member, reader: inout FieldReader) {
        var fields = FieldReader(named: member, under: "features", reporting: &reader)
        code = member.name
        databaseID = fields.identifier("databaseId")
        featureCode = fields.text("featureCode", limit: 256)
        featureName = fields.text("featureName", limit: 256)
        mandatoryKeys = fields.texts("mandatoryKeys")
        var allowed: [CategorizationBody.AllowedValues] = []
        for key in fields.members("allowedValues") {
            var values = FieldReader(
                JSONObject(members: [key]),
                at: "features.\(member.name).allowedValues."
            )
            allowed.append(CategorizationBody.AllowedValues(key: key.name, values: values.texts(key.name)))
            fields.merge(values)
        }
        allowedValues = allowed
        reader.merge(fields)
    }
}

extension FieldReader {
    /// Reads the object that is the value of `member`, whose name must be a code.
    fileprivate init(named member: JSONObject.Member, under parent: String, reporting reader: inout FieldReader) {
        if !(1...64).contains(member.name.utf8.count) { reader.report(parent, "must have names of 1 to 64 bytes") }
        self.init(member.value.object ?? JSONObject(members: []), at: "\(parent).\(member.name).")
    }
}

// MARK: Writing

extension CategorizationBody: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        writer.object { $0.categorization(self) }
    }
}

extension JSONWriter {
    /// Writes the members `categories` and `features`.
    mutating func categorization(_ body: CategorizationBody) {
        name("categories")
        object { writer in
            for category in body.categories {
                writer.name(category.code)
                writer.object { $0.category(category) }
            }
        }
        name("features")
        object { writer in
            for feature in body.features {
                writer.name(feature.code)
                writer.object { $0.feature(feature) }
            }
        }
    }

    private mutating func category(_ category: CategorizationBody.Category) {
        member("databaseId", category.databaseID)
        member("categoryId", category.categoryID)
        member("categoryName", category.categoryName)
        member("availableFeatures", category.availableFeatures)
    }

    private mutating func feature(_ feature: CategorizationBody.Feature) {
        member("databaseId", feature.databaseID)
        member("featureCode", feature.featureCode)
        member("featureName", feature.featureName)
        member("mandatoryKeys", feature.mandatoryKeys)
        name("allowedValues")
        object { writer in
            for allowed in feature.allowedValues { writer.member(allowed.key, allowed.values) }
        }
    }
}
