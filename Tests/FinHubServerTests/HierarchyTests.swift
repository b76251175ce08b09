import FinHubAPI
import HTTPTypes
import Testing

@Suite("Categorization hierarchy")
struct HierarchyTests {
    private static let path = "/api/v2.1/customer/individual/categorization/hierarchy/\(Account.ada.tenant)"
    private static let body = """
        {"categories":{"BASIC":{"databaseId":"5f1d6c3a-8b2e-4f70-9c41-000000000001","categoryId":"BASIC",\
        "categoryName":"Basic","availableFeatures":["PROFILE"]}},"features":{"PROFILE":{"databaseId":\
        "5f1d6c3a-8b2e-4f70-9c41-000000000101","featureCode":"PROFILE","featureName":"Profile",\
        "mandatoryKeys":["level"],"allowedValues":{"level":["LOW","HIGH"]}}}}
        """

    @Test("replacing needs the edition that is there; reading it again is free")
    func replace() async throws {
        try await withServer { server in
            let token = try await server.session().token
            let before = try await server.call(.get, Self.path, token: token)
            let tag = try #require(before.headers[.eTag])
            #expect(before.headers[.cacheControl] == "private, max-age=60")
            #expect(try await server.call(.put, Self.path, token: token, body: Self.body).status == 428)
            let put = try await server.call(.put, Self.path, token: token, headers: [.ifMatch: tag], body: Self.body)
            #expect(put.status == 200)
            let again = try await server.call(.put, Self.path, token: token, headers: [.ifMatch: tag], body: Self.body)
            #expect(again.status == 412)
            let after = try await server.call(.get, Self.path, token: token)
            #expect(after.headers[.eTag] == put.headers[.eTag])
            #expect(after.data?["categories"]?.object?["BASIC"]?.object?["categoryName"]?.string == "Basic")
            let known = try await server.call(
                .get,
                Self.path,
                token: token,
                headers: [.ifNoneMatch: try #require(after.headers[.eTag])]
            )
            #expect(known.status == 304)
        }
    }

    @Test("a category can't name a feature that does not exist")
    func unknownFeature() async throws {
        try await withServer { server in
            let token = try await server.session().token
            let body = Self.body.replacing(#"["PROFILE"]"#, with: #"["OTHER"]"#)
            let answer = try await server.call(.put, Self.path, token: token, headers: [.ifMatch: "*"], body: body)
            #expect(answer.status == 422)
            #expect(answer.error == "UNKNOWN_FEATURE")
        }
    }

    @Test("another tenant's hierarchy is not to be seen")
    func otherTenant() async throws {
        try await withServer { server in
            let token = try await server.session(.grace).token
            let answer = try await server.call(.get, Self.path, tenant: Account.grace.slug, token: token)
            #expect(answer.status == 403)
            #expect(answer.error == "TENANT_MISMATCH")
        }
    }
}
