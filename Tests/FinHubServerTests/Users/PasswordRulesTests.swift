import FinHubAPI
import Foundation
import Testing

@testable import FinHubCore

@Suite("Password rules")
struct PasswordRulesTests {
    @Test(
        "a password that is quickly guessed is refused as too common",
        arguments: [
            "passwordpassword", "Password1234", "P4$$w0rd2026!", "qwertyuiop12", "1q2w3e4r5t6y7u", "123456789012",
            "aaaaaaaaaaaaaaaa", "abcabcabcabcabc", "AbCdEfGhIjKl", "Summer2026!!!", "iloveyou1999", "1qaz2wsx3edc",
            "letmeinletmein", "Welcome12345", "dragonmonkey77", "00000000000000", "changeme-changeme",
            "zaq12wsxzaq12wsx",
            "your_secure_password", "admin-admin-admin",
        ]
    )
    func common(_ password: String) throws {
        #expect(try objection(to: password) == .tooCommon)
    }

    @Test(
        "a password nobody guesses is taken, whatever it is made of",
        arguments: [
            "correct horse battery staple", "kW3$xQ9!mZ7p", "пароль не для чужих", "🐘🦊🍉🚲🎻🧵🪴🧊🔭🛶🎲🧭",
            "the cat sat on one grey windowsill", "dragon monkey pepper winter guitar london zebra",
            "\0\0x\u{1}q7 w–z9Kp",
        ]
    )
    func strong(_ password: String) throws {
        #expect(try objection(to: password) == nil)
    }

    @Test(
        "the user's, the tenant's and the product's own words count for nothing",
        arguments: [
            "grethe.halvorsen", "Halvorsen2026!", "grethe@nordfjord", "Nordfjord-Nordfjord", "finhubfinhub1",
            "n0rdfj0rd_b4nk!!", "tenant_nordfjord", "Grethe+Halvorsen1",
        ]
    )
    func ownWords(_ password: String) throws {
        #expect(try objection(to: password) == .ownWords)
        #expect(try objection(to: "Zv\(password)qP7-x9", userName: "somebody else", tenantName: "else") == nil)
    }

    @Test("the length counts code points, and a second factor makes up for a shorter one")
    func length() throws {
        let strong = "x7Kq!m2Zw9Rb"
        #expect(try objection(to: strong) == nil)
        #expect(try objection(to: String(strong.dropLast())) == .tooShort(shortest: 12))
        #expect(try objection(to: "x7Kq!m2Z", hasSecondFactor: true) == nil)
        #expect(try objection(to: "x7Kq!m2", hasSecondFactor: true) == .tooShort(shortest: 8))
        // Composed forms count: these are twelve code points however they are written.
        #expect(try objection(to: "äöüéèêñçåøïë".decomposed) == nil)
        #expect(try objection(to: "äöüéèêñçåøï".decomposed) == .tooShort(shortest: 12))
        let long = (0..<256).map { String(UnicodeScalar(0x4e00 + $0) ?? "x") }.joined()
        #expect(try objection(to: long) == nil)
        #expect(try objection(to: long + "x") == .tooLong)
    }

    @Test("PCI asks for letters and digits, and for twelve characters beside a second factor too")
    func pci() throws {
        #expect(try objection(to: "x7Kq!m2Zw9Rb", .pci) == nil)
        #expect(try objection(to: "xaKq!mbZwcRb", .pci) == .lettersAndDigitsMissing)
        #expect(try objection(to: "8305-2917-6648-1", .pci) == .lettersAndDigitsMissing)
        #expect(try objection(to: "x7Kq!m2Z", .pci, hasSecondFactor: true) == .tooShort(shortest: 12))
    }

    private func objection(
        to password: String,
        _ rules: PasswordRules = .nist,
        userName: String = "grethe.halvorsen@mail.example",
        tenantName: String = "Nordfjord Bank",
        hasSecondFactor: Bool = false
    ) throws -> PasswordObjection? {
        let slug = try #require(TenantSlug(rawValue: "tenant_" + tenantName.lowercased().prefix(4)))
        let tenant = Tenant(id: .random(), slug: slug, name: tenantName, complianceLevel: "NON_REGULATED")
        let owner = PasswordOwner(
            userName: userName,
            email: userName,
            tenant: tenant,
            hasSecondFactor: hasSecondFactor
        )
        return rules.objection(to: Secret(password), of: owner)
    }
}

extension String {
    fileprivate var decomposed: String { decomposedStringWithCanonicalMapping }
}
