import FinHubAPI
import Foundation
import Testing

/// Server and SDK share one set of types, so only committed text notices that the wire changed.
@Suite("Wire fixtures")
struct WireFixtureTests {
    @Test("each body is written as its fixture has it", arguments: Sample.all)
    func written(sample: Sample) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(sample.name).json")
        let expected = try JSON(Data(contentsOf: file))
        #expect(try JSON(sample.body) == expected, "\(String(decoding: sample.body, as: UTF8.self))")
    }
}

/// One body and the fixture that holds it.
struct Sample: Sendable, CustomTestStringConvertible {
    let name: String
    let body: [UInt8]
    var testDescription: String { name }

    private init(_ name: String, _ body: some JSONWritable) {
        self.name = name
        self.body = Envelope(data: body).jsonBytes
    }

    private init(_ name: String, code: Int, message: String, _ body: RefusalBody) {
        self.name = name
        self.body = Envelope(code: code, message: message, data: body).jsonBytes
    }

    private static let session = SessionID(high: 0xed8e_1ef7_d885_4753, low: 0x88ad_afc5_aedf_ac7b)
    private static let user = UserID(high: 0xe2f3_a4b5_c6d7_48e9, low: 0x0f1a_2b3c_4d5e_6f7a)
    private static let organization = OrganizationID(high: 0xf3a4_b5c6_d7e8_49f0, low: 0x1a2b_3c4d_5e6f_7a8b)
    private static let tenant = TenantID(high: 0xd1e2_f3a4_b5c6_47d8, low: 0x9e0f_1a2b_3c4d_5e6f)
    private static let moment = Timestamp(microseconds: 1_768_342_908_974_543)

    static let all = [
        Sample(
            "tokens",
            TokensBody(
                sessionID: session,
                userID: user,
                token: Secret("a.b.c"),
                refreshToken: Secret("3c68d5a6-d567-4ec7-88df-c8df22ff6151-x"),
                expiresAt: moment,
                expiresInSeconds: 3_600,
                message: "Session created successfully"
            )
        ),
        Sample("page", PageBody(items: [shown], nextCursor: "abc")),
        Sample("ended", EndedBody(ended: 3)),
        Sample("introspection-inactive", IntrospectionBody.inactive),
        Sample(
            "hierarchy",
            HierarchyBody(
                tenantID: tenant,
                tenantName: "CloudVault",
                complianceLevel: "NON_REGULATED",
                categorization: categorization
            )
        ),
        Sample(
            "refusal",
            code: 400,
            message: "Bad Request",
            RefusalBody(
                error: .validationFailed,
                details: "password is required.",
                problems: [FieldProblem(field: "password", message: "password is required.")],
                suggestions: ["Send it"]
            )
        ),
    ]

    private static let shown = SessionBody(
        sessionID: session,
        userID: user,
        organizationID: organization,
        createdAt: moment,
        lastRefreshedAt: nil,
        expiresAt: moment + .seconds(3_600),
        expiresInSeconds: 3_600,
        clientAddress: "192.0.2.1",
        userAgent: "a \"quoted\" agent\n",
        forwardedFrom: nil,
        device: "d",
        platform: nil,
        isActive: false,
        endedAt: moment,
        endReason: "EXPIRED"
    )

    private static let categorization = CategorizationBody(
        categories: [
            CategorizationBody.Category(
                code: "BASIC",
                databaseID: ID(high: 1, low: 2),
                categoryID: "BASIC",
                categoryName: "Basic",
                availableFeatures: ["PROFILE"]
            )
        ],
        features: [
            CategorizationBody.Feature(
                code: "PROFILE",
                databaseID: ID(high: 3, low: 4),
                featureCode: "PROFILE",
                featureName: "Profile",
                mandatoryKeys: ["level"],
                allowedValues: [CategorizationBody.AllowedValues(key: "level", values: ["LOW"])]
            )
        ]
    )
}
