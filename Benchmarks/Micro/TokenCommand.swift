import ArgumentParser
import Crypto
import FinHubAPI
import FinHubTokens
import JWTKit

/// A token check beside the least that it can cost, one HMAC over the same bytes, and beside JWTKit.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Check a token, header value in to typed claims out."
    )

    @Option(help: "How often the three are measured, in turns.")
    var rounds = 15

    func run() async throws {
        let subject = try await TokenSubject()
        var checks: [Double] = []
        var codes: [Double] = []
        var kits: [Double] = []
        for round in -1..<rounds {
            let check = try subject.secondsPerCheck(count: 100_000)
            let code = subject.secondsPerCode(count: 100_000)
            let kit = try await subject.secondsPerJWTKit(count: 4_000)
            guard round >= 0 else { continue }
            checks.append(check)
            codes.append(code)
            kits.append(kit)
        }
        let ratio = zip(checks, codes).map { $0 / $1 }.median
        print(
            """
            {"check_us":\(checks.median * 1e6),"hmac_us":\(codes.median * 1e6),"jwtkit_us":\(kits.median * 1e6),\
            "ratio":\(ratio),"bytes":\(subject.signed.count)}
            """
        )
    }
}

/// One token, and what its three readers need.
private struct TokenSubject {
    let header: String
    let token: [UInt8]
    /// What the token's code is computed over.
    let signed: [UInt8]
    let check: TokenCheck
    let now: Timestamp
    let secret: SymmetricKey
    let jwtKit: JWTKeyCollection

    init() async throws {
        let now = Timestamp(seconds: 1_800_000_000)
        let secret = (0..<32).map { UInt8($0) }
        guard let id = KeyID(rawValue: "AAECAwQFBgcICQoL") else { preconditionFailure("a key identifier") }
        let tenant = TenantID.random()
        let key = try SigningKey(id: id, tenant: tenant, secret: Secret(secret))
        let keys = KeyRing()
        keys.add(key)
        let format = TokenFormat(issuer: "finhub", audience: "finhub-api")
        let claims = AccessClaims(
            user: .random(),
            organization: .random(),
            tenant: tenant,
            roles: ["ADMIN"],
            issuedAt: now.seconds,
            expiresAt: now.seconds + 3_600,
            tokenID: "AAECAwQFBgcICQoLDA0ODw",
            session: .random(),
            userEpoch: 0,
            tenantEpoch: 0
        )
        let text = format.sign(claims, with: key).reveal()
        header = "Bearer " + text
        token = Array(text.utf8)
        signed = Array(text.utf8.prefix(text.utf8.count - 44))
        check = TokenCheck(format: format, keys: keys, revocations: RevocationList())
        self.now = now
        self.secret = SymmetricKey(data: secret)
        jwtKit = await JWTKeyCollection()
            .add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256, kid: JWKIdentifier(string: id.rawValue))
    }

    func secondsPerCheck(count: Int) throws -> Double {
        try seconds(count) { consume(try check.claims(fromAuthorization: header, now: now)) }
    }

    func secondsPerCode(count: Int) -> Double {
        seconds(count) { consume(HMAC<SHA256>.authenticationCode(for: signed, using: secret)) }
    }

    func secondsPerJWTKit(count: Int) async throws -> Double {
        let begun = ContinuousClock.now
        for _ in 0..<count { consume(try await jwtKit.verify(token, as: Payload.self)) }
        return (ContinuousClock.now - begun).seconds / Double(count)
    }

    private func seconds(_ count: Int, _ work: () throws -> Void) rethrows -> Double {
        let begun = ContinuousClock.now
        for _ in 0..<count { try work() }
        return (ContinuousClock.now - begun).seconds / Double(count)
    }
}

/// The claims as JWTKit reads them.
private struct Payload: JWTPayload {
    let iss: String
    let aud: String
    let sub: String
    let orgId: String
    let tenantId: String
    let roles: [String]
    let iat: Int64
    let exp: Int64
    let jti: String
    let sid: String
    let userType: String
    let tokenUse: String
    let userEpoch: Int64
    let tenantEpoch: Int64

    enum CodingKeys: String, CodingKey {
        case iss, aud, sub, orgId, tenantId, roles, iat, exp, jti, sid, userType, userEpoch, tenantEpoch
        case tokenUse = "token_use"
    }

    func verify(using _: some JWTAlgorithm) {}
}
